"""Judges a batch: compiled where that pays, by the NumPy twin where compiling would take longer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tahseel.consumption.readings.vee import twin
from tahseel.consumption.readings.vee.batch import Batch, Int64, Judged
from tahseel.consumption.readings.vee.limits import Limits

WORTH_COMPILING = 50_000_000
METERS_AT_ONCE = 256
ROOM = 2**50
Judge = Callable[[Batch, Limits], Judged]


def judge(batch: Batch, limits: Limits, *, threads: int = 1) -> Judged:
    """Validate, estimate and aggregate; the estimated values stand in the batch afterwards.

    Raises ValueError where dials or usual days are too large to be multiplied.
    """
    if max(_highest(batch.dial), _highest(batch.usual)) > ROOM:
        raise ValueError("a dial or a usual day does not fit the arithmetic of the rules")
    if batch.values.size < WORTH_COMPILING:
        return twin.judge(batch, limits)
    return run_compiled(batch, limits, threads=threads)


def run_compiled(batch: Batch, limits: Limits, *, threads: int = 1) -> Judged:
    """Judge by the compiled kernel, some meters at a time, on so many threads."""
    from tahseel.consumption.readings.vee.kernel import judge_rows  # noqa: PLC0415 - half a second

    found, stretches = Judged.empty(batch), band_stretches(batch)
    numbers = np.array(limits.numbers(), np.int64)

    def some(first: int) -> None:
        at = slice(first, first + METERS_AT_ONCE)
        judge_rows(
            batch.values[at],
            batch.dial[at],
            batch.usual[at],
            stretches,
            batch.slots,
            numbers,
            found.flags[at],
            found.fired[at],
            found.marks[at],
            found.totals[at],
            found.bands[at],
            found.peak[at],
            found.estimated[at],
            found.unknown[at],
        )

    firsts = range(0, batch.meters, METERS_AT_ONCE)
    if threads == 1:
        for first in firsts:
            some(first)
        return found
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(some, firsts):
            pass
    return found


def band_stretches(batch: Batch) -> Int64:
    """int64 [n, 3]: band, first interval and the one behind the last of each stretch of a day.

    Those of band 0 are left out: it has what the others leave.
    """
    starts = np.flatnonzero(np.diff(batch.bands, prepend=-1))
    ends = np.append(starts[1:], batch.slots)
    found = np.stack([batch.bands[starts].astype(np.int64), starts, ends], axis=1)
    stretches: Int64 = np.ascontiguousarray(found[found[:, 0] > 0], dtype=np.int64)
    return stretches


def _highest(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> int:
    return int(np.abs(numbers).max(initial=0))
