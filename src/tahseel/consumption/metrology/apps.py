"""Registers the tables of metrology with Django."""

from django.apps import AppConfig


class MetrologyConfig(AppConfig):
    name = "tahseel.consumption.metrology"
    label = "metrology"
