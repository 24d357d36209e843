"""Registers the claims' tables with Django."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "tahseel.books.claims"
    label = "claims"
