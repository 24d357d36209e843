"""From blocks of the lake to dense arrays, many meters at a time. Pure.

Nearly all meters send whole days of intervals of one length: these become rows of one array
without a loop over them. A register whose blocks are of any other form is named as odd, and its
meter is left to `blocks.series_of`, which takes anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tahseel.consumption.readings.blocks import DAY_S, flags_of
from tahseel.consumption.readings.lake import Days
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.batch import MISSING, Int8, Int32, Int64

COLUMNS = (
    "meter_id", "register", "kind", "unit", "day", "interval_s", "offset_s", "ver", "values",
    "flags",
)  # fmt: skip
Int16 = npt.NDArray[np.int16]
NAMES = ("meter_id", "register", "kind", "unit")


@dataclass(frozen=True, slots=True)
class Dense:
    """Registers with intervals of one length over the same days, a row each.

    values: int32 [N, D * S] base units, `MISSING` where none came; guessed: int16 [N, D], how many
    came as somebody's estimate, None where none did; ver: int64 [N], the highest version of a row's
    blocks. names: by `NAMES`, strings [N].
    """

    interval_s: int
    days: Days
    names: tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]
    values: Int32
    guessed: Int16 | None
    ver: Int64

    @property
    def meter_ids(self) -> Sequence[str]:
        return self.names[0]

    @property
    def units(self) -> Sequence[str]:
        return self.names[3]

    @property
    def slots(self) -> int:
        """Intervals a day."""
        return DAY_S // self.interval_s


@dataclass(frozen=True, slots=True)
class Laid:
    """What blocks came to: dense arrays, and the meters with a register that fits none."""

    dense: tuple[Dense, ...]
    odd: frozenset[str]


def laid_out(table: pa.Table, days: Days) -> Laid:
    """The blocks of some meters, all that touch these days. table: `COLUMNS`, sorted or not."""
    rows = _Rows.of(table)
    if not len(rows.day):
        return Laid((), frozenset())
    within = (rows.day >= days.first) & (rows.day < days.end)
    regular = rows.regular()
    odd = _codes(rows.meter[~regular & rows.reaches(days)])
    odd |= _codes(rows.meter[_with_two_lengths(rows, within)])
    good = within & ~np.isin(rows.meter, sorted(odd)) if odd else within
    dense = [
        _dense(rows, np.flatnonzero(good & (rows.length == length)), int(length), days)
        for length in np.unique(rows.length[good])
    ]
    return Laid(tuple(dense), frozenset(rows.meters[code] for code in odd))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The columns of blocks as arrays; names as codes into their lists."""

    meters: list[str]
    lists: tuple[list[str], list[str], list[str]]
    meter: Int64
    codes: tuple[Int64, Int64, Int64]
    day: Int64
    length: Int64
    offset: Int64
    ver: Int64
    first: Int64
    count: Int64
    values: Int32
    told: pa.ListArray

    @classmethod
    def of(cls, table: pa.Table) -> _Rows:
        named = [_coded(table[name]) for name in NAMES]
        values, flags = _joined(table["values"]), _joined(table["flags"])
        offsets = np.asarray(values.offsets, np.int64)
        count = np.diff(offsets)
        return cls(
            meters=named[0][0],
            lists=(named[1][0], named[2][0], named[3][0]),
            meter=named[0][1],
            codes=(named[1][1], named[2][1], named[3][1]),
            day=_numbers(table, "day"),
            length=_numbers(table, "interval_s"),
            offset=_numbers(table, "offset_s"),
            ver=_numbers(table, "ver"),
            first=offsets[:-1] - offsets[:1],
            count=count,
            values=np.asarray(values.flatten(), np.int32),
            told=flags,
        )

    def regular(self) -> npt.NDArray[np.bool_]:
        """Whole days of intervals that begin with the day."""
        whole = (self.length <= DAY_S) & (DAY_S % np.maximum(self.length, 1) == 0)
        found: npt.NDArray[np.bool_] = (
            whole & (self.offset == 0) & (self.count * self.length == DAY_S)
        )
        return found

    def reaches(self, days: Days) -> npt.NDArray[np.bool_]:
        """Blocks that touch the days, those that began before them too."""
        last = self.day + (self.offset + self.length * self.count - 1) // DAY_S
        found: npt.NDArray[np.bool_] = (self.day < days.end) & (last >= days.first)
        return found

    def register(self) -> Int64:
        """One number for each register of each meter, whatever it counts and in what."""
        found = self.meter
        for codes, names in zip(self.codes, self.lists, strict=True):
            found = found * max(len(names), 1) + codes
        return found


