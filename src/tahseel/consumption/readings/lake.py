"""The interval lake: meter-day blocks in Parquet files that a Delta table commits.

pyarrow writes a file, the table's log takes it in; a commit carries a transaction id (the hash of
what was imported), so the same import is taken in once however often it is tried. The table is
append only: a corrected day is a new block of a higher version. Anything that reads Delta reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.rules import INTERVAL_S_MAX
from tahseel.kernel.period import Period

ROWS_PER_GROUP = 16_384
LONGEST_INTERVAL_DAYS = INTERVAL_S_MAX // blocks.DAY_S
_EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()
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

    @classmethod
    def of(cls, table: pa.Table) -> Stats:
        found = pc.min_max(table["day"])
        return cls(table.num_rows, found["min"].as_py(), found["max"].as_py())

    def as_json(self) -> str:
        bounds = {"minValues": {"day": self.first_day}, "maxValues": {"day": self.last_day}}
        return json.dumps({"numRecords": self.rows, **bounds})


def write(table: pa.Table, path: Path) -> None:
    """Blocks in `ORDER` to a file on the disk; a row group ends where a meter ends."""
    with path.open("wb") as file:
        with pq.ParquetWriter(file, table.schema, **LAYOUT) as writer:
            for first, end in pairwise(_edges(table)):
                writer.write_table(table.slice(first, end - first), row_group_size=end - first)
        file.flush()
        os.fsync(file.fileno())


def flush(*paths: Path) -> None:
    """Files, or the names in folders, to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


def added(path: Path, stats: Stats, *, at: datetime, data_change: bool = True) -> AddAction:
    """The action that takes a file of the lake's folder into its table."""
    return AddAction(
        path=path.name,
        size=path.stat().st_size,
        partition_values={},
        modification_time=int(at.timestamp() * 1000),
        data_change=data_change,
        stats=stats.as_json(),
    )


@dataclass(frozen=True, slots=True)
class Days:
    """Days in Kuwait as blocks count them, from `first` to before `end`."""

    first: int
    end: int

    @classmethod
    def of(cls, period: Period) -> Days:
        return cls(period.start.toordinal() - _EPOCH_DAY, period.end.toordinal() - _EPOCH_DAY)

    @property
    def count(self) -> int:
        return self.end - self.first


@dataclass(frozen=True, slots=True)
class Part:
    """A file of blocks that waits for its commit."""

    path: Path
    stats: Stats


