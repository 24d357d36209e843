"""The change against last year, in percent with one decimal."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.channels.cockpit import views
from tahseel.channels.cockpit.queries import Channel, Collection
from tahseel.kernel.money import Money
from tahseel.kernel.period import FiscalYear


def collection(now: int, before: int) -> Collection:
    channels = (
        Channel("online", Money(now // 2), Money(0)),
        Channel("counter", Money(now - now // 2), Money(0)),
    )
    return Collection(
        FiscalYear(2026), date(2026, 11, 23), Money(now), Money(before), (), (), (), channels
    )


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        (1_100, 1_000, "+10.0%"),
        (995, 1_000, "-0.5%"),
        (1_000, 1_000, "0.0%"),
        (2_056, 1_217, "+68.9%"),
        (500, 0, ""),
    ],
)
def test_the_change_has_its_sign_and_nothing_stands_for_no_last_year(
    now: int, before: int, shown: str
) -> None:
    assert views._change(collection(now, before)) == shown


def test_a_counter_is_not_electronic() -> None:
    assert collection(900, 0).electronic == Money(450)
