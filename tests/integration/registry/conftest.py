"""A small town for the registry's tests, and the audit leaves that it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def town(database: object) -> Any:
    """An empty town with two areas (see `town.py`)."""
    from tests.integration.registry import town

    return town.found()


@pytest.fixture
def leaves(database: object) -> Callable[[], list[dict[str, Any]]]:
    """Reads every audit leaf so far, oldest first."""
    from django.db import connection

    def read() -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute("select body from audit_leaf order by ctid")
            return [json.loads(bytes(row[0])) for row in cursor.fetchall()]

    return read
