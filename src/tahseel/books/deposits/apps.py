"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class DepositsConfig(AppConfig):
    name = "tahseel.books.deposits"
    label = "deposits"
