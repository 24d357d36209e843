"""Registers notices of debt with Django."""

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "tahseel.recovery.collections"
    label = "collections"
