"""Meters with a month of quarter-hour reads and the faults of the field, the same for a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tahseel.consumption.readings.vee import MISSING, Batch, Limits
from tahseel.consumption.readings.vee.limits import ALL_RULES

DAYS, SLOTS = 30, 96
T = DAYS * SLOTS
PEAK_FROM, PEAK_TO = 48, 72
AT_ONCE = 1_000
LIMITS = Limits(
    rules=ALL_RULES,
    spike_peak_percent=300,
    spike_third_percent=280,
    spike_floor=50,
    stuck_slots=24,
    stuck_percent=25,
    zero_slots=192,
    high_percent=300,
    low_percent=25,
    sum_percent=2,
    sum_floor=500,
    linear_slots=8,
    stuck_moves=18,
    stuck_steps=2,
    stuck_step_percent=90,
    stuck_level_percent=50,
    high_own_percent=250,
)


def bands() -> npt.NDArray[np.int8]:
    """Band 1 from noon to six, band 0 otherwise."""
    found = np.zeros(SLOTS, np.int8)
    found[PEAK_FROM:PEAK_TO] = 1
    return found


def month(meters: int, seed: int = 7) -> Batch:
    """A daily shape for each meter with noise, and its dials; then gaps, negatives, spikes, stuck
    and zero stretches, and dials that do not agree."""
    rng = np.random.default_rng(seed)
    values = _measured(rng, meters)
    dial = np.zeros((meters, DAYS + 1), np.int64)
    dial[:, 0] = rng.integers(0, 50_000_000, meters)
    sums = values.reshape(meters, DAYS, SLOTS).sum(axis=2, dtype=np.int64)
    dial[:, 1:] = dial[:, :1] + sums.cumsum(axis=1)
    usual = sums.mean(axis=1).astype(np.int64)
    _spoil(rng, values)
    dial[rng.random(dial.shape) < 0.001] += 100_000
    return Batch(values, dial, usual, bands())


def _measured(rng: np.random.Generator, meters: int) -> npt.NDArray[np.int32]:
    hour = np.arange(SLOTS) / 4
    shape = 0.55 + 0.35 * np.exp(-(((hour - 15) / 5) ** 2))
    shape += 0.25 * np.exp(-(((hour - 21) / 2.5) ** 2))
    scale = rng.lognormal(6.0, 0.7, (meters, 1, 1))
    day = rng.normal(1, 0.12, (meters, DAYS, 1)).clip(0.4, 1.8)
    values = np.empty((meters, T), np.int32)
    for first in range(0, meters, AT_ONCE):
        part = slice(first, first + AT_ONCE)
        noise = np.exp(0.25 * rng.standard_normal((len(scale[part]), DAYS, SLOTS)))
        drawn = np.rint(scale[part] * day[part] * shape * noise)
        values[part] = np.maximum(drawn, 1).astype(np.int32).reshape(-1, T)
    return values


def _spoil(rng: np.random.Generator, values: npt.NDArray[np.int32]) -> None:
    meters = len(values)
    reads = meters * T

    def cells(count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return rng.integers(0, meters, count), rng.integers(0, T, count)

    values[cells(reads // 1000)] = MISSING
    for _ in range(meters // 4):
        first = rng.integers(0, T - 60)
        values[rng.integers(0, meters), first : first + rng.integers(4, 40)] = MISSING
    spots = cells(reads // 20_000)
    values[spots] = -rng.integers(1, 500, len(spots[0]))
    spots = cells(reads // 20_000)
    values[spots] = np.abs(values[spots].clip(1, 10_000)) * 40 + 5_000
    for level, longest in ((None, 60), (0, 400)):
        for _ in range(meters // 50):
            meter, first = rng.integers(0, meters), rng.integers(0, T - 400)
            end = first + rng.integers(20, longest)
            values[meter, first:end] = values[meter, first] if level is None else level
