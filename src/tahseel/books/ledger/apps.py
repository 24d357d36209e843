"""Registers the ledger's tables with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tahseel.books.ledger"
    label = "ledger"
