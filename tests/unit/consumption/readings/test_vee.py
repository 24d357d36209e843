"""Kernel, twin and plain reference come to the same bits, and what the rules say is so."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.consumption.readings.vee_batches import (
    LIMITS,
    batches,
    by_reference,
    copied,
    faulty,
)

from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee import MISSING, Batch, Judged, Limits, Rule, engine, twin
from tahseel.consumption.readings.vee.limits import ALL_RULES

LIMITS_DRAWN = st.builds(
    replace,
    st.just(LIMITS),
    rules=st.integers(0, ALL_RULES),
    stuck_slots=st.integers(2, 9),
    zero_slots=st.integers(2, 9),
    linear_slots=st.integers(0, 4),
    stuck_moves=st.integers(0, 5),
    stuck_steps=st.integers(0, 4),
    stuck_step_percent=st.integers(0, 120),
    stuck_level_percent=st.integers(0, 100),
    high_own_percent=st.integers(0, 300),
)


# As the country has them, but for the length of a run: six intervals of an hour.
REAL = replace(
    LIMITS, stuck_slots=6, stuck_moves=18, stuck_steps=2, stuck_step_percent=90,
    stuck_level_percent=50, high_percent=300, high_own_percent=250, spike_peak_percent=900,
)  # fmt: skip


def differing(left: tuple[Batch, Judged], right: tuple[Batch, Judged]) -> list[str]:
    """The columns that are not the same to the bit."""
    columns = {"values": (left[0].values, right[0].values)} | {
        column.name: (getattr(left[1], column.name), getattr(right[1], column.name))
        for column in fields(Judged)
    }
    return [
        name
        for name, (one, other) in columns.items()
        if one.dtype != other.dtype or not np.array_equal(one, other)
    ]


def judged_three_ways(batch: Batch, limits: Limits) -> list[tuple[Batch, Judged]]:
    ways = (by_reference, twin.judge, engine.run_compiled)
    return [(mine := copied(batch), way(mine, limits)) for way in ways]


@settings(max_examples=400)
@given(batches(), LIMITS_DRAWN)
def test_kernel_and_twin_give_the_bits_of_the_reference(batch: Batch, limits: Limits) -> None:
    plain, numpy_twin, kernel = judged_three_ways(batch, limits)

    assert differing(numpy_twin, plain) == []
    assert differing(kernel, plain) == []


@pytest.mark.parametrize(("seed", "slots", "days"), [(1, 24, 30), (2, 48, 31), (3, 96, 28)])
def test_months_with_faults_are_judged_alike(seed: int, slots: int, days: int) -> None:
    batch = faulty(np.random.default_rng(seed), meters=60, days=days, slots=slots)

    plain, numpy_twin, kernel = judged_three_ways(batch, LIMITS)

    assert differing(numpy_twin, plain) == []
    assert differing(kernel, plain) == []
    assert (plain[1].fired.sum(axis=0) > 0).all(), "every rule fires somewhere"


def month(values: np.ndarray, dial: list[int] | None = None, usual: int = 0) -> Batch:
    """One meter with 24 intervals a day."""
    days = len(values) // 24
    known = np.full((1, days + 1), -1, np.int64) if dial is None else np.array([dial], np.int64)
    row = values.astype(np.int32).reshape(1, -1)
    return Batch(row, known, np.array([usual], np.int64), np.zeros(24, np.int8))


def household(days: int = 14) -> np.ndarray:
    return np.tile(np.array([50] * 6 + [200, 300] * 6 + [400, 390, 410, 380, 200, 90]), days)


def dial_of(values: np.ndarray) -> list[int]:
    return [0, *values.reshape(-1, 24).sum(axis=1).cumsum().tolist()]


def test_a_spike_is_replaced_and_one_that_the_dial_confirms_stands() -> None:
    values = household()
    values[100] = 40_000
    unread, read = month(values), month(values, dial_of(values))

    found, confirmed = engine.judge(unread, LIMITS), engine.judge(read, LIMITS)

    assert found.fired[0, Rule.SPIKE] == 1
    assert unread.values[0, 100] == (values[99] + values[101]) // 2
    assert (found.flags[0, 100], found.estimated[0].sum()) == (Flag.SUBSTITUTED, 1)
    assert confirmed.fired[0, Rule.SPIKE] == 0
    assert read.values[0, 100] == 40_000


def test_what_is_estimated_adds_up_to_what_the_dial_moved() -> None:
    values = household()
    dial = dial_of(values)
    values[240:300] = MISSING
    batch = month(values, [at if day in {0, 7, 14} else -1 for day, at in enumerate(dial)])

    found = engine.judge(batch, LIMITS)

    assert found.totals.sum() == dial[-1]
    assert (found.fired[0, Rule.MISSING], found.fired[0, Rule.SUM]) == (60, 0)
    assert (found.flags[0, 240:300] == Flag.ESTIMATED).all()


def test_a_meter_of_which_nothing_came_is_estimated_only_from_its_dial() -> None:
    nothing = np.full(48, MISSING, np.int64)
    unread, read = month(nothing), month(nothing, [10, 58, 10_058])

    found, from_dial = engine.judge(unread, LIMITS), engine.judge(read, LIMITS)

    assert (found.flags == Flag.MISSING).all()
    assert found.totals.sum() == 0
    assert from_dial.totals.tolist() == [[48, 10_000]]
    assert (from_dial.flags == Flag.ESTIMATED).all()


def test_a_value_that_does_not_move_is_told_and_kept() -> None:
    values = household()
    values[50:62] = 333
    batch = month(values)

    found = engine.judge(batch, LIMITS)

    assert found.fired[0, Rule.STUCK] == 12
    assert (batch.values[0] == values).all()
    assert found.marks[0, 2] & 1 << Rule.STUCK


def alike(batch: Batch) -> Judged:
    """What all three engines find of a batch, the same bits."""
    plain, numpy_twin, kernel = judged_three_ways(batch, REAL)
    assert differing(numpy_twin, plain) == []
    assert differing(kernel, plain) == []
    return plain[1]


def stuck_days(values: np.ndarray) -> list[int]:
    return np.flatnonzero(alike(month(values)).marks[0] >> Rule.STUCK & 1).tolist()


def test_what_stands_for_hours_on_every_day_is_the_meters_habit() -> None:
    values = np.tile(np.array([300] * 17 + [310, 340, 360, 350, 330, 320, 305]), 30)
    flat = np.repeat(np.random.default_rng(5).integers(200, 900, 30), 24)

    assert (stuck_days(values), stuck_days(flat)) == ([], [])
    values[100:112] = 290  # inside the hours in which it stands, at a level it never has
    assert stuck_days(values) == [4]


def test_a_run_over_times_at_which_the_meter_moves_is_told() -> None:
    values = np.tile(np.array([300] * 17 + [310, 340, 360, 350, 330, 320, 305]), 30)
    values[112:121] = 300  # the evening of the fifth day stands, and its night goes on

    assert stuck_days(values) == [4, 5]


def test_a_coarse_counter_is_no_stuck_one_and_a_stuck_coarse_counter_is_told() -> None:
    chance = np.random.default_rng(3)
    months = [chance.choice([100, 200], 24 * 30, p=[0.8, 0.2]) for _ in range(40)]

    told = [stuck_days(values) for values in months]
    for values in months[:5]:
        values[240:312] = 200  # three days

    assert sum(map(len, told)) <= 0.005 * 30 * len(months)
    assert all(set(stuck_days(values)) >= {10, 11, 12} for values in months[:5])


def test_a_counter_that_stands_for_most_of_a_month_or_all_of_it_is_told() -> None:
    values, never = household(30), np.full(24 * 30, 250)
    values[48:600] = values[48]

    assert set(stuck_days(values)) >= set(range(2, 25))
    assert len(stuck_days(never)) == 30


def high_days(values: np.ndarray, usual: int) -> list[int]:
    found = alike(month(values, usual=usual))
    return np.flatnonzero(found.marks[0] >> Rule.HIGH & 1).tolist()


def test_a_seasons_turn_is_not_high_and_a_leak_is() -> None:
    values, usual = household(30), int(household(1).sum())
    turned, leak = values * 2, values * 4
    turned[:72] = turned[:72] * 8 // 5  # three hot days, above three times the month before

    assert high_days(turned, usual) == []
    turned[240:264] = turned[240:264] * 3
    assert high_days(turned, usual) == [10]
    assert len(high_days(leak, usual)) == 30
    assert high_days(np.concatenate([values[:48], values[48:72] * 4]), usual) == [2]


def test_no_estimate_hides_what_lies_between_dial_and_intervals() -> None:
    values = household(30)
    dial = [-1] * 31
    dial[0], dial[30] = 0, int(values.sum()) * 13 // 10
    values[100] = MISSING

    found = alike(month(values, dial))

    assert found.fired[0, Rule.SUM] == 1
    assert found.peak[0] == values.max()


def test_a_rule_that_is_off_tells_nothing_and_replaces_nothing() -> None:
    values = household()
    values[30], values[40], values[50] = -7, 40_000, MISSING
    batch = month(values)

    found = engine.judge(batch, replace(LIMITS, rules=0))

    assert found.fired.sum() == 0
    assert (batch.values[0, 30], batch.values[0, 40]) == (-7, 40_000)
    assert batch.values[0, 50] == (values[49] + values[51]) // 2


def test_days_are_held_against_the_usual_one_and_spans_against_the_dial() -> None:
    values = household()
    values[:24] *= 3
    values[24:48] //= 4
    dial = dial_of(values)
    dial[-1] += 5_000

    found = engine.judge(month(values, dial, usual=int(household(1).sum())), LIMITS)

    assert (found.fired[0, Rule.HIGH], found.fired[0, Rule.LOW]) == (1, 1)
    assert found.fired[0, Rule.SUM] == 1
    assert found.marks[0, 13] & 1 << Rule.SUM


@pytest.mark.parametrize(
    ("values", "dial", "bands"),
    [((1, 24), (2, 2), 24), ((1, 24), (1, 3), 24), ((1, 25), (1, 2), 24)],
)
def test_a_batch_that_does_not_fit_together_is_refused(
    values: tuple[int, int], dial: tuple[int, int], bands: int
) -> None:
    with pytest.raises(ValueError, match="a batch"):
        Batch(
            np.zeros(values, np.int32),
            np.zeros(dial, np.int64),
            np.zeros(values[0], np.int64),
            np.zeros(bands, np.int8),
        )
