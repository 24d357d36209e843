"""From intervals to meter-day blocks and back: how the lake lays time out.

A block is one meter, register and day in Kuwait, and the values of that day in order. Intervals of
a length that divides the day are dense: `offset_s` is where the first begins, a value not received
is flagged missing. Any other interval (a month, seven minutes) is a block of its own with one
value, `offset_s` seconds into its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tahseel.consumption.readings.values import Flag
from tahseel.kernel.period import LOCAL_ZONE

DAY_S = 86_400
VALUE_MAX = 2**31 - 1
_OFFSET = LOCAL_ZONE.utcoffset(datetime(2000, 1, 1))  # noqa: DTZ001 - asks the zone, no clock
assert _OFFSET is not None
ZONE_S = int(_OFFSET.total_seconds())

Ints = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("meter_id", pa.string()),
        ("register", pa.string()),
        ("kind", pa.string()),
        ("unit", pa.string()),
        ("day", pa.int32()),
        ("interval_s", pa.int32()),
        ("offset_s", pa.int32()),
        ("ver", pa.int64()),
        ("recorded_at", pa.timestamp("us", tz="UTC")),
        ("source", pa.string()),
        ("values", pa.list_(pa.int32())),
        ("flags", pa.list_(pa.int8())),
    ]
)


def _unversioned() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Series:
    """Intervals of one register of one meter: epoch seconds, lengths, base units, flags.

    versions: of the block each stands in; none before the lake has them.
    """

    meter_id: str
    register: str
    kind: str
    unit: str
    starts: Ints
    durations: Ints
    values: Ints
    flags: Ints
    versions: Ints = field(default_factory=_unversioned)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where and when blocks come from; of two that differ the higher `version` stands."""

    version: int
    recorded_at: datetime
    source: str


