"""What a month of dense intervals comes to: totals a day, bands, peak, and what the rules found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.sweep.dense import Dense, Int16
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee import Batch, Judged, Limits
from tahseel.consumption.readings.vee.batch import Int8, Int64

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("meter_id", "register", "kind", "unit")),
        *((name, pa.int32()) for name in ("first_day", "interval_s", "peak")),
        ("ver", pa.int64()),
        ("totals", pa.list_(pa.int64())),
        ("estimated", pa.list_(pa.int16())),
        ("unknown", pa.list_(pa.int16())),
        ("marks", pa.list_(pa.int16())),
        ("bands", pa.list_(pa.int64())),
        ("fired", pa.list_(pa.int32())),
    ]
)


@dataclass(frozen=True, slots=True)
class Context:
    """What judging the N rows of a `Dense` needs to know beside their intervals.

    dial: int64 [N, D + 1] and usual: int64 [N], as a `Batch` takes them; bands: int8 [S]; limits:
    those of the classes there are; which: int64 [N], the place of a row's own among them.
    """

    dial: Int64
    usual: Int64
    bands: Int8
    limits: Sequence[Limits]
    which: Int64

    @classmethod
    def estimating(cls, dense: Dense, limits: Limits) -> Context:
        """Nothing known beside the intervals: one class, no history, no dial, one band."""
        meters = len(dense.values)
        return cls(
            np.full((meters, dense.days.count + 1), vee.UNKNOWN, np.int64),
            np.zeros(meters, np.int64),
            np.zeros(dense.slots, np.int8),
            [limits],
            np.zeros(meters, np.int64),
        )


@dataclass(frozen=True, slots=True)
class Measures:
    """One row for each row of `dense`.

    totals: int64 [N, D] base units a day; estimated and unknown: int16 [N, D], intervals a day that
    were not measured, and among the others those that nothing is known of; judged: all that the
    rules found. Estimated values stand in `dense.values`.
    """

    dense: Dense
    totals: Int64
    estimated: Int16
    unknown: Int16
    judged: Judged

    def table(self) -> pa.Table:
        """As rows of `SCHEMA`; a list is null where all of it is zero."""
        dense, found = self.dense, self.judged
        meters = len(dense.values)
        return pa.table(
            {
                **dict(zip(("meter_id", "register", "kind", "unit"), dense.names, strict=True)),
                "first_day": np.full(meters, dense.days.first, np.int32),
                "interval_s": np.full(meters, dense.interval_s, np.int32),
                "peak": found.peak,
                "ver": dense.ver,
                "totals": _listed(self.totals),
                "estimated": _listed(self.estimated),
                "unknown": _listed(self.unknown),
                "marks": _listed(found.marks),
                "bands": _listed(found.bands),
                "fired": _listed(found.fired),
            },
            schema=SCHEMA,
        )


Judge = Callable[[Batch, Limits], Judged]


def measured(dense: Dense, context: Context, judge: Judge = vee.judge) -> Measures:
    """Judge every row by the limits of its class; estimates replace values in `dense`."""
    everything = _batch(dense, context, slice(None))
    if len(context.limits) == 1:
        found = judge(everything, context.limits[0])
    else:
        found = Judged.empty(everything)
        for number, limits in enumerate(context.limits):
            rows = np.flatnonzero(context.which == number)
            if len(rows):
                batch = _batch(dense, context, rows)
                _put(found, rows, judge(batch, limits))
                dense.values[rows] = batch.values
    estimated, unknown = _counted(dense, found)
    return Measures(dense, found.totals, estimated, unknown, found)


def _batch(dense: Dense, context: Context, rows: Int64 | slice) -> Batch:
    return Batch(dense.values[rows], context.dial[rows], context.usual[rows], context.bands)


def _put(whole: Judged, rows: Int64, part: Judged) -> None:
    for name in Judged.__dataclass_fields__:
        getattr(whole, name)[rows] = getattr(part, name)


def _counted(dense: Dense, found: Judged) -> tuple[Int16, Int16]:
    """Intervals a day that are estimates, the sender's and ours, and those that are unknown.

    One of the sender's that a rule replaced counts twice, never more than the day has.
    """
    shape = (len(dense.values), dense.days.count)
    estimated, unknown = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    rows = np.flatnonzero(found.estimated)
    if len(rows):
        flags = found.flags[rows].reshape(len(rows), shape[1], dense.slots)
        unknown[rows] = (flags == Flag.MISSING).sum(axis=2, dtype=np.int16)
        estimated[rows] = (flags != Flag.ACTUAL).sum(axis=2, dtype=np.int16) - unknown[rows]
    if dense.guessed is not None:
        estimated += dense.guessed
    return np.minimum(estimated, dense.slots).astype(np.int16), unknown


def _listed(rows: np.ndarray[tuple[int, int], np.dtype[np.signedinteger]]) -> pa.ListArray:
    some = rows.any(axis=1)
    width = rows.shape[1]
    counts = np.where(some, width, 0)
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(bounds, mask=np.append(~some, False)), pa.array(rows[some].reshape(-1))
    )
