"""Whoever is liable on a day owes what was used on it, and the parts make the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from tahseel.charging.billing import parting
from tahseel.charging.billing.values import Piece
from tahseel.consumption.readings.profiles import Profile
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.period import BillingMonth, Period, local_day, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.supply.values import (
    BillableAccount,
    Capacity,
    LiabilitySpan,
    MeterAt,
    Vacancy,
)

MONTH = BillingMonth(2026, 6)
FIRST, END = MONTH.period.start, MONTH.period.end
ROOT = UUID(int=7)
ACCOUNT = uuid5(ROOT, "account")
METERS = [uuid5(ROOT, "meter-0"), uuid5(ROOT, "meter-1")]
PEOPLE = [uuid5(ROOT, "a"), uuid5(ROOT, "b"), None]


def account(changes: list[tuple[int, UUID | None]]) -> BillableAccount:
    """An account of the month whose liable party changes on some of its days."""
    ends = [FIRST + timedelta(days=day) for day, _ in changes[1:]]
    links = tuple(
        LiabilitySpan(
            uuid5(ROOT, f"link-{day}"), ACCOUNT, who,
            Capacity.TENANT if who else Capacity.VACANT,
            None if who else Vacancy.NOT_OCCUPIED,
            FIRST + timedelta(days=day), until,
        )
        for (day, who), until in zip(changes, [*ends, None], strict=True)
    )  # fmt: skip
    meters = tuple(
        MeterAt(one, "S", Service.ELECTRICITY, uuid5(ROOT, "point"), FIRST, END) for one in METERS
    )
    return BillableAccount(
        ACCOUNT, "1", uuid5(ROOT, "unit"), "g", "a", FIRST, END, (), links, meters,
        frozenset({Service.ELECTRICITY}),
    )  # fmt: skip


def used(meter: UUID, quantity: int, period: Period) -> Determinant:
    return Determinant(
        ACCOUNT, meter, MONTH, 1, Service.ELECTRICITY, quantity, Method.REGISTER,
        start_of(period.start), start_of(period.end), 5, 5 + quantity, period.days, Decimal(0),
    )  # fmt: skip


def liable(of: BillableAccount, day: date) -> UUID | None:
    """The obvious reference: the one link that holds the day."""
    [link] = [one for one in of.liabilities if day in one]
    return link.customer_id


def days_of(piece: Piece) -> list[date]:
    return list(Period(piece.account.from_day, piece.account.until_day))


@st.composite
def cases(draw: st.DrawFn) -> tuple[BillableAccount, list[Determinant], dict[Any, Any]]:
    days = sorted({0, *draw(st.lists(st.integers(1, MONTH.period.days - 1), max_size=4))})
    made = account([(day, draw(st.sampled_from(PEOPLE))) for day in days])
    wholes = []
    for meter in METERS:
        hung = draw(st.integers(0, MONTH.period.days - 1))
        period = Period(FIRST + timedelta(days=hung), END)
        wholes.append(used(meter, draw(st.integers(0, 10_000_000)), period))
    measured: dict[Any, list[Determinant]] = {}
    for span in parting.periods(made):
        for whole in wholes:
            common = span.overlap(Period(local_day(whole.from_at), END))
            if common is not None and draw(st.booleans()):
                part = used(whole.meter_id, draw(st.integers(0, 10_000_000)), common)
                measured.setdefault((ACCOUNT, span), []).append(part)
    return made, wholes, measured


@given(cases())
def test_every_unit_of_use_is_owed_by_whoever_was_liable_on_its_day(case: Any) -> None:
    made, wholes, measured = case

    pieces = parting.pieces(made, wholes, measured)

    assert [day for piece in pieces for day in days_of(piece)] == list(Period(FIRST, END))
    for piece in pieces:
        assert {liable(made, day) for day in days_of(piece)} == {piece.account.payer_id}
        for part in piece.determinants:
            assert piece.account.from_day <= local_day(part.from_at)
            assert local_day(part.to_at) <= piece.account.until_day or len(pieces) == 1
            assert part.quantity >= 0
    for whole in wholes:
        parts = [d for piece in pieces for d in piece.determinants if d.meter_id == whole.meter_id]
        assert sum(part.quantity for part in parts) == whole.quantity
        assert sum(part.days for part in parts) == whole.days


def test_what_was_read_on_the_day_of_the_change_decides_and_is_no_estimate() -> None:
    made = account([(0, PEOPLE[0]), (10, PEOPLE[1])])
    before, after = parting.periods(made)
    whole = used(METERS[0], 1_000, Period(FIRST, END))
    measured = {
        (ACCOUNT, before): [used(METERS[0], 900, before)],
        (ACCOUNT, after): [used(METERS[0], 100, after)],
    }

    pieces = parting.pieces(made, [whole], measured)

    assert [piece.determinants[0].quantity for piece in pieces] == [900, 100]
    assert {piece.determinants[0].method for piece in pieces} == {Method.REGISTER}


def test_without_a_read_the_days_decide_and_it_is_told_as_an_estimate() -> None:
    made = account([(0, PEOPLE[0]), (10, PEOPLE[1])])
    whole = used(METERS[0], 1_000, Period(FIRST, END))

    pieces = parting.pieces(made, [whole], {})

    assert [piece.determinants[0].quantity for piece in pieces] == [333, 667]
    assert {piece.determinants[0].method for piece in pieces} == {Method.ESTIMATED}


def test_a_part_that_is_spread_tells_no_demand_and_no_bands_of_the_whole() -> None:
    made = account([(0, PEOPLE[0]), (10, PEOPLE[1])])
    shape = Profile(7_000, "set", (("rest", 600), ("peak", 400)), 1, 3600, 20)
    whole = replace(used(METERS[0], 1_000, MONTH.period), profile=shape)

    parted = parting.pieces(made, [whole], {})
    alone = parting.pieces(account([(0, PEOPLE[0])]), [whole], {})

    assert [[one.profile for one in piece.determinants] for piece in parted] == [[None], [None]]
    assert alone[0].determinants[0].profile == shape


def test_a_change_of_capacity_alone_parts_nothing() -> None:
    made = account([(0, PEOPLE[0]), (10, PEOPLE[0])])
    whole = used(METERS[0], 1_000, Period(FIRST, END))

    [piece] = parting.pieces(made, [whole], {})

    assert piece.determinants == (whole,)
