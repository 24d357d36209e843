"""Registers the sales' tables with Django."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "tahseel.charging.sales"
    label = "sales"
