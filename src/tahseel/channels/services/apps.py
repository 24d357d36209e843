"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "tahseel.channels.services"
    label = "services"
