"""Cycles, routes and what a dial should show."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.field import rules
from tahseel.consumption.field.rules import cycles as cycle_rules
from tahseel.consumption.field.rules import dials
from tahseel.consumption.field.rules.dials import Judgement
from tahseel.consumption.field.values import Cycle, Dial, Expecting, Placed, Seen, Span
from tahseel.countries.kuwait import country
from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import DialUnit

AT = datetime(2026, 6, 10, 9, tzinfo=UTC)
WEEK = WorkingCalendar(frozenset({4, 5}), frozenset({date(2026, 6, 1)}))
BY = Expecting(14, 2, 7, 50, 150, {Service.ELECTRICITY: 5_000, Service.WATER: 400})
DIAL = Dial("1.8.0", DialUnit.KWH, 5, 0, None, None)


def point(number: int) -> UUID:
    return UUID(int=number + 1)


def test_each_area_of_the_country_has_one_cycle() -> None:
    policy = rules.load_policy(country.content("field"))

    for area in country.data("areas")["area"]:
        found = rules.cycle_of(
            area=area["code"], governorate=area["governorate"], cycles=policy.cycles
        )
        assert found.working_days


def test_an_area_that_a_cycle_names_leaves_the_cycle_of_its_governorate() -> None:
    first = Cycle("a", "", "", frozenset({"hawalli"}), frozenset(), (1,))
    second = Cycle("b", "", "", frozenset(), frozenset({"salmiya"}), (9,))

    by_area = rules.cycle_of(area="salmiya", governorate="hawalli", cycles=(first, second))
    by_governorate = rules.cycle_of(area="jabriya", governorate="hawalli", cycles=(first, second))

    assert (by_area, by_governorate) == (second, first)
    with pytest.raises(LookupError):
        rules.cycle_of(area="x", governorate="y", cycles=(first, second))


@given(st.integers(1, 23), st.integers(1, 12))
def test_a_working_day_of_a_month_is_found_as_by_counting(working_day: int, month: int) -> None:
    asked = BillingMonth(2026, month)
    days = [day for day in asked.period if WEEK.is_working_day(day)]

    found = rules.due_day(month=asked, working_day=working_day, calendar=WEEK)

    assert found == days[min(working_day, len(days)) - 1]


def test_routes_of_an_area_take_turns_among_the_days_of_the_cycle() -> None:
    cycle = Cycle("a", "", "", frozenset(), frozenset(), (3, 4, 9))

    assert [rules.turn(cycle=cycle, number=n) for n in (1, 2, 3, 4)] == [3, 4, 9, 3]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"stops_max = 120", b"stops_max = 0"),
        (b"stops_max = 120", b"stops_max = 401"),
        (b"[1, 2, 3, 4, 5, 6, 7]", b"[]"),
        (b"[1, 2, 3, 4, 5, 6, 7]", b"[0]"),
        (b'["ahmadi", "jahra"]', b'["ahmadi", "capital"]'),
        (b"high_percent = 150", b"high_percent = 99"),
        (b"spans_min = 2", b"spans_min = 0"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(before: bytes, after: bytes) -> None:
    content = country.content("field")
    assert before in content

    with pytest.raises(ValueError, match=r"\w"):
        cycle_rules.load_policy(content.replace(before, after, 1))


@given(
    st.lists(st.integers(0, 200), unique=True, max_size=60),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
    st.integers(0, 5),
)
def test_every_meter_stands_on_one_route_however_a_town_grows(
    numbers: list[int], stops_max: int, chance: random.Random, years: int
) -> None:
    ids = iter(range(10_000, 99_999))
    routes: dict[UUID, list[UUID]] = {}
    chance.shuffle(numbers)
    for year in range(years + 1):
        built = sorted(numbers[: (year + 1) * len(numbers) // (years + 1)])
        where = {one: route for route, order in routes.items() for one in order}
        before = {route: list(order) for route, order in routes.items()}

        changed = rules.lay(
            routes=routes,
            points=[Placed(point(n), where.get(point(n))) for n in built],
            stops_max=stops_max,
            new_id=lambda: UUID(int=next(ids)),
        )
        routes = {**routes, **changed}

        stand = [one for order in routes.values() for one in order]
        assert sorted(stand) == sorted(map(point, built))
        assert all(0 < len(order) <= stops_max for order in routes.values())
        for route, order in before.items():
            assert [one for one in routes[route] if one in order] == order


def test_a_new_meter_comes_behind_its_neighbour() -> None:
    street = UUID(int=7_000)
    points = [Placed(point(n), None if n == 1 else street) for n in range(3)]

    changed = rules.lay(
        routes={street: [point(0), point(2)]}, points=points, stops_max=3, new_id=UUID
    )

    assert changed == {street: [point(0), point(1), point(2)]}


def test_a_street_is_laid_in_the_order_of_its_addresses() -> None:
    ids = iter(range(500, 600))
    changed = rules.lay(
        routes={},
        points=[Placed(point(n), None) for n in range(5)],
        stops_max=2,
        new_id=lambda: UUID(int=next(ids)),
    )

    assert list(changed.values()) == [
        [point(0), point(1)],
        [point(2), point(3)],
        [point(4)],
    ]


@given(st.integers(1, 7), st.integers(0, 3), st.data(), st.sampled_from(DialUnit))
def test_what_a_dial_shows_comes_back_as_it_was_read(
    digits: int, decimals: int, data: st.DataObject, unit: DialUnit
) -> None:
    decimals = 0 if unit is DialUnit.IMPERIAL_GALLON else decimals  # litres are kept whole
    dial = Dial("1", unit, digits, decimals, None, None)
    count = data.draw(st.integers(0, 10 ** (digits + decimals) - 1))
    whole, part = divmod(count, 10**decimals)
    text = str(whole).zfill(digits) + (f".{part:0{decimals}d}" if decimals else "")

    assert rules.shown(rules.base_of(text, dial), dial) == text


@pytest.mark.parametrize("text", ["100000", "-1", "1.5", "1e9", "", "٣x", "NaN", "inf"])
def test_what_the_dial_cannot_show_is_no_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"dial"):
        rules.base_of(text, DIAL)


def steady(days: int, a_day: int, count: int) -> list[Seen]:
    return [
        Seen(AT - timedelta(days=days * (count - n)), 1_000_000 + a_day * days * n)
        for n in range(count)
    ]


def test_a_steady_meter_is_expected_around_its_use() -> None:
    reads = steady(30, 20_000, 6)

    span = rules.expected(reads=reads, at=AT, size=10**8, service=Service.ELECTRICITY, by=BY)

    assert span == Span(30 * 20_000 // 2, 30 * 20_000 * 3 // 2)


def test_an_empty_flat_may_use_a_little() -> None:
    reads = steady(30, 0, 6)

    span = rules.expected(reads=reads, at=AT, size=10**8, service=Service.WATER, by=BY)

    assert span == Span(0, 400 * 30)


def test_of_a_meter_without_a_history_nothing_is_expected() -> None:
    for count in (1, 2):
        reads = steady(30, 20_000, count)
        assert rules.expected(reads=reads, at=AT, size=10**8, service=Service.WATER, by=BY) is None
    close = [Seen(AT - timedelta(days=n), 5) for n in (3, 2, 1)]
    assert rules.expected(reads=close, at=AT, size=10**8, service=Service.WATER, by=BY) is None


@given(st.integers(0, 99_999_999), st.integers(0, 99_999_999), st.integers(0, 50_000_000))
def test_a_value_is_judged_as_by_walking_the_dial(last: int, value: int, high: int) -> None:
    size = 100_000_000
    dial = replace(DIAL, last=Seen(AT, last), expected=Span(high // 3, high))

    judged = rules.judge(value, dial)

    moved = (value - last) % size
    if value < last and moved > size // 2:
        assert judged is Judgement.WENT_BACK
    elif high // 3 <= moved <= high:
        assert judged is Judgement.FINE
    else:
        assert judged is Judgement.OUT_OF_RANGE


def test_a_dial_that_began_again_at_zero_is_fine() -> None:
    dial = replace(DIAL, last=Seen(AT, 99_990_000), expected=Span(0, 30_000))

    assert rules.judge(15_000, dial) is Judgement.FINE
    assert rules.range_shown(dial) == ("99990", "00020")
    assert dials.modulus(DIAL) == 100_000_000
