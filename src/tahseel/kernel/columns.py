"""Many rows at once without an object a row: binary COPY to and from arrays, ids in bulk.

`fetch` gives the rows of a query as one array of records; `append` writes columns to a table. Ids
are rows of 16 bytes, days are counted from 2000, instants are microseconds since 2000, as
PostgreSQL counts them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Cursor

from tahseel.kernel import cells
from tahseel.kernel.cells import Bytes, Column, Int64
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import CROCKFORD, unix_milliseconds

HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
BLOCK = 1 << 20
ARRAY_HEAD = 20
FOREVER = (1 << 31) - 1
"""The day `infinity`."""
_DAY_ZERO = date(2000, 1, 1)
_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KINDS = {
    "int2": ">i2", "int4": ">i4", "int8": ">i8", "date": ">i4", "timestamptz": ">i8", "bool": "u1",
}  # fmt: skip


def fetch(
    statement: str, columns: Mapping[str, str], values: Sequence[object] = ()
) -> dict[str, NDArray[Any]]:
    """The rows of a query, a column at a time. columns: name -> type, of one width each, in order.

    The server puts each column into one array, so that all rows are one message. "text9" is a text
    that the query brings to 9 bytes. No value is NULL. Raises Broken when one is, or is of another
    width. Whole numbers come as int64.
    """
    named = ", ".join(f'"{name}"' for name in columns)
    arrays = ", ".join(f'array_agg("{name}")' for name in columns)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = Cursor(connection.connection)
        cursor.execute(
            f"select {arrays} from ({statement}) as found ({named})".encode(),  # noqa: S608 - ours
            list(values),
            binary=True,
        )
        result = cursor.pgresult
    assert result is not None
    found = enumerate(columns.items())
    return {name: _column(result.get_value(0, n), name, kind) for n, (name, kind) in found}


def _column(raw: bytes | None, name: str, kind: str) -> NDArray[Any]:
    """The elements of an array in binary form: dimensions, flag, type, count, first; then each."""
    if kind == "uuid" or kind.startswith("text"):
        width = cells.UUID_BYTES if kind == "uuid" else int(kind.removeprefix("text"))
        cell = np.dtype([("width", ">i4"), ("value", "u1", (width,))])
    else:
        cell = np.dtype([("width", ">i4"), ("value", _KINDS[kind])])
    if raw is None:
        told = np.zeros(0, cell)["value"]
    else:
        if (len(raw) - ARRAY_HEAD) % cell.itemsize:
            raise Broken(f"{name} is not of one width")
        elements = np.frombuffer(raw, cell, offset=ARRAY_HEAD)
        if (elements["width"] != cell["value"].itemsize).any():
            raise Broken(f"{name} is missing, or of another width")
        told = elements["value"]
    if kind == "bool":
        whole: NDArray[Any] = told != 0
    else:
        whole = told.astype(np.int64 if told.ndim == 1 else np.uint8)
    return whole


def append(*, table: str, columns: Mapping[str, Column]) -> int:
    """Write columns to a table by COPY into the running transaction; returns how many rows."""
    count = len(next(iter(columns.values())))
    if not count:
        return 0
    rows = memoryview(cells.as_rows(list(columns.values())).data)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin (format binary)") as copy,
    ):
        copy.write(HEAD)
        for first in range(0, len(rows), BLOCK):
            copy.write(rows[first : first + BLOCK])
        copy.write(TAIL)
    return count


def day_number(day: date) -> int:
    return (day - _DAY_ZERO).days


def day_of(number: int) -> date:
    return _DAY_ZERO + timedelta(days=number)


def instant_of(number: int) -> datetime:
    return _ZERO + number * _MICROSECOND


def day_cell(day: date) -> bytes:
    return day_number(day).to_bytes(4, "big", signed=True)


def instant_cell(at: datetime) -> bytes:
    return ((at - _ZERO) // _MICROSECOND).to_bytes(8, "big", signed=True)


def ids_of(given: Sequence[UUID]) -> Bytes:
    """Ids as rows of bytes."""
    return np.frombuffer(b"".join([one.bytes for one in given]), np.uint8).reshape(-1, 16)


def uuids(ids: Bytes) -> list[UUID]:
    """The same back; for few."""
    return [UUID(bytes=row.tobytes()) for row in ids]


def array_text(ids: Bytes) -> str:
    """Ids as the text of a `uuid[]` parameter."""
    text = np.full((len(ids), 37), ord(","), np.uint8)
    text[:, :36] = cells.uuid_text(ids)
    return "{" + text.tobytes()[:-1].decode() + "}"


def whole_array_text(values: NDArray[Any]) -> str:
    """Whole numbers as the text of an array parameter."""
    return "{" + ",".join(map(str, values.tolist())) + "}"


def derived_ids(parents: Bytes, *parts: bytes | Column) -> Bytes:
    """`ids.derived_id` of many parents; a part is the same for all, or a column."""
    said: list[Column] = [cells.fixed(parents)]
    for number, part in enumerate(parts):
        if number:
            said.append(cells.same(b"\x1f", len(parents)))
        said.append(part if isinstance(part, Column) else cells.same(part, len(parents)))
    made = cells.sha256(cells.joined(*said))[:, :16].copy()
    return _stamped(made, 0x80)


def new_ids(at: datetime, count: int) -> Bytes:
    """Fresh ids made at one instant, as `ids.new_id` makes them."""
    made = np.frombuffer(secrets.token_bytes(16 * count), np.uint8).reshape(count, 16).copy()
    made[:, :6] = np.frombuffer(unix_milliseconds(at).to_bytes(6, "big"), np.uint8)
    return _stamped(made, 0x70)


def _stamped(made: Bytes, version: int) -> Bytes:
    made[:, 6] = made[:, 6] & 0x0F | version
    made[:, 8] = made[:, 8] & 0x3F | 0x80
    return made


def reference_letters(of: Bytes, *, purpose: str, count: int) -> Bytes:
    """`ids.reference_letters` of many ids, up to four letters: a row of letters a row."""
    if not 0 < count <= 4:
        raise ValueError("between 1 and 4 letters")
    head = cells.same(purpose.encode() + b"\x1f", len(of))
    tail = cells.sha256(cells.joined(head, cells.fixed(of)))[:, 12:16]
    number: Int64 = tail.copy().view(">u4").reshape(-1).astype(np.int64)
    letters = np.frombuffer(CROCKFORD.encode(), np.uint8)
    return np.stack([letters[number >> 5 * n & 31] for n in range(count)], axis=1)
