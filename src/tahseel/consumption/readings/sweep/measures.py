"""What a month of dense intervals comes to: totals a day, bands, peak, and what the rules found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.vee import Batch, Judge, Judged, Limits
from tahseel.consumption.readings.vee.batch import Int8, Int32, Int64

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("meter_id", "register", "kind", "unit")),
        *((name, pa.int32()) for name in ("first_day", "interval_s", "peak")),
        ("ver", pa.int64()),
        ("totals", pa.list_(pa.int64())),
        ("estimated", pa.list_(pa.int32())),
        ("unknown", pa.list_(pa.int32())),
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

    judged: what the rules found and what the values add up to; estimated: int32 [N, D], intervals a
    day that are an estimate, the sender's or ours. Estimated values stand in `dense.values`.
    """

    dense: Dense
    estimated: Int32
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
                "totals": _listed(found.totals),
                "estimated": _listed(self.estimated),
                "unknown": _listed(found.unknown),
                "marks": _listed(found.marks),
                "bands": _listed(found.bands),
                "fired": _listed(found.fired),
            },
            schema=SCHEMA,
        )


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
    return Measures(dense, _estimated(dense, found), found)


def _batch(dense: Dense, context: Context, rows: Int64 | slice) -> Batch:
    return Batch(dense.values[rows], context.dial[rows], context.usual[rows], context.bands)


def _put(whole: Judged, rows: Int64, part: Judged) -> None:
    for name in Judged.__dataclass_fields__:
        getattr(whole, name)[rows] = getattr(part, name)


def _estimated(dense: Dense, found: Judged) -> Int32:
    """Intervals a day; an estimate of the sender's that a rule replaced may count twice."""
    ours = found.estimated - found.unknown
    return ours if dense.guessed is None else np.minimum(ours + dense.guessed, dense.slots)


def _listed(rows: np.ndarray[tuple[int, int], np.dtype[np.signedinteger]]) -> pa.ListArray:
    some = rows.any(axis=1)
    width = rows.shape[1]
    counts = np.where(some, width, 0)
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(bounds, mask=np.append(~some, False)), pa.array(rows[some].reshape(-1))
    )
