"""A month of a town's meters in a lake, with what else judging them needs to know.

Every meter's month is one of some thousand generated ones (`vee_town`); ids are its own and in
order. Written by the lake's own `append`, some thousand meters at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench import vee_town
from bench.vee_town import DAYS, SLOTS
from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee import MISSING, Batch

DISTINCT, AT_ONCE = 5, 20_000
AT = datetime(2026, 7, 1, tzinfo=UTC)
MONTH = Days(20_605, 20_605 + DAYS)
BLANK = 90
KNOWN = "known.npz"


@cache
def batch(number: int, meters: int) -> Batch:
    """One of the generated months, which come again every `DISTINCT` of them."""
    return vee_town.month(meters, seed=100 + number % DISTINCT)


def meter_ids(first: int, count: int) -> list[str]:
    return [str(UUID(int=number << BLANK)) for number in range(first, first + count)]


def build(folder: Path, meters: int) -> None:
    """Write the lake, every append one commit, and what is known of its meters beside it.

    meters: fewer than `AT_ONCE`, or a multiple of it.
    """
    lake = Lake(folder)
    for first in range(0, meters, AT_ONCE):
        count = min(AT_ONCE, meters - first)
        table = table_of(batch(first // AT_ONCE, count), meter_ids(first, count), lake)
        lake.append(table, transaction=f"part-{first}", at=AT)
    known = Knowledge.of(meters)
    np.savez(folder.with_name(KNOWN), dial=known.dial, usual=known.usual)
    batch.cache_clear()


def table_of(months: Batch, ids: list[str], lake: Lake) -> pa.Table:
    """Meter-day blocks of some meters."""
    rows = len(ids) * DAYS
    gone = months.values == MISSING
    ends = np.arange(rows + 1, dtype=np.int64) * SLOTS
    values = np.where(gone, 0, months.values).reshape(-1).astype(np.int32)
    flags = np.where(gone, int(Flag.MISSING), int(Flag.ACTUAL)).reshape(-1).astype(np.int8)
    same = {"register": "1.8.0", "kind": "import", "unit": "Wh", "source": "town"}
    return pa.table(
        {
            "meter_id": np.repeat(np.array(ids), DAYS),
            "day": np.tile(np.arange(MONTH.first, MONTH.end, dtype=np.int32), len(ids)),
            "interval_s": np.full(rows, 86_400 // SLOTS, np.int32),
            "offset_s": np.zeros(rows, np.int32),
            "ver": np.full(rows, lake.next_version(), np.int64),
            "recorded_at": pa.array([AT] * rows, pa.timestamp("us", tz="UTC")),
            "values": pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), pa.array(values)),
            "flags": blocks.told_flags(flags, ends),
            **{name: pa.array([text] * rows) for name, text in same.items()},
        }
    ).select(blocks.SCHEMA.names)


@dataclass(frozen=True)
class Knowledge:
    """The dials at every start of day and the usual day, by a meter's number; they come again with
    the months."""

    dial: npt.NDArray[np.int64]
    usual: npt.NDArray[np.int64]

    @classmethod
    def beside(cls, lake: Path) -> Knowledge:
        """As `build` kept it beside a lake."""
        with np.load(lake.with_name(KNOWN)) as kept:
            return cls(kept["dial"], kept["usual"])

    @classmethod
    def of(cls, meters: int) -> Knowledge:
        each = min(AT_ONCE, meters)
        parts = [batch(number, each) for number in range(min(DISTINCT, meters // each))]
        dials, usual = [part.dial for part in parts], [part.usual for part in parts]
        return cls(np.concatenate(dials), np.concatenate(usual))

    def about(self, dense: Dense) -> Context:
        numbers = np.array([UUID(one).int >> BLANK for one in dense.meter_ids], np.int64)
        numbers %= len(self.usual)
        dial, usual = self.dial[numbers], self.usual[numbers]
        which: Any = np.zeros(len(numbers), np.int64)
        return Context(dial, usual, vee_town.bands(), [vee_town.LIMITS], which)
