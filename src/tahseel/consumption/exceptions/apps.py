"""Registers the tables of exceptions with Django."""

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    name = "tahseel.consumption.exceptions"
    label = "exceptions"