def table_of(series: Sequence[Series], mark: Mark) -> pa.Table:
    """Blocks of all series, ready for the lake."""
    tables = [_table(s, mark) for s in series if len(s.starts)]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _table(series: Series, mark: Mark) -> pa.Table:
    if np.any(np.abs(series.values) > VALUE_MAX):
        raise OverflowError("an interval value does not fit a block")
    local = series.starts + ZONE_S
    day, second = local // DAY_S, local % DAY_S
    length = series.durations
    dense = (length <= DAY_S) & (DAY_S % length == 0)
    slot = np.where(dense, second // length, 0)
    offset = np.where(dense, second % length, second)
    keys = np.stack([day, length, offset])
    blocks, place = np.unique(keys, axis=1, return_inverse=True)
    per_block = np.where(DAY_S % blocks[1] == 0, np.maximum(DAY_S // blocks[1], 1), 1)
    ends = np.concatenate([[0], np.cumsum(per_block)])
    where = ends[place.reshape(-1)] + slot
    values = np.zeros(int(ends[-1]), dtype=np.int32)
    flags = np.full(int(ends[-1]), int(Flag.MISSING), dtype=np.int8)
    values[where] = series.values
    flags[where] = series.flags
    count, bounds = blocks.shape[1], pa.array(ends.astype(np.int32))
    return pa.table(
        {
            "meter_id": [series.meter_id] * count,
            "register": [series.register] * count,
            "kind": [series.kind] * count,
            "unit": [series.unit] * count,
            "day": blocks[0].astype(np.int32),
            "interval_s": blocks[1].astype(np.int32),
            "offset_s": blocks[2].astype(np.int32),
            "ver": np.full(count, mark.version, dtype=np.int64),
            "recorded_at": [mark.recorded_at.astimezone(UTC)] * count,
            "source": [mark.source] * count,
            "values": pa.ListArray.from_arrays(bounds, pa.array(values)),
            "flags": told_flags(flags, ends),
        },
        schema=SCHEMA,
    )


def told_flags(flags: npt.NDArray[np.int8], ends: Ints) -> pa.ListArray:
    """Flags as a column: null for a block whose every value was measured, as nearly all are.

    flags: of all values; ends: int64 [blocks + 1], where each block begins and the last one ends.
    """
    if not flags.any():
        return pa.nulls(len(ends) - 1, pa.list_(pa.int8()))
    marked = np.concatenate([[0], np.cumsum(flags != Flag.ACTUAL)])
    plain = marked[ends[1:]] == marked[ends[:-1]]
    kept = ~plain.repeat(np.diff(ends))
    counts = np.where(plain, 0, np.diff(ends))
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    nulls = pa.array(np.append(plain, False))
    return pa.ListArray.from_arrays(pa.array(bounds, mask=np.asarray(nulls)), pa.array(flags[kept]))


def flags_of(told: pa.ListArray, counts: Ints) -> npt.NDArray[np.int8]:
    """A flag for every value again. counts: int64 [blocks], values of each block."""
    flags = np.full(int(counts.sum()), int(Flag.ACTUAL), dtype=np.int8)
    has = np.asarray(told.is_valid())
    flags[has.repeat(counts)] = np.asarray(told.flatten(), dtype=np.int8)
    return flags


def series_of(table: pa.Table) -> list[Series]:
    """What the blocks say, one series per meter and register, in order of time and without overlap.

    Of two values for the same time the one of the higher version stands; a missing one never hides
    a real one.
    """
    table = table.sort_by([("meter_id", "ascending"), ("register", "ascending")]).combine_chunks()
    if not table.num_rows:
        return []
    meters, registers = table["meter_id"].to_pylist(), table["register"].to_pylist()
    changes = [
        n
        for n in range(1, len(meters))
        if (meters[n], registers[n]) != (meters[n - 1], registers[n - 1])
    ]
    bounds = [0, *changes, len(meters)]
    return [_series(table.slice(a, b - a)) for a, b in pairwise(bounds)]


def _series(table: pa.Table) -> Series:
    values = table["values"].combine_chunks()
    counts: Ints = np.asarray(values.value_lengths(), dtype=np.int64)
    first = (_ints(table, "day") * DAY_S - ZONE_S + _ints(table, "offset_s")).repeat(counts)
    length = _ints(table, "interval_s").repeat(counts)
    ends = np.cumsum(counts)
    slot: Ints = np.arange(int(ends[-1]), dtype=np.int64) - (ends - counts).repeat(counts)
    flags: Ints = flags_of(table["flags"].combine_chunks(), counts).astype(np.int64)
    starts: Ints = np.asarray(first + slot * length, dtype=np.int64)
    version = _ints(table, "ver").repeat(counts)
    keep = _standing(starts, length, version, flags != Flag.MISSING)
    return Series(
        table["meter_id"][0].as_py(),
        table["register"][0].as_py(),
        table["kind"][0].as_py(),
        table["unit"][0].as_py(),
        starts[keep],
        length[keep],
        _flat(table, "values")[keep],
        flags[keep],
        version[keep],
    )


def _ints(table: pa.Table, column: str) -> Ints:
    values: Ints = np.asarray(table[column].to_numpy(), dtype=np.int64)
    return values


def _flat(table: pa.Table, column: str) -> Ints:
    values: Ints = np.asarray(table[column].combine_chunks().flatten(), dtype=np.int64)
    return values


def _standing(starts: Ints, lengths: Ints, versions: Ints, real: npt.NDArray[np.bool_]) -> Ints:
    """Positions, by time, of the intervals that stand: real before missing, then newest first."""
    order: Ints = np.lexsort((-versions, ~real, lengths, starts)).astype(np.int64)
    same = (np.diff(starts[order]) == 0) & (np.diff(lengths[order]) == 0)
    order = order[np.concatenate([[True], ~same])]
    if not _overlaps(starts[order], lengths[order]):
        return order
    order = order[real[order]]
    return (
        order
        if not _overlaps(starts[order], lengths[order])
        else _newest(order, starts, lengths, versions)
    )


def _overlaps(starts: Ints, lengths: Ints) -> bool:
    return bool(np.any(starts[1:] < starts[:-1] + lengths[:-1]))


def _newest(order: Ints, starts: Ints, lengths: Ints, versions: Ints) -> Ints:
    """The newest version takes its time first; older ones keep what it left whole."""
    taken_from: list[int] = []
    taken_to: list[int] = []
    kept: list[int] = []
    for n in sorted(order.tolist(), key=lambda i: (-int(versions[i]), int(starts[i]))):
        start, end = int(starts[n]), int(starts[n] + lengths[n])
        place = int(np.searchsorted(taken_from, start))
        free_before = place == 0 or taken_to[place - 1] <= start
        free_after = place == len(taken_from) or taken_from[place] >= end
        if free_before and free_after:
            taken_from.insert(place, start)
            taken_to.insert(place, end)
            kept.append(n)
    standing: Ints = np.asarray(sorted(kept, key=lambda i: int(starts[i])), dtype=np.int64)
    return standing
