"""Registers the audit log with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tahseel.trust.audit"
    label = "audit"
