"""The home page's figures against sums made by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.channels.world import received

from tahseel.books.claims import queries as claims
from tahseel.channels.cockpit import queries
from tahseel.kernel.period import FiscalYear, same_day_last_year


def test_the_same_days_of_both_years_are_compared(world: Any) -> None:
    year = FiscalYear.of(world.today)
    before = same_day_last_year(world.today)
    found = queries.collection(as_of=world.today)
    received(world, world.neighbour, 5_000, world.today, "knet")
    received(world, world.neighbour, 700, year.period.start, "bank_transfer")
    received(world, world.neighbour, 2_000, before, "cash")
    received(world, world.neighbour, 30, year.previous().period.start, "knet")
    received(world, world.neighbour, 9, date(year.start_year - 1, 3, 31), "cash")

    after = queries.collection(as_of=world.today)

    assert (after.collected - found.collected).fils == 5_700
    assert (after.before - found.before).fils == 2_030
    shown = [m.fils for m in after.by_month if m is not None]
    assert sum(shown) == after.collected.fils
    assert after.by_month[shown.__len__() :] == (None,) * (12 - len(shown))
    assert sum(c.collected.fils for c in after.channels) == after.collected.fils
    assert (after.electronic - found.electronic).fils == 5_700
    assert [c.code for c in after.channels] == ["online", "counter", "bank"]


def test_what_is_overdue_and_who_is_held_are_sums(world: Any) -> None:
    owed = claims.open_claims(world.accounts[world.resident])
    late = sum(c.payable.fils for c in owed if c.is_overdue(world.today))

    found = queries.recovery(as_of=world.today)

    assert (found.overdue.fils, found.debtors, found.held) == (late, 1, 1)


def test_the_home_page_is_open_and_tells_of_nobody(world: Any, sign_in: Any) -> None:
    for language, word in (("ar", "المحصّل منذ 1 أبريل"), ("en", "Collected since 1 April")):
        page = sign_in(language=language).get("/")
        text = page.content.decode()
        assert page.status_code == 200
        assert word in text
        assert "Kumar" not in text
        assert "كومار" not in text
        assert world.number(world.resident) not in text