class Lake:
    """One Delta table in a folder; made on the first append."""

    def __init__(self, folder: Path | str, *, as_of: int | None = None) -> None:
        """as_of: blocks of a higher version are not there for who reads."""
        self.folder, self.as_of = Path(folder), as_of

    def has(self, transaction: str) -> bool:
        """True when a commit with this transaction id is in the table."""
        table = self._table()
        return table is not None and table.transaction_version(transaction) is not None

    def next_version(self) -> int:
        """The version that blocks of the next append carry: higher than any before."""
        return self.version() + 1

    def version(self) -> int:
        """The highest version that a block can carry by now; 0 before the first."""
        table = self._table()
        return 0 if table is None else int(table.version())

    def touched_since(self, version: int) -> set[tuple[str, int]]:
        """Meter and day (since 1970) of every block of a higher version than this one."""
        table = self._table()
        if table is None:
            return set()
        found = (
            pq.read_table(
                self._files(table), columns=["meter_id", "day"], filters=[("ver", ">", version)]
            )
            .group_by(["meter_id", "day"])
            .aggregate([])
        )
        return set(zip(found["meter_id"].to_pylist(), found["day"].to_pylist(), strict=True))

    def append(self, table: pa.Table, *, transaction: str, at: datetime) -> bool:
        """Commit blocks once. False when this transaction id was committed before.

        table: `blocks.SCHEMA`; at: when it is recorded (no clock is read here).
        """
        if self.has(transaction) or not table.num_rows:
            return False
        part = self.part(table, transaction=transaction, number=0)
        return self.commit([part], transaction=transaction, at=at)

    def part(self, table: pa.Table, *, transaction: str, number: int) -> Part:
        """Write blocks to a file that no commit knows yet; the same number again replaces it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        named = f"{transaction}#{number}" if number else transaction
        path = self.folder / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.parquet"
        write(table.sort_by(ORDER), path)
        return Part(path, Stats.of(table))

    def commit(self, parts: Sequence[Part], *, transaction: str, at: datetime) -> bool:
        """Take written files in, all together and once; it is on the disk when this returns."""
        if self.has(transaction) or not parts:
            return False
        schema = Schema.from_arrow(blocks.SCHEMA)
        delta = self._table() or DeltaTable.create(self.folder, schema=schema, mode="ignore")
        delta.create_write_transaction(
            [added(part.path, part.stats, at=at) for part in parts],
            "append",
            schema,
            commit_properties=CommitProperties(app_transactions=[Transaction(transaction, 1)]),
        )
        self._sync()
        return True

    def forget(self, parts: Sequence[Part]) -> None:
        """Throw files away that no commit took in."""
        for part in parts:
            part.path.unlink(missing_ok=True)

    def _sync(self) -> None:
        """The log's newest entries and the names of all files to the disk."""
        log = self.folder / "_delta_log"
        flush(*sorted(log.glob("*.json"))[-2:], log, self.folder)

    def read(self, *, meter_ids: Collection[str], period: Period) -> list[blocks.Series]:
        """Every series of these meters whose blocks may touch the period (days in Kuwait)."""
        return blocks.series_of(self.blocks(meter_ids=meter_ids, period=period))

    def blocks(self, *, meter_ids: Collection[str], period: Period) -> pa.Table:
        """Every block of these meters that may touch the period, in no order. `blocks.SCHEMA`."""
        days = Days.of(period)
        files = self.files(days)
        if not files or not meter_ids:
            return blocks.SCHEMA.empty_table()
        first = days.first
        found = pq.read_table(
            [str(file) for file in files],
            schema=blocks.SCHEMA,
            filters=[
                ("meter_id", "in", sorted(meter_ids)),
                ("day", ">=", first - LONGEST_INTERVAL_DAYS),
                ("day", "<", days.end),
                *([] if self.as_of is None else [("ver", "<=", self.as_of)]),
            ],
        )
        day, lengths = found["day"].to_numpy(), found["interval_s"].to_numpy()
        reaches = (day >= first) | (day + lengths // blocks.DAY_S + 1 >= first)
        return found if reaches.all() else found.filter(pa.array(reaches))

    def reach(self, meter_id: str) -> tuple[date, date] | None:
        """The first and the last day of which a meter has a block, or None."""
        table = self._table()
        if table is None:
            return None
        found = pq.read_table(
            self._files(table), columns=["day"], filters=[("meter_id", "=", meter_id)]
        )
        if not found.num_rows:
            return None
        bounds = pc.min_max(found["day"]).as_py()
        first, last = bounds["min"] + _EPOCH_DAY, bounds["max"] + _EPOCH_DAY
        return date.fromordinal(first), date.fromordinal(last)

    def files(self, days: Days) -> list[Path]:
        """The files that may hold blocks which touch these days, by what their commits say."""
        table = self._table()
        if table is None:
            return []
        told = pa.table(table.get_add_actions(flatten=True)).to_pydict()
        unknown = [None] * len(told["path"])
        found = []
        for path, low, high in zip(
            told["path"], told.get("min.day", unknown), told.get("max.day", unknown), strict=True
        ):
            early = high is not None and high < days.first - LONGEST_INTERVAL_DAYS
            if not early and (low is None or low < days.end):
                found.append(self.folder / path)
        return sorted(found)

    def _files(self, table: DeltaTable) -> list[str]:
        return sorted(str(self.folder / uri.rpartition("/")[2]) for uri in table.file_uris())

    def _table(self) -> DeltaTable | None:
        if not self.folder.is_dir():
            return None
        try:
            return DeltaTable(self.folder)
        except TableNotFoundError:  # a part was written before the first commit
            return None
