"""Registers the tables of reading in the field with Django."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "tahseel.consumption.field"
    label = "field"
