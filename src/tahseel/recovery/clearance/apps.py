"""Registers holds and releases with Django."""

from django.apps import AppConfig


class ClearanceConfig(AppConfig):
    name = "tahseel.recovery.clearance"
    label = "clearance"
