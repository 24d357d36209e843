"""The product assembled, and two accounts with a debt between them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def papers(database: object) -> Any:
    from tests.integration.books.transfers import papers

    from tahseel.app import assembly

    assembly.assemble()
    return papers.build()
