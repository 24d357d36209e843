"""Which days belong together, and what a quantity puts at risk."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tahseel.charging.billing import events as billing_events
from tahseel.consumption.exceptions import consumers, rules
from tahseel.consumption.exceptions.values import MACHINE, Price, State
from tahseel.kernel.ids import new_id
from tahseel.kernel.outbox import Event
from tahseel.kernel.period import start_of

FIRST = date(2026, 5, 1)
AT = start_of(FIRST)

named = st.sets(st.integers(0, 40)).map(sorted)


@given(named)
def test_runs_are_whole_apart_and_lose_nothing(days: list[int]) -> None:
    dates = [FIRST + timedelta(days=day) for day in days]
    amounts, versions = [day * 7 + 1 for day in days], [day % 5 for day in days]

    found = rules.runs(days=dates, amounts=amounts, versions=versions)

    assert [day for run in found for day in run.days] == dates
    assert sum(run.quantity for run in found) == sum(amounts)
    assert all(a.days.end < b.days.start for a, b in pairwise(found))
    assert max((run.version for run in found), default=0) == max(versions, default=0)


@given(st.integers(0, 10**12), st.integers(0, 10**9), st.integers(1, 10**12))
def test_money_at_risk_is_the_exact_share_rounded_half_up(
    quantity: int, fils: int, of: int
) -> None:
    exact = Fraction(quantity * fils, of)

    found = rules.at_risk(quantity, Price(fils, of))

    assert found.fils == (exact + Fraction(1, 2)).__floor__()


def told(month: str, *prices: list[object]) -> Event:
    facts = {"month": month, "prices": list(prices)}
    return Event(1, new_id(AT), AT, billing_events.AVERAGED, month, None, facts)


def test_of_two_prices_of_an_account_the_later_month_stands() -> None:
    later = told("2026-05", ["a", "electricity", 100, 200])
    batch = [later, told("2026-04", ["a", "electricity", 9, 9])]

    assert consumers.told(batch) == [("a", "electricity", 2026 * 12 + 4, 100, 200)]


def test_an_exception_that_was_closed_is_closed_for_good() -> None:
    assert MACHINE.reachable() == frozenset(State)
    assert all(MACHINE.is_final(state) for state in State if state is not State.OPEN)
