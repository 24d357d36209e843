"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "tahseel.registry.supply"
    label = "supply"
