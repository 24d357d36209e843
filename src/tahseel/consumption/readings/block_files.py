"""Files of meter-day blocks: how they lie on the disk, and what a commit of the lake tells of them.

Blocks lie in order of meters and a row group ends where a meter ends, so that a reader of some
meters opens some row groups only, whatever days a file has.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.lake_place import Place

ROWS_PER_GROUP = 16_384
ORDER = [(name, "ascending") for name in ("meter_id", "register", "day", "ver")]
LAYOUT = {
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": ["meter_id", "register", "kind", "unit", "source", "flags.list.element"],
    "write_statistics": ["meter_id", "day", "ver"],
    "column_encoding": {
        "values.list.element": "BYTE_STREAM_SPLIT",
        "day": "DELTA_BINARY_PACKED",
        "ver": "DELTA_BINARY_PACKED",
    },
}


@dataclass(frozen=True, slots=True)
class Stats:
    """What a commit tells of a file, so that it need not be opened where it has nothing."""

    rows: int
    first_day: int
    last_day: int
    first_meter: str
    last_meter: str

    @classmethod
    def of(cls, table: pa.Table) -> Stats:
        days, meters = pc.min_max(table["day"]).as_py(), pc.min_max(table["meter_id"]).as_py()
        return cls(table.num_rows, days["min"], days["max"], meters["min"], meters["max"])

    def with_more(self, other: Stats) -> Stats:
        """Of both together."""
        return Stats(
            self.rows + other.rows,
            min(self.first_day, other.first_day),
            max(self.last_day, other.last_day),
            min(self.first_meter, other.first_meter),
            max(self.last_meter, other.last_meter),
        )

    def as_json(self) -> str:
        bounds = {
            "minValues": {"meter_id": self.first_meter, "day": self.first_day},
            "maxValues": {"meter_id": self.last_meter, "day": self.last_day},
        }
        return json.dumps({"numRecords": self.rows, **bounds})


NOTHING = Stats(0, 0, 0, "", "")
LAST_METER = "\U0010ffff"
FAR_DAYS = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file of blocks that waits for its commit."""

    path: Path
    stats: Stats
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A file that the table has. stats: as its commit tells them; the widest where it does not."""

    name: str
    bytes: int
    stats: Stats


@dataclass(frozen=True, slots=True)
class Unused:
    """A file in the folder that the table has not. removed: since when, where a commit took it out;
    else it never was in, or so long ago that the log forgot."""

    name: str
    written: datetime
    removed: datetime | None


class Writer:
    """A file of blocks in the making; a row group ends where a meter ends.

    What is added follows what was added before in `ORDER`, and has no meter of it.
    """

    def __init__(self, place: Place, name: str) -> None:
        self.path, self.stats = place.folder / name, NOTHING
        self._place, self._held = place, ExitStack()
        file = self._held.enter_context(place.writing(self.path))
        self._writer = pq.ParquetWriter(file, blocks.SCHEMA, **LAYOUT)

    def add(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        for first, end in pairwise(_edges(table)):
            self._writer.write_table(table.slice(first, end - first), row_group_size=end - first)
        found = Stats.of(table)
        self.stats = self.stats.with_more(found) if self.stats.rows else found

    def close(self) -> Part:
        """The file, on the disk when this returns; no commit knows it yet."""
        self._writer.close()
        self._held.close()
        return Part(self.path, self.stats, self._place.size(self.path))


def _edges(table: pa.Table) -> list[int]:
    """Rows at which row groups begin, and the end of the last: whole meters, `ROWS_PER_GROUP` rows
    at most unless one meter has more."""
    coded = table["meter_id"].combine_chunks().dictionary_encode()
    starts = np.append(np.flatnonzero(np.diff(coded.indices.to_numpy(), prepend=-1)), len(coded))
    edges = [0]
    while edges[-1] < len(coded):
        place = int(np.searchsorted(starts, edges[-1] + ROWS_PER_GROUP, side="right")) - 1
        after = int(np.searchsorted(starts, edges[-1], side="right"))
        edges.append(int(starts[max(place, after)]))
    return edges


def told(
    rows: int | None, first: int | None, last: int | None, low: str | None, high: str | None
) -> Stats:
    """What a commit tells, and of what it does not the widest."""
    return Stats(
        ROWS_PER_GROUP if rows is None else rows,
        -FAR_DAYS if first is None else first,
        FAR_DAYS if last is None else last,
        low or "",
        LAST_METER if high is None else high,
    )
