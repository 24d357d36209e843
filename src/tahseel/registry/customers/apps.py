"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "tahseel.registry.customers"
    label = "customers"
