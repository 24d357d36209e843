"""A town with its flats and tenants, for deposits."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def town(database: object) -> Any:
    """An empty town with two areas."""
    from tests.integration.registry import town

    return town.found()
