"""Columns of bytes: what many rows say of one thing, kept in arrays instead of objects.

A column lends its rows pieces of one flat store: row r is `width[r]` bytes from `start[r]` on. So a
text that all rows share is stored once, and a text that each row has for itself is one long text.
Machine code (`laying`) is imported by whoever lays rows, not by whoever imports this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]
NOTHING = -1
"""The width of a cell that is NULL."""
DIGITS_MAX = 19
UUID_BYTES, UUID_LETTERS = 16, 36
_HEX = np.frombuffer(b"".join(b"%02x" % n for n in range(256)), np.uint8).reshape(256, 2)
_DASHES = (8, 13, 18, 23)
_BETWEEN = np.array([n for n in range(UUID_LETTERS) if n not in _DASHES])


@dataclass(frozen=True, slots=True)
class Column:
    """One cell a row; a width of NOTHING is NULL."""

    store: Bytes
    start: Int64
    width: Int64

    def __len__(self) -> int:
        return len(self.start)

    def taken(self, rows: NDArray[Any]) -> Column:
        """Some rows (numbers or a mask), in the order given; the store stays the same."""
        return Column(self.store, self.start[rows], self.width[rows])

    def cells(self) -> list[bytes]:
        """The cells one by one; for tests and for few rows."""
        ends = (self.start + np.maximum(self.width, 0)).tolist()
        raw = self.store.tobytes()
        return [raw[a:b] for a, b in zip(self.start.tolist(), ends, strict=True)]


def same(cell: bytes | None, rows: int) -> Column:
    """A column whose rows all say the same; None is NULL."""
    width = NOTHING if cell is None else len(cell)
    store = np.frombuffer(cell or b"\0", np.uint8)
    return Column(store, np.zeros(rows, np.int64), np.full(rows, width, np.int64))


def chosen(words: Sequence[bytes | None], which: Int64) -> Column:
    """A column whose rows each say one of a few words."""
    widths = np.array([NOTHING if word is None else len(word) for word in words], np.int64)
    starts = np.concatenate(([0], np.cumsum(np.maximum(widths, 0))[:-1])).astype(np.int64)
    store = np.frombuffer(b"".join(word or b"" for word in words) or b"\0", np.uint8)
    return Column(store, starts[which], widths[which])


def fixed(matrix: NDArray[Any]) -> Column:
    """A column of one width: a row of bytes a row."""
    rows, width = matrix.shape
    flat = np.ascontiguousarray(matrix).view(np.uint8).reshape(-1)
    starts = np.arange(0, rows * width, width, dtype=np.int64) if rows else np.zeros(0, np.int64)
    return Column(flat, starts, np.full(rows, width, np.int64))


def numbers(values: NDArray[Any], width: int) -> Column:
    """Whole numbers as PostgreSQL sends them, so many bytes each, the highest first."""
    return fixed(values.astype(f">i{width}").view(np.uint8).reshape(len(values), width))


def blanked(column: Column, where: NDArray[np.bool_]) -> Column:
    """The column with NULL in some rows."""
    return Column(column.store, column.start, np.where(where, NOTHING, column.width))


def uuid_text(ids: Bytes) -> Bytes:
    """Ids (16 bytes a row) as people write them: 36 letters a row."""
    text = np.full((len(ids), UUID_LETTERS), ord("-"), np.uint8)
    text[:, _BETWEEN] = _HEX[ids].reshape(len(ids), 2 * UUID_BYTES)
    return text


def _machine_code() -> Any:
    return import_module("tahseel.kernel.laying")


def digits(values: Int64) -> Column:
    """Whole numbers, not below zero, in decimal."""
    if len(values) and values.min() < 0:
        raise ValueError("a number below zero")
    out = np.zeros(len(values) * DIGITS_MAX + 1, np.uint8)
    start, width = np.empty(len(values), np.int64), np.empty(len(values), np.int64)
    _machine_code().write_digits(np.ascontiguousarray(values, np.int64), out, start, width)
    return Column(out, start, width)


def _laid(columns: Sequence[Column], head: bytes, told: int) -> tuple[Bytes, Int64]:
    """Rows one after another, and where each begins; the last number is where all end."""
    rows = len(columns[0])
    sizes = np.full(rows, len(head) + told * len(columns), np.int64)
    for one in columns:
        sizes += np.maximum(one.width, 0)
    begins = np.zeros(rows + 1, np.int64)
    np.cumsum(sizes, out=begins[1:])
    out = np.empty(begins[-1], np.uint8)
    at = begins[:-1].copy()
    for n, byte in enumerate(head):
        out[at + n] = byte
    at += len(head)
    place = _machine_code().place
    for one in columns:
        place(out, at, (one.store, one.start, one.width), told)
    return out, begins


def joined(*columns: Column) -> Column:
    """One column whose cells are those of several, one after another. NULL joins as nothing."""
    out, begins = _laid(columns, b"", 0)
    return Column(out, begins[:-1], np.diff(begins))


def as_rows(columns: Sequence[Column]) -> Bytes:
    """Rows as `copy ... (format binary)` wants them, without head and tail of the whole."""
    out, _ = _laid(columns, len(columns).to_bytes(2, "big"), 4)
    return out


def sha256(column: Column) -> Bytes:
    """SHA-256 of each cell: 32 bytes a row. The cells lie one after another, as `joined` makes."""
    if not len(column):
        return np.zeros((0, 32), np.uint8)
    raw, digest = memoryview(column.store.data), hashlib.sha256
    starts = column.start.tolist()
    ends = (column.start + column.width).tolist()
    made = b"".join([digest(raw[a:b]).digest() for a, b in zip(starts, ends, strict=True)])
    return np.frombuffer(made, np.uint8).reshape(-1, 32)
