"""`./tahseel ledger export`: every entry, claim and checkpoint, for an outsider to recompute.

CSV with a header, or one JSON object a line. `record` says what a row is: `entry`, `claim` or
`checkpoint`. A claim's `business_date` is the day it was opened; `checkpoint` is the number of the
checkpoint that covers an entry, or its own. What a record does not have is empty (null).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from tahseel.books.claims import queries
from tahseel.books.ledger import queries as ledger

COLUMNS = (
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
    "checkpoint",
    "entries",
    "root",
    "chain",
)
CHUNK_ROWS = 1_000
_RENAMED = {"opened_on": "business_date", "number": "checkpoint"}
_WHOLE = frozenset(
    ("version", "amount_fils", "open_fils", "disputed_fils", "checkpoint", "entries")
)


def export(write: Callable[[str], object], *, as_json: bool = False) -> int:
    """Write all records of one snapshot through `write`; returns how many."""
    count = 0
    if not as_json:
        write(",".join(COLUMNS) + "\n")
    with ledger.snapshot():
        records = _records()
        while chunk := list(islice(records, CHUNK_ROWS)):
            write(_json_lines(chunk) if as_json else _csv(chunk))
            count += len(chunk)
    return count


def _records() -> Iterator[Mapping[str, str]]:
    for row in ledger.export_rows():
        yield {"record": "entry", **dict(zip(ledger.EXPORT_COLUMNS, row, strict=True))}
    names = [_RENAMED.get(column, column) for column in queries.EXPORT_COLUMNS]
    for row in queries.export_rows():
        yield {"record": "claim", **dict(zip(names, row, strict=True))}
    names = [_RENAMED.get(column, column) for column in ledger.CHECKPOINT_COLUMNS]
    for row in ledger.checkpoint_rows():
        yield {"record": "checkpoint", **dict(zip(names, row, strict=True))}


def _csv(records: list[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([record.get(column, "") for column in COLUMNS] for record in records)
    return text.getvalue()


def _json_lines(records: list[Mapping[str, str]]) -> str:
    return "".join(json.dumps(_typed(record)) + "\n" for record in records)


def _typed(record: Mapping[str, str]) -> dict[str, str | int | None]:
    return {
        column: int(cell) if column in _WHOLE and cell else cell or None
        for column, cell in ((column, record.get(column, "")) for column in COLUMNS)
    }
