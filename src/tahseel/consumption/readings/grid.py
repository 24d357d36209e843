"""The intervals of one register over whole days, as one dense row. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.blocks import DAY_S, Series
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.batch import Int8, Int32, Int64


@dataclass(frozen=True, slots=True)
class Grid:
    """Intervals of one length. values: int32 [slots], base units, `vee.MISSING` where none came.

    length: seconds; missing: how many did not come; guessed: how many came as somebody's estimate.
    """

    length: int
    values: Int32
    missing: int
    guessed: int

    def batch(
        self, *, dial: Int64 | None = None, usual: int = 0, bands: Int8 | None = None
    ) -> vee.Batch:
        """As a batch of one meter. dial: at each start of day, none known where it is absent."""
        slots = DAY_S // self.length
        days = len(self.values) // slots
        known = np.full(days + 1, vee.UNKNOWN, np.int64) if dial is None else dial
        return vee.Batch(
            self.values.reshape(1, -1).copy(),
            known.reshape(1, -1),
            np.array([usual], np.int64),
            np.zeros(slots, np.int8) if bands is None else bands,
        )


def laid_out(series: Series, first: int, end: int) -> Grid | None:
    """What came of a series between two starts of day (epoch seconds); None without one grid.

    Intervals that reach over an end are left out.
    """
    here = (series.starts >= first) & (series.starts + series.durations <= end)
    here &= series.flags != Flag.MISSING
    lengths = np.unique(series.durations[here])
    if len(lengths) != 1 or DAY_S % int(lengths[0]) != 0:
        return None
    length = int(lengths[0])
    slot, off = np.divmod(series.starts[here] - first, length)
    if np.any(off):
        return None
    values = np.full((end - first) // length, vee.MISSING, np.int32)
    values[slot] = series.values[here]
    guessed = int(np.count_nonzero(series.flags[here] != Flag.ACTUAL))
    return Grid(length, values, len(values) - len(slot), guessed)
