"""Brings a database's schema up to date, as its owner."""

from __future__ import annotations

from django.core.management import call_command


def migrate(*, verbosity: int = 0) -> None:
    """Apply every migration over the owner's connection."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
