"""The interval lake: meter-day blocks in Parquet files that a Delta table commits.

pyarrow writes a file, the table's log takes it in; a commit carries a transaction id (the hash of
what was imported), so the same import is taken in once however often it is tried. The table is
append only: a corrected day is a new block of a higher version. Anything that reads Delta reads it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.transaction import AddAction

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.rules import INTERVAL_S_MAX
from tahseel.kernel.period import Period

ROWS_PER_GROUP = 65_536
LONGEST_INTERVAL_DAYS = INTERVAL_S_MAX // blocks.DAY_S
_EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()
_LAYOUT = {
    "compression": "zstd",
    "compression_level": 3,
    "row_group_size": ROWS_PER_GROUP,
    "use_dictionary": ["meter_id", "register", "kind", "unit", "source", "flags.list.element"],
    "write_statistics": ["meter_id", "day"],
    "column_encoding": {
        "values.list.element": "BYTE_STREAM_SPLIT",
        "day": "DELTA_BINARY_PACKED",
        "ver": "DELTA_BINARY_PACKED",
    },
}


class Lake:
    """One Delta table in a folder; made on the first append."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def has(self, transaction: str) -> bool:
        """True when a commit with this transaction id is in the table."""
        table = self._table()
        return table is not None and table.transaction_version(transaction) is not None

    def next_version(self) -> int:
        """The version that blocks of the next append carry: higher than any before."""
        table = self._table()
        return 1 if table is None else int(table.version()) + 1

    def append(self, table: pa.Table, *, transaction: str, at: datetime) -> bool:
        """Commit blocks once. False when this transaction id was committed before.

        table: `blocks.SCHEMA`; at: when it is recorded (no clock is read here).
        """
        if self.has(transaction) or not table.num_rows:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        schema = Schema.from_arrow(blocks.SCHEMA)
        delta = self._table() or DeltaTable.create(self.folder, schema=schema, mode="ignore")
        table = table.sort_by([("meter_id", "ascending"), ("day", "ascending")])
        name = f"{hashlib.sha256(transaction.encode()).hexdigest()[:32]}.parquet"
        pq.write_table(table, self.folder / name, **_LAYOUT)
        action = AddAction(
            path=name,
            size=(self.folder / name).stat().st_size,
            partition_values={},
            modification_time=int(at.timestamp() * 1000),
            data_change=True,
            stats=json.dumps({"numRecords": table.num_rows}),
        )
        delta.create_write_transaction(
            [action],
            "append",
            schema,
            commit_properties=CommitProperties(app_transactions=[Transaction(transaction, 1)]),
        )
        return True

    def read(self, *, meter_ids: Collection[str], period: Period) -> list[blocks.Series]:
        """Every series of these meters whose blocks may touch the period (days in Kuwait)."""
        table = self._table()
        if table is None or not meter_ids:
            return []
        first = period.start.toordinal() - _EPOCH_DAY
        end = period.end.toordinal() - _EPOCH_DAY
        found = pq.read_table(
            sorted(str(self.folder / uri.rpartition("/")[2]) for uri in table.file_uris()),
            schema=blocks.SCHEMA,
            filters=[
                ("meter_id", "in", sorted(meter_ids)),
                ("day", ">=", first - LONGEST_INTERVAL_DAYS),
                ("day", "<", end),
            ],
        )
        days, lengths = found["day"].to_numpy(), found["interval_s"].to_numpy()
        reaches = (days >= first) | (days + lengths // blocks.DAY_S + 1 >= first)
        return blocks.series_of(found.filter(pa.array(reaches)))

    def _table(self) -> DeltaTable | None:
        if not DeltaTable.is_deltatable(str(self.folder)):
            return None
        return DeltaTable(self.folder)
