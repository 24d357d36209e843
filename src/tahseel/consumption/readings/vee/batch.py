"""A batch of meters as dense arrays, and what was found in it.

N meters, D days, S intervals a day, T = D * S. All arrays are C-contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tahseel.consumption.readings.vee.limits import Rule

MISSING = -(2**31)
UNKNOWN = -1
BANDS_MAX = 4

Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Reads of meters with intervals of one length, over the same days.

    values: int32 [N, T] base units, MISSING where none came; judging replaces in place what it
    estimates. dial: int64 [N, D + 1], the register at each start of day and at the end of the
    last, UNKNOWN (or anything below zero) where it was not read, its roll-overs added. usual: int64
    [N], the meter's usual use a day, 0 where there is no history. bands: int8 [S], the time-of-use
    band of each interval.
    """

    values: Int32
    dial: Int64
    usual: Int64
    bands: Int8

    def __post_init__(self) -> None:
        meters, slots = self.values.shape
        days = self.dial.shape[1] - 1
        if len(self.dial) != meters or len(self.usual) != meters:
            raise ValueError("a batch has one row of dials and one usual day for each meter")
        if days < 1 or slots != days * len(self.bands):
            raise ValueError("a batch holds whole days")
        if len(self.bands) and not 0 <= self.bands.min() <= self.bands.max() < BANDS_MAX:
            raise ValueError(f"bands are numbered from 0 to {BANDS_MAX - 1}")

    @property
    def meters(self) -> int:
        return int(self.values.shape[0])

    @property
    def days(self) -> int:
        return int(self.dial.shape[1]) - 1

    @property
    def slots(self) -> int:
        """Intervals a day."""
        return len(self.bands)


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging a batch found; the estimated values stand in the batch itself.

    flags: int8 [N, T], a `Flag` for each interval (MISSING where nothing could be estimated).
    fired: int32 [N, rules], how often each rule fired. marks: int16 [N, D], bits of the rules that
    touched a day. totals: int64 [N, D], base units a day. bands: int64 [N, BANDS_MAX].
    peak: int32 [N], the highest interval. estimated: int32 [N, D], intervals a day that are not
    measured; unknown: int32 [N, D], those of them that nothing is known of.
    """

    flags: Int8
    fired: Int32
    marks: Int16
    totals: Int64
    bands: Int64
    peak: Int32
    estimated: Int32
    unknown: Int32

    @classmethod
    def empty(cls, batch: Batch) -> Judged:
        n, days = batch.meters, batch.days
        return cls(
            flags=np.zeros(batch.values.shape, np.int8),
            fired=np.zeros((n, len(Rule)), np.int32),
            marks=np.zeros((n, days), np.int16),
            totals=np.zeros((n, days), np.int64),
            bands=np.zeros((n, BANDS_MAX), np.int64),
            peak=np.zeros(n, np.int32),
            estimated=np.zeros((n, days), np.int32),
            unknown=np.zeros((n, days), np.int32),
        )
