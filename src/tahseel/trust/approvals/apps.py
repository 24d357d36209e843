"""Registers maker-checker with Django."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "tahseel.trust.approvals"
    label = "approvals"
