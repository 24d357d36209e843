"""A run is tried on a page: what it would do, by name, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tahseel.charging.billing import queries

PAGE = "/desk/bills/runs/preview/"
TABLES = ("billing_bill", "billing_run", "billing_held", "billing_parked", "ledger_entry")


def counts() -> list[int]:
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select count(*) from {table}")
            found.append(int(cursor.fetchone()[0]))
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [("ar", ("جرّب دورة فوترة", "معلّق")), ("en", ("Try a run", "Parked"))],
)
def test_a_month_without_reads_would_park_everybody_by_name_and_writes_nothing(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    month, before = queries.runs()[0].month.next(), counts()

    shown = sign_in("revenue_manager", language=language).get(f"{PAGE}?month={month}")

    text = shown.content.decode()
    assert all(word in text for word in words)
    assert world.number(world.resident) in text
    assert counts() == before


def test_a_list_of_accounts_is_tried_alone(sign_in: Any, world: Any) -> None:
    month, number = queries.runs()[0].month.next(), world.number(world.resident)
    manager = sign_in("revenue_manager", language="en")

    text = manager.get(f"{PAGE}?month={month}&numbers={number}").content.decode()

    assert text.count('data-label="What would become of it"') == 1


@pytest.mark.parametrize("asked", ["month=moon", "month=2026-07&numbers=000"])
def test_what_cannot_be_tried_is_refused_with_words(sign_in: Any, world: Any, asked: str) -> None:
    text = sign_in("revenue_manager", language="en").get(f"{PAGE}?{asked}").content.decode()

    assert "Give a month such as 2026-07." in text or "No account has these numbers: 000" in text
    assert 'id="named"' not in text


def test_more_accounts_than_a_page_waits_for_are_refused(
    sign_in: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tahseel.channels.accounts.previewing.ACCOUNTS_MAX", 0)

    text = sign_in("revenue_manager", language="en").get(f"{PAGE}?month=2026-07").content.decode()

    assert "choose a governorate" in text


def test_a_clerk_and_a_customer_may_not_try_a_run(sign_in: Any, world: Any) -> None:
    assert sign_in("clerk").get(PAGE).status_code == 403
    assert sign_in("resident").get(PAGE).status_code == 403
