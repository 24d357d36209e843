"""Registers the slice's tables with Django."""

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "tahseel.books.transfers"
    label = "transfers"
