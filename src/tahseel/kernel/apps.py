"""Registers the kernel's two tables-with-a-purpose, the outbox and idempotency, with Django."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "tahseel.kernel"
    label = "kernel"