def _numbers(table: pa.Table, name: str) -> Int64:
    numbers: Int64 = np.asarray(table[name].to_numpy(), np.int64)
    return numbers


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Int64]:
    whole = _joined(column)
    coded = whole if isinstance(whole, pa.DictionaryArray) else whole.dictionary_encode()
    return coded.dictionary.to_pylist(), np.asarray(coded.indices, np.int64)


def _joined(column: pa.ChunkedArray) -> Any:
    """The column in one piece; one that is in one piece is not copied."""
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.array([], column.type)


def _codes(codes: Int64) -> set[int]:
    return set(np.unique(codes).tolist())


def _with_two_lengths(rows: _Rows, within: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows of registers that sent intervals of more than one length."""
    if len(np.unique(rows.length[within])) <= 1:
        return np.zeros(len(within), bool)
    register = np.where(within, rows.register(), -1)
    order = np.lexsort((rows.length, register))
    changed = (np.diff(register[order]) == 0) & (np.diff(rows.length[order]) != 0)
    changed &= register[order][1:] >= 0
    several = np.unique(register[order][1:][changed])
    found: npt.NDArray[np.bool_] = np.isin(register, several) & within
    return found


def _dense(rows: _Rows, at: Int64, length: int, days: Days) -> Dense:
    register = rows.register()[at]
    leader, place = _grouped(register)
    cell = place * days.count + (rows.day[at] - days.first)
    values, guessed = _laid(rows, at, cell, (len(leader), days.count, DAY_S // length))
    ver = np.zeros(len(leader), np.int64)
    np.maximum.at(ver, place, rows.ver[at])
    chosen = at[leader]
    registers, kinds, units = (
        [names[code] for code in codes[chosen]]
        for names, codes in zip(rows.lists, rows.codes, strict=True)
    )
    meters = [rows.meters[code] for code in rows.meter[chosen]]
    return Dense(length, days, (meters, registers, kinds, units), values, guessed, ver)


def _grouped(register: Int64) -> tuple[Int64, Int64]:
    """Where each register first stands, and which of them each row belongs to."""
    steps = np.diff(register)
    if np.all(steps >= 0):  # as they lie in a sorted file
        place = np.concatenate([[0], np.cumsum(steps > 0)])
        return np.flatnonzero(np.concatenate([[True], steps > 0])), place
    _, leader, place = np.unique(register, return_index=True, return_inverse=True)
    return leader, place


def _laid(
    rows: _Rows, at: Int64, cell: Int64, shape: tuple[int, int, int]
) -> tuple[Int32, Int16 | None]:
    """Values by meter and time, and how many a day came as an estimate; of versions the newest
    real one stands. cell: meter and day of each row; shape: meters, days, intervals a day."""
    meters, days, slots = shape
    if len(cell) == meters * days == len(rows.day) and bool(np.all(np.diff(cell) == 1)):
        values = rows.values.reshape(meters * days, slots).copy()
        some = np.flatnonzero(np.asarray(rows.told.is_valid()))
        flags = np.asarray(rows.told.flatten(), np.int8).reshape(len(some), slots)
    else:
        values, flags = _newest(rows, at, cell, (meters * days, slots))
        some = np.flatnonzero(flags.any(axis=1))
        flags = flags[some]
    values[some] = np.where(flags == Flag.MISSING, MISSING, values[some])
    counts = np.zeros(meters * days, np.int16)
    counts[some] = ((flags != Flag.ACTUAL) & (flags != Flag.MISSING)).sum(axis=1)
    guessed = counts.reshape(meters, days) if counts.any() else None
    return values.reshape(meters, days * slots), guessed


def _newest(rows: _Rows, at: Int64, cell: Int64, shape: tuple[int, int]) -> tuple[Int32, Int8]:
    values = np.full(shape, MISSING, np.int32)
    flags = np.full(shape, int(Flag.MISSING), np.int8)
    all_told = flags_of(rows.told, rows.count)
    for some in _versions(cell, rows.ver[at]):
        spots = rows.first[at[some]][:, None] + np.arange(shape[1])
        told, new = all_told[spots], rows.values[spots]
        real, here = told != Flag.MISSING, cell[some]
        values[here] = np.where(real, new, values[here])
        flags[here] = np.where(real, told, flags[here])
    return values, flags


def _versions(cell: Int64, ver: Int64) -> list[Int64]:
    """Positions of the first version of each cell, then of the second, and so on."""
    order = np.lexsort((ver, cell))
    start = np.concatenate([[True], np.diff(cell[order]) != 0])
    since = np.maximum.accumulate(np.where(start, np.arange(len(order)), 0))
    rank = np.arange(len(order)) - since
    return [order[rank == n] for n in range(int(rank.max(initial=-1)) + 1)]
