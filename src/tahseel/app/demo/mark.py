"""The mark that a demonstration leaves in its database, so that it never wipes another's data."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from tahseel.app import paths

TABLE = "demo_mark"


def is_foreign() -> bool:
    """True for a database with accounts that no demonstration made."""
    return _exists("supply_account") and not _exists(TABLE) and _has_rows("supply_account")


def lake_is_elsewhere() -> bool:
    """True for a lake that is not this installation's own folder: what lies there is not ours."""
    return (
        "://" in settings.LAKE or paths.var().resolve() not in Path(settings.LAKE).resolve().parents
    )


def make() -> None:
    """Mark the database, as its owner."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"create table if not exists {TABLE} (made boolean not null default true)")


def _exists(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", [table])
        row = cursor.fetchone()
    return bool(row and row[0])


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select 1 from {table})")  # noqa: S608 - our own table
        row = cursor.fetchone()
    return bool(row and row[0])
