"""Batches with faults for the tests of the interval rules, and how each engine judges them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tahseel.consumption.readings.vee import MISSING, Batch, Judged, Limits, Rule, reference
from tahseel.consumption.readings.vee.limits import ALL_RULES

LIMITS = Limits(
    rules=ALL_RULES,
    spike_peak_percent=300,
    spike_third_percent=280,
    spike_floor=50,
    stuck_slots=5,
    stuck_percent=25,
    zero_slots=9,
    high_percent=200,
    low_percent=40,
    sum_percent=2,
    sum_floor=50,
    linear_slots=3,
    stuck_moves=4,
    stuck_steps=2,
    stuck_step_percent=75,
    stuck_level_percent=50,
    high_own_percent=150,
)


def copied(batch: Batch) -> Batch:
    return Batch(batch.values.copy(), batch.dial.copy(), batch.usual.copy(), batch.bands.copy())


def by_reference(batch: Batch, limits: Limits) -> Judged:
    """What the plain reference finds, in the arrays of the others; changes the batch as they do."""
    found = Judged.empty(batch)
    for m in range(batch.meters):
        meter = reference.judge(
            reference.Meter(
                [int(v) for v in batch.values[m]],
                [int(v) for v in batch.dial[m]],
                int(batch.usual[m]),
                [int(b) for b in batch.bands],
                limits,
            )
        )
        batch.values[m], found.flags[m] = meter.values, meter.flags
        found.fired[m] = [meter.fired[rule] for rule in Rule]
        found.marks[m] = [sum(1 << rule for rule in day) for day in meter.marks]
        found.totals[m], found.bands[m] = meter.totals, meter.by_band
        found.peak[m], found.estimated[m] = meter.peak, meter.estimated
        found.unknown[m] = meter.unknown
    return found


def faulty(
    rng: np.random.Generator, *, meters: int, days: int, slots: int, scale: int = 400
) -> Batch:
    """Meters with a daily shape, then gaps, bursts, negatives, spikes, stuck and zero stretches."""
    shape = 1 + np.sin(np.linspace(0, 2 * np.pi, slots, endpoint=False))
    drawn = rng.gamma(4, scale / 8, (meters, days, slots)) * shape
    values = np.rint(drawn).astype(np.int32).reshape(meters, -1)
    dial = np.zeros((meters, days + 1), np.int64)
    dial[:, 0] = rng.integers(0, 10**6, meters)
    sums = values.reshape(meters, days, slots).sum(axis=2, dtype=np.int64)
    dial[:, 1:] = dial[:, :1] + sums.cumsum(axis=1)
    for m in range(meters):
        _spoil(rng, values[m], int(rng.integers(0, 5)))
    _spoil_dials(rng, dial)
    usual = np.where(rng.random(meters) < 0.2, 0, sums.mean(axis=1).astype(np.int64))
    bands = rng.integers(0, 4, slots).astype(np.int8)
    return Batch(values, dial, usual, bands)


def _spoil(rng: np.random.Generator, row: Any, faults: int) -> None:
    for _ in range(faults):
        first = int(rng.integers(0, len(row)))
        end = min(len(row), first + int(rng.integers(1, 1 + len(row) // 3)))
        match rng.integers(0, 7):
            case 0:
                row[first:end] = MISSING
            case 1:
                row[first] = MISSING
            case 2:
                row[first] = -rng.integers(1, 500)
            case 3:
                row[first] = rng.integers(2_000, 2**31 - 1)
            case 4:
                row[first:end] = row[first]
            case 5:
                row[first:end] = 0
            case _:
                row[: int(rng.integers(0, 2)) * len(row)] = MISSING


def _spoil_dials(rng: np.random.Generator, dial: Any) -> None:
    dial[rng.random(dial.shape) < 0.3] = -1
    wrong = (rng.random(dial.shape) < 0.05) & (dial >= 0)
    dial[wrong] = np.maximum(0, dial[wrong] + rng.integers(-(10**6), 10**6, int(wrong.sum())))


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Small batches of any make: few days, few values, everything at its edges."""
    meters, days, slots = draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(st.integers(2, 6))
    cell = st.sampled_from([MISSING, -1, 0, 0, 1, 7, 7, 100, 1000, 2**31 - 1])
    cells = draw(st.lists(cell, min_size=meters * days * slots, max_size=meters * days * slots))
    step = st.sampled_from([-500, 0, 14, 42, 700, 10**10])
    steps = draw(st.lists(step, min_size=meters * days, max_size=meters * days))
    known = draw(
        st.lists(st.booleans(), min_size=meters * (days + 1), max_size=meters * (days + 1))
    )
    dial = np.zeros((meters, days + 1), np.int64)
    dial[:, 1:] = np.array(steps, np.int64).reshape(meters, days).cumsum(axis=1)
    dial[~np.array(known).reshape(dial.shape)] = -1
    usual = draw(st.lists(st.sampled_from([0, 1, 50, 5000]), min_size=meters, max_size=meters))
    bands = draw(st.lists(st.integers(0, 3), min_size=slots, max_size=slots))
    return Batch(
        np.array(cells, np.int64).astype(np.int32).reshape(meters, -1),
        dial,
        np.array(usual, np.int64),
        np.array(bands, np.int8),
    )
