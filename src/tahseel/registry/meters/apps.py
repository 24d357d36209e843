"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class MetersConfig(AppConfig):
    name = "tahseel.registry.meters"
    label = "meters"
