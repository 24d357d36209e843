"""What invented meters show: dials that run, roll over, and add up to the yearly figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.app.demo import usage
from tahseel.app.demo.places import DIAL_MODULUS, MeterPlan, Places
from tahseel.app.demo.usage import Usage
from tahseel.app.demo.values import Chance, Plan
from tahseel.kernel.period import BillingMonth, months_between
from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import UnitKind

ELECTRICITY, WATER = Service.ELECTRICITY, Service.WATER
LITRES_PER_GALLON = 4.54609


def meter(service: Service, opening: int) -> MeterPlan:
    return MeterPlan(UUID(int=1), "KE1", "1.8.0", service, UnitKind.VILLA, opening)


def dialled(meters: list[MeterPlan], advance: list[list[int]]) -> Usage:
    months = months_between(BillingMonth(2025, 4), BillingMonth(2025, 4 + len(advance[0])))
    dials = usage.running(meters, np.array(advance, np.int64))
    return Usage(meters=tuple(meters), months=tuple(months), dials=dials)


def test_a_dial_starts_at_its_opening_and_goes_on_by_each_month() -> None:
    found = dialled([meter(ELECTRICITY, 5_000)], [[1_000, 0, 2_000]])

    assert found.dials.tolist() == [[5_000, 6_000, 6_000, 8_000]]


def test_a_dial_rolls_over_at_its_last_digit() -> None:
    top = DIAL_MODULUS[WATER]

    found = dialled([meter(WATER, top - 1_000)], [[1_500, 10]])

    assert found.dials.tolist() == [[top - 1_000, 500, 510]]
    assert usage.advances(found).tolist() == [[1_500, 10]]


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(list(Service)),
            st.integers(0, 10**8 - 1),
            st.lists(st.integers(0, 10**8 - 1), min_size=4, max_size=4),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_advances_are_what_was_run_through_any_roll_over(
    rows: list[tuple[Service, int, list[int]]],
) -> None:
    found = dialled([meter(s, opening) for s, opening, _ in rows], [moved for *_, moved in rows])

    assert usage.advances(found).tolist() == [moved for *_, moved in rows]
    assert all(
        0 <= dial < DIAL_MODULUS[m.service]
        for m, dials in zip(found.meters, found.dials.tolist(), strict=True)
        for dial in dials
    )


@pytest.fixture
def drawn(plan: Plan, settle: Callable[[Plan], Places], data: Any) -> Usage:
    """A whole year of a country's meters."""
    built = settle(Plan(2_000, plan.seed, plan.as_of))
    months = months_between(BillingMonth(2025, 4), BillingMonth(2026, 4))
    return usage.draw(homes=built.homes, months=months, chance=Chance(plan.seed), data=data)


@pytest.mark.parametrize(
    ("service", "kind", "units"),
    [
        (ELECTRICITY, UnitKind.VILLA, 1_000),
        (ELECTRICITY, UnitKind.FLAT, 1_000),
        (WATER, UnitKind.VILLA, LITRES_PER_GALLON),
    ],
)
def test_a_year_of_a_kind_of_home_is_near_its_yearly_figure(
    drawn: Usage, data: Any, service: Service, kind: UnitKind, units: float
) -> None:
    rows = [m.service == service and m.unit_kind == kind for m in drawn.meters]

    mean = usage.advances(drawn)[rows].sum(axis=1).mean() / units

    assert sum(rows) > 40
    assert mean == pytest.approx(data[service.value][kind.value], rel=0.15)


def test_august_uses_more_than_twice_what_february_uses(drawn: Usage) -> None:
    electric = [m.service == ELECTRICITY for m in drawn.meters]
    moved = usage.advances(drawn)[electric].sum(axis=0)
    by_month = {month.month: int(sum_) for month, sum_ in zip(drawn.months, moved, strict=True)}

    assert by_month[8] == max(by_month.values())
    assert by_month[2] == min(by_month.values())
    assert by_month[8] > 2 * by_month[2]


def test_dials_show_whole_kilowatt_hours_and_nobody_uses_nothing(drawn: Usage) -> None:
    electric = np.array([m.service == ELECTRICITY for m in drawn.meters])

    assert (drawn.dials[electric] % 1_000 == 0).all()
    assert (usage.advances(drawn) > 0).all()


def test_no_month_moves_a_dial_a_whole_turn(drawn: Usage) -> None:
    modulus = np.array([DIAL_MODULUS[m.service] for m in drawn.meters])

    assert (usage.advances(drawn).max(axis=1) * 2 < modulus).all()


def test_households_differ_from_each_other(drawn: Usage) -> None:
    villas = [m.service == ELECTRICITY and m.unit_kind == UnitKind.VILLA for m in drawn.meters]
    years = usage.advances(drawn)[villas].sum(axis=1)

    assert years.max() > 2 * years.min()


def test_the_seed_decides_what_meters_show(
    plan: Plan, settle: Callable[[Plan], Places], data: Any
) -> None:
    homes = settle(plan).homes

    def dials(seed: int) -> list[list[int]]:
        found = usage.draw(homes=homes, months=plan.months, chance=Chance(seed), data=data)
        return found.dials.tolist()  # type: ignore[no-any-return]

    assert dials(5) == dials(5)
    assert dials(5) != dials(6)
