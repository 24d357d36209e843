"""Registers the bills' tables with Django."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "tahseel.charging.billing"
    label = "billing"
