"""The pages of parallel runs: what was compared, by cause and bill by bill, in both languages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.values import OldLine
from tahseel.kernel.actor import system
from tahseel.kernel.money import Money

PAGE = "/desk/bills/comparisons/"


def made(world: Any) -> UUID:
    """A parallel run with one charge of the old system that nobody here knows."""
    month = queries.runs()[0].month
    stranger = OldLine(2, "L-77", None, None, Money(7_250))
    operations.compare(
        actor=system("test"), at=world.now, month=month, system="legacy", old=[stranger]
    )
    return queries.comparisons()[0].id


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("تشغيل متوازٍ", "الفرق مفسَّر بالفلس", "غير موجودة لدينا")),
        ("en", ("Parallel runs", "Explained to the fils", "Missing here")),
    ],
)
def test_a_comparison_tells_its_causes_and_its_bills(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    one = made(world)
    clerk = sign_in("clerk", language=language)

    listed = clerk.get(PAGE).content.decode()
    shown = clerk.get(f"{PAGE}{one}/").content.decode()

    assert f"{PAGE}{one}/" in listed
    assert "legacy" in listed
    assert all(word in shown for word in words)
    assert "7.250" in shown
    assert "L-77" in shown
    assert 'href="/desk/accounts/L-77/"' not in shown
    assert PAGE in clerk.get("/desk/bills/runs/").content.decode()


def test_a_comparison_that_is_none_is_not_found(sign_in: Any, world: Any) -> None:
    missing = "018f7e3a-7c00-8000-8000-000000000000"

    assert sign_in("clerk").get(f"{PAGE}{missing}/").status_code == 404


def test_who_keeps_no_accounts_sees_no_comparison(sign_in: Any, world: Any) -> None:
    one = made(world)

    assert sign_in("exit_officer").get(PAGE).status_code == 403
    assert sign_in("exit_officer").get(f"{PAGE}{one}/").status_code == 403
