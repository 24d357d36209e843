"""Registers the charges' tables with Django."""

from django.apps import AppConfig


class ChargesConfig(AppConfig):
    name = "tahseel.charging.charges"
    label = "charges"
