"""The interval lake: meter-day blocks in Parquet files that a Delta table commits.

pyarrow writes a file, the table's log takes it in; a commit carries a transaction id (the hash of
what was imported), so the same import is taken in once however often it is tried. The table is
append only: a corrected day is a new block of a higher version. Anything that reads Delta reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.block_files import (
    ORDER,
    Held,
    Part,
    Unused,
    Writer,
    told,
)
from tahseel.consumption.readings.lake_place import Place
from tahseel.consumption.readings.rules import INTERVAL_S_MAX
from tahseel.kernel.period import Period

LOG = "_delta_log"
LONGEST_INTERVAL_DAYS = INTERVAL_S_MAX // blocks.DAY_S
_EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()


def added(part: Part, *, at: datetime, data_change: bool = True) -> AddAction:
    """The action that takes a file of the lake's folder into its table."""
    return AddAction(
        path=part.path.name,
        size=part.bytes,
        partition_values={},
        modification_time=int(at.timestamp() * 1000),
        data_change=data_change,
        stats=part.stats.as_json(),
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


class Lake:
    """One Delta table in a folder or an object store; made on the first append."""

    def __init__(self, folder: Path | str, *, as_of: int | None = None) -> None:
        """folder: or its URL; as_of: blocks of a higher version are not there for who reads."""
        self.place, self.as_of = Place.of(folder), as_of
        self.folder, self.disk = self.place.folder, self.place.disk

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
                self._files(table),
                filesystem=self.disk,
                columns=["meter_id", "day"],
                filters=[("ver", ">", version)],
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
        named = f"{transaction}#{number}" if number else transaction
        writer = Writer(self.place, f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.parquet")
        writer.add(table.sort_by(ORDER))
        return writer.close()

    def commit(self, parts: Sequence[Part], *, transaction: str, at: datetime) -> bool:
        """Take written files in, all together and once; it is on the disk when this returns."""
        if self.has(transaction) or not parts:
            return False
        schema = Schema.from_arrow(blocks.SCHEMA)
        delta = self._table() or DeltaTable.create(
            self.place.url, schema=schema, mode="ignore", storage_options=self.place.options
        )
        self.place.settle("")
        delta.create_write_transaction(
            [added(part, at=at) for part in parts],
            "append",
            schema,
            commit_properties=CommitProperties(app_transactions=[Transaction(transaction, 1)]),
        )
        self._sync()
        return True

    def replace(self, old: Sequence[Held], parts: Sequence[Part], *, at: datetime) -> bool:
        """Take files out and others in that hold the same blocks, in one commit.

        False, and nothing is changed, where one of the old files is no longer there. Who opened an
        old file reads on: it stays on the disk until `unused` names it and somebody deletes it.
        """
        delta = self._table()
        standing = {one.name for one in self.held()}
        if delta is None or not standing.issuperset(one.name for one in old):
            return False
        self.place.settle("")
        when = int(at.timestamp() * 1000)
        delta.create_write_transaction(
            [
                *(RemoveAction(one.name, False, when, one.bytes, {}) for one in old),
                *(added(part, at=at, data_change=False) for part in parts),
            ],
            "append",
            Schema.from_arrow(blocks.SCHEMA),
        )
        self._sync()
        return True

    def unused(self) -> list[Unused]:
        """Every file of blocks in the folder that the table does not have now."""
        standing = {one.name for one in self.held()}
        removed = self._removed()
        return [
            Unused(one.name, one.written, removed.get(one.name))
            for one in self.place.entries(".parquet")
            if one.name not in standing
        ]

    def _removed(self) -> dict[str, datetime]:
        """When commits took files out, as far as the log reaches."""
        found = {}
        for entry in self.place.entries(".json", below=LOG):
            for line in self.place.read(f"{LOG}/{entry.name}").splitlines():
                action = orjson.loads(line).get("remove")
                if action:
                    at = datetime.fromtimestamp(action["deletionTimestamp"] / 1000, UTC)
                    found[unquote(action["path"])] = at
        return found

    def forget(self, parts: Sequence[Part]) -> None:
        """Throw files away that no commit took in."""
        self.delete([part.path.name for part in parts])

    def delete(self, names: Sequence[str]) -> None:
        """Files of the folder that no reader needs any more."""
        for name in names:
            self.place.delete(name)

    def _sync(self) -> None:
        """The log's newest entries and the names of all files to the disk."""
        if self.disk is None:
            newest = self.place.entries(".json", below=LOG)[-2:]
            self.place.settle(*(f"{LOG}/{one.name}" for one in newest), LOG, "")

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
            filesystem=self.disk,
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
            self._files(table),
            filesystem=self.disk,
            columns=["day"],
            filters=[("meter_id", "=", meter_id)],
        )
        if not found.num_rows:
            return None
        bounds = pc.min_max(found["day"]).as_py()
        first, last = bounds["min"] + _EPOCH_DAY, bounds["max"] + _EPOCH_DAY
        return date.fromordinal(first), date.fromordinal(last)

    def files(self, days: Days) -> list[Path]:
        """The files that may hold blocks which touch these days, by what their commits say."""
        return sorted(
            self.folder / one.name
            for one in self.held()
            if one.stats.last_day >= days.first - LONGEST_INTERVAL_DAYS
            and one.stats.first_day < days.end
        )

    def held(self) -> list[Held]:
        """Every file of the table, by name."""
        table = self._table()
        if table is None:
            return []
        columns = pa.table(table.get_add_actions(flatten=True)).to_pydict()
        unknown = [None] * len(columns["path"])
        bounds = ("num_records", "min.day", "max.day", "min.meter_id", "max.meter_id")
        stats = zip(*(columns.get(name, unknown) for name in bounds), strict=True)
        names, sizes = columns["path"], columns["size_bytes"]
        rows = zip(names, sizes, stats, strict=True)
        found = [Held(name, size, told(*row)) for name, size, row in rows]
        return sorted(found, key=lambda one: one.name)

    def _files(self, table: DeltaTable) -> list[str]:
        return sorted(str(self.folder / uri.rpartition("/")[2]) for uri in table.file_uris())

    def _table(self) -> DeltaTable | None:
        if not self.place.exists():
            return None
        try:
            return DeltaTable(self.place.url, storage_options=self.place.options)
        except TableNotFoundError:  # a part was written before the first commit
            return None
