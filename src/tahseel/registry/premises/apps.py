"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class PremisesConfig(AppConfig):
    name = "tahseel.registry.premises"
    label = "premises"
