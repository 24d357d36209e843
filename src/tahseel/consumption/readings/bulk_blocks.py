"""Whole days of many meters as blocks, in the lake's order; every value is copied once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.blocks import DAY_S, Mark
from tahseel.consumption.readings.formats import interval_csv

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WholeDays:
    """Days of meters. meter, register: codes of each row; days: since 1970; values, flags:
    [rows, slots], in base units."""

    meter: Ints
    register: Ints
    days: Ints
    values: npt.NDArray[np.int32]
    flags: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.meter)


def table_of(
    some: Sequence[WholeDays], *, ids: npt.NDArray[np.bytes_], registers: Sequence[str],
    unit: str, mark: Mark,
) -> pa.Table:  # fmt: skip
    """`blocks.SCHEMA`. ids: of meters, by code; registers: names by code; unit: of the values.

    some: at least one; all have as many slots.
    """
    meter = np.concatenate([one.meter for one in some])
    register = np.concatenate([one.register for one in some])
    days = np.concatenate([one.days for one in some]).astype(np.int32)
    order = np.lexsort((days, _ranks(registers)[register], _ranks(ids)[meter]))
    count, slots = len(order), some[0].values.shape[1]
    values, flags = _ordered(some, order)
    ends = np.arange(count + 1, dtype=np.int64) * slots
    codes = pa.array(register[order])
    kinds = [str(interval_csv.kind_of(name, unit)) for name in registers]
    recorded = pa.scalar(mark.recorded_at, pa.timestamp("us", tz="UTC"))
    return pa.table(
        {
            "meter_id": pa.array(ids[meter[order]], pa.binary()).cast(pa.string()),
            "register": pa.array(registers).take(codes),
            "kind": pa.array(kinds).take(codes),
            "unit": pa.repeat(pa.scalar(unit), count),
            "day": days[order],
            "interval_s": np.full(count, DAY_S // slots, np.int32),
            "offset_s": np.zeros(count, np.int32),
            "ver": np.full(count, mark.version, np.int64),
            "recorded_at": pa.repeat(recorded, count),
            "source": pa.repeat(pa.scalar(mark.source), count),
            "values": pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), values),
            "flags": blocks.told_flags(flags, ends),
        },
        schema=blocks.SCHEMA,
    )


def _ranks(names: Sequence[str] | npt.NDArray[np.bytes_]) -> Ints:
    """Of each name its place among all in order of their bytes, as the lake orders them."""
    written = names if isinstance(names, np.ndarray) else np.array([n.encode() for n in names])
    ranks = np.empty(len(written), np.int64)
    ranks[np.argsort(written, kind="stable")] = np.arange(len(written))
    return ranks


def _ordered(
    some: Sequence[WholeDays], order: Ints
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int8]]:
    """Values and flags one after the other, rows in an order over all of `some`."""
    slots = some[0].values.shape[1]
    values = np.empty((len(order), slots), np.int32)
    flags = np.empty((len(order), slots), np.int8)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    at = 0
    for one in some:
        here = place[at : at + len(one)]
        values[here], flags[here] = one.values, one.flags
        at += len(one)
    return values.reshape(-1), flags.reshape(-1)
