"""Registers users, roles and their tables with Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tahseel.trust.access"
    label = "access"
