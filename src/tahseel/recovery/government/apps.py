"""Registers agreements with Django."""

from django.apps import AppConfig


class GovernmentConfig(AppConfig):
    name = "tahseel.recovery.government"
    label = "government"
