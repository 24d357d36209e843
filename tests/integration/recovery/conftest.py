"""The country installed in a fresh database, and the story's steps over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def town(database: Any) -> Any:
    from tests.integration.recovery import story

    from tahseel.books.ledger import rules as ledger_rules
    from tahseel.books.payments import facilities
    from tahseel.books.payments import rules as payments_rules
    from tahseel.countries.kuwait import country
    from tahseel.kernel import secrets
    from tahseel.trust.notices import rules as notices_rules
    from tahseel.trust.notices import values as notices_values

    country.install()
    ledger_rules.install_chart(
        ledger_rules.load_chart((country.FOLDER / "chart.toml").read_bytes())
    )
    notices_values.install_channels(notices_rules.load_channels(country.data("channels")))
    tenders = payments_rules.load_tenders((country.FOLDER / "tenders.toml").read_bytes())
    facilities.install(facilities.Facilities({}, {t.code: t for t in tenders}, "http://127.0.0.1"))
    secrets.install_keys(secrets.KeyRing.generate())
    return story.Town()


@pytest.fixture
def link(town: Any, tmp_path: Path) -> Iterator[Any]:
    from tests.integration.recovery import story

    made = story.Link(town, tmp_path / "replica")
    yield made
    made.writer.close()
