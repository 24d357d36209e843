"""Registers the tables of readings with Django."""

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "tahseel.consumption.readings"
    label = "readings"
