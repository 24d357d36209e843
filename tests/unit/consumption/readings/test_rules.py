"""Dials, boundaries, estimates, redating and what of a channel can be used."""

from __future__ import annotations

from array import array
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import rules
from tahseel.consumption.readings.rules import Dial
from tahseel.consumption.readings.values import Channel, Kind
from tahseel.kernel.period import start_of
from tahseel.kernel.quantity import Service

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def channel(starts: list[int], durations: list[int], values: list[int], **facts: object) -> Channel:
    kept: dict[str, object] = {
        "service": "electricity", "unit": "Wh", "kind": Kind.IMPORT, "scale": Fraction(1),
    }  # fmt: skip
    return Channel(
        "c", "p", "", "E1",
        starts=array("q", starts), durations=array("q", durations), mantissas=values,
        flags=bytearray(len(starts)), lines=array("q", range(len(starts))),
        **{**kept, **facts},  # type: ignore[arg-type]
    )  # fmt: skip


@given(first=st.integers(0, 99_999), used=st.integers(0, 50_000))
def test_a_dial_advances_by_what_was_used_also_over_its_last_digit(first: int, used: int) -> None:
    assert rules.advance(first, (first + used) % 100_000, 100_000) == used


def test_a_dial_that_went_back_has_not_gone_round() -> None:
    assert rules.advance(500, 499, 100_000) is None


def test_the_nearest_read_within_half_a_day_is_the_boundary() -> None:
    before, after = Dial(NOON - 11 * HOUR, 5), Dial(NOON + 2 * HOUR, 7, estimated=True)

    found = rules.boundary(at=NOON, before=before, after=after, modulus=1000)

    assert found is not None
    assert (found.value, found.at, found.span, found.estimated) == (7, after.at, None, True)


@given(
    hours=st.tuples(st.integers(13, 900), st.integers(13, 900)),
    values=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
)
def test_an_interpolated_dial_lies_on_the_line(
    hours: tuple[int, int], values: tuple[int, int]
) -> None:
    before = Dial(NOON - hours[0] * HOUR, values[0])
    after = Dial(NOON + hours[1] * HOUR, values[0] + values[1])

    found = rules.boundary(at=NOON, before=before, after=after, modulus=10**9)

    assert found is not None
    assert found.estimated
    assert abs(found.value - (values[0] + Fraction(values[1] * hours[0], sum(hours)))) <= 0.5


def test_nothing_is_extrapolated() -> None:
    alone = Dial(NOON - 20 * HOUR, 5)

    assert rules.boundary(at=NOON, before=alone, after=None, modulus=10) is None
    assert rules.boundary(at=NOON, before=None, after=alone, modulus=10) is None


def test_the_share_is_the_time_between_interpolated_ends_and_their_reads() -> None:
    one = rules.Boundary(NOON, 0, (NOON - 9 * HOUR, NOON + 6 * HOUR), estimated=True)
    known = rules.Boundary(NOON + 24 * HOUR, 0, None, estimated=False)

    assert rules.estimated_share(one, known) == Decimal("0.25")
    later = rules.Boundary(NOON + 48 * HOUR, 0, None, estimated=True)
    assert rules.estimated_share(known, later) == 1


@given(last=st.integers(0, 2_000_000_000), end=st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_a_redated_file_ends_in_the_week_before_the_day(last: int, end: date) -> None:
    moved = last + rules.weeks_to_end(last=last, end=end) * rules.WEEK_S

    assert 0 <= start_of(end).timestamp() - moved < rules.WEEK_S


def test_overlaps_repeats_and_impossible_intervals_are_parked() -> None:
    one = channel(
        [0, 0, 0, 1800, 3600, 7200, 9000, 10800],
        [3600, 3600, 3600, 3600, 0, 3600, rules.INTERVAL_S_MAX + 1, 3600],
        [5, 5, 6, 1, 1, -1, 1, 2**31],
    )

    kept, parked = rules.usable(one, one.mantissas)

    assert kept == [0]
    assert parked == {
        1: "interval_repeated",
        2: "interval_overlaps",
        3: "interval_overlaps",
        4: "interval_without_length",
        5: "value_negative",
        6: "interval_too_long",
        7: "value_too_large",
    }


@pytest.mark.parametrize(
    ("facts", "service", "reason"),
    [
        ({}, Service.ELECTRICITY, None),
        ({}, None, "unknown_meter"),
        ({}, Service.WATER, "service_differs"),
        ({"service": "gas", "unit": "therm"}, None, "service_not_sold"),
        ({"service": None}, None, "service_unknown"),
        ({"kind": Kind.OTHER}, Service.ELECTRICITY, "not_a_quantity"),
        ({"unit": "L"}, Service.ELECTRICITY, "unit_differs"),
        ({"service": "water", "unit": "L"}, Service.WATER, None),
        ({"kind": Kind.REACTIVE, "unit": "VArh"}, Service.ELECTRICITY, None),
    ],
)
def test_a_channel_fits_a_meter_or_has_a_reason(
    facts: dict[str, object], service: Service | None, reason: str | None
) -> None:
    assert rules.unfit(channel([0], [60], [1], **facts), service) == reason


def test_a_dial_is_followed_over_its_last_digit_and_times_its_multiplier() -> None:
    first, second, third = (date(2026, 5, day) for day in (1, 11, 21))

    assert rules.moved([(first, 900), (second, 50), (third, 60)], 1_000, 40) == {
        first: 0,
        second: 6_000,
        third: 6_400,
    }
    assert rules.moved([], 1_000, 40) == {}


def test_a_dial_that_went_back_or_beyond_all_measure_tells_nothing() -> None:
    first, second = date(2026, 5, 1), date(2026, 5, 11)

    assert rules.moved([(first, 500), (second, 400)], 1_000, 1) == {}
    assert rules.moved([(first, 0), (second, 10**12)], 10**13, 10**5) == {}
    assert rules.moved([(first, 0), (second, 10**12)], 10**13, 10**2)[second] == 10**14


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_a_total_is_spread_without_a_rest_and_in_proportion(total: int, weights: list[int]) -> None:
    parts = rules.spread(total, weights)

    even = weights if any(weights) else [1] * len(weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(even) - total * weight) <= sum(even)
        for part, weight in zip(parts, even, strict=True)
    )
