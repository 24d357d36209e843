"""`./tahseel ledger export`: every entry and every claim as one CSV, for an outsider to recompute.

The first column says what a row is: `entry` or `claim`. A claim's `business_date` is the day it was
opened. Columns that a record does not have are empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from tahseel.books.claims import queries
from tahseel.books.ledger import queries as ledger

COLUMNS = [
    "record",
    "account_id",
    "id",
    "version",
    "debit",
    "credit",
    "amount_fils",
    "business_date",
    "recorded_at",
    "source",
    "source_id",
    "reverses",
    "reference",
    "kind",
    "due_date",
    "open_fils",
    "disputed_fils",
    "closed_at",
    "customer_id",
]
_RENAMED = {"opened_on": "business_date"}
CHUNK_ROWS = 1_000


def export(write: Callable[[str], object]) -> int:
    """Write the CSV through `write`, header first; returns the number of records."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(_records(), start=1):
        writer.writerow(row)
        if count % CHUNK_ROWS == 0:
            write(buffer.getvalue())
            buffer.seek(0)
            buffer.truncate()
    write(buffer.getvalue())
    return count


def _records() -> Iterator[list[str]]:
    for row in ledger.export_rows():
        yield _placed("entry", ledger.EXPORT_COLUMNS, row)
    for row in queries.export_rows():
        yield _placed("claim", queries.EXPORT_COLUMNS, row)


def _placed(record: str, columns: list[str], row: tuple[str, ...]) -> list[str]:
    named = {_RENAMED.get(column, column): cell for column, cell in zip(columns, row, strict=True)}
    return [record if column == "record" else named.get(column, "") for column in COLUMNS]
