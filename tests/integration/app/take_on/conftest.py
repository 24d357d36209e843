"""An old system's export, small and clean, and the ways to look at what a take-on did."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from simulators.old_system.export import export

ACCOUNTS = 240
# What a take-on leaves behind by itself, and what only the machinery writes.
BESIDE = frozenset({"audit_leaf", "audit_pending", "app_take_on_run", "app_take_on_fault"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean export of a small town."""
    export(tmp_path / "export", accounts=ACCOUNTS)
    return tmp_path / "export"


@pytest.fixture
def raw_files(tmp_path: Path, settings_changed: Any) -> Path:
    """Where this test keeps raw files."""
    settings_changed("RAW_FILES", tmp_path / "raw")
    return tmp_path / "raw"


@pytest.fixture
def settings_changed() -> Iterator[Callable[[str, Any], None]]:
    """Changes a setting of Django for one test."""
    from django.conf import settings

    before: dict[str, Any] = {}

    def change(name: str, value: Any) -> None:
        before.setdefault(name, getattr(settings, name))
        setattr(settings, name, value)

    yield change
    for name, value in before.items():
        setattr(settings, name, value)


@pytest.fixture
def counts(database: object) -> Callable[[], dict[str, int]]:
    """How many rows every table has; empty ones are left out."""
    from django.db import connection

    def read() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select tablename from pg_tables where schemaname = 'public'"
                " and tablename not like 'django\\_%' and tablename not like 'auth\\_%'"
            )
            tables = [row[0] for row in cursor.fetchall()]
            found = {}
            for table in tables:
                cursor.execute(f"select count(*) from {table}")
                found[table] = cursor.fetchone()[0]
        return {table: count for table, count in found.items() if count}

    return read


@pytest.fixture
def leaves(database: object) -> Callable[[str], list[dict[str, Any]]]:
    """Reads the audit leaves of one action."""
    from django.db import connection

    def read(action: str) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute("select body from audit_leaf order by ctid")
            bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
        return [body for body in bodies if body["action"] == action]

    return read
