"""Moves what hangs on one record to another, and exactly these rows back again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.hanging import Hanging
from tahseel.kernel.sql import prepared
from tahseel.registry.customers import rules

_ROW = {"merge_id": "uuid", "position": "int4", "table_name": "text", "key": "text[]"}
_KEPT = """
select table_name, key from customers_merge_row where merge_id = %s order by position
"""


def move_all(*, merge_id: UUID, from_id: UUID, into_id: UUID) -> int:
    """Move every row that hangs on the one to the other, and keep its key; returns how many.

    Raises the database's integrity error when the rows cannot stand together.
    """
    moved: list[tuple[UUID, int, str, list[str]]] = []
    for each in rules.hanging():
        keys = _move(each, from_id=from_id, into_id=into_id)
        begin = len(moved)
        moved += [(merge_id, begin + n, name_of(each), key) for n, key in enumerate(keys)]
    if moved:
        bulk.copy_rows(table="customers_merge_row", columns=_ROW, rows=moved)
    return len(moved)


def move_back(*, merge_id: UUID, from_id: UUID, into_id: UUID) -> int:
    """Move the rows of a merge back, where they still hang on `from_id`; returns how many did."""
    kept: dict[str, list[list[str]]] = {}
    for name, key in prepared(_KEPT, [merge_id]):
        kept.setdefault(name, []).append(key)
    return sum(
        move_keys(each, keys=kept[name_of(each)], from_id=from_id, into_id=into_id)
        for each in reversed(rules.hanging())
        if name_of(each) in kept
    )


def name_of(hanging: Hanging) -> str:
    """The column, as merges call it."""
    return f"{hanging.table}.{hanging.column}"


def _move(hanging: Hanging, *, from_id: UUID, into_id: UUID) -> list[list[str]]:
    """The keys, as text, of the rows that were moved."""
    key = ", ".join(f"{column}::text" for column in hanging.key)
    moved = prepared(
        f"update {hanging.table} set {hanging.column} = %s where {hanging.column} = %s"  # noqa: S608 - our own words
        f" returning array[{key}]",
        [into_id, from_id],
    )
    return sorted(row[0] for row in moved.fetchall())


def move_keys(
    hanging: Hanging, *, keys: Sequence[Sequence[str]], from_id: UUID, into_id: UUID
) -> int:
    """Move rows with these keys, where they still hang on `from_id`; returns how many did."""
    named = ", ".join(f"k{number}" for number in range(len(hanging.key)))
    joined = " and ".join(
        f"t.{column}::text = given.k{number}" for number, column in enumerate(hanging.key)
    )
    arrays = ", ".join("%s::text[]" for _ in hanging.key)
    moved = prepared(
        f"update {hanging.table} t set {hanging.column} = %s"  # noqa: S608 - our own words
        f" from unnest({arrays}) as given({named})"
        f" where {joined} and t.{hanging.column} = %s",
        [into_id, *(list(column) for column in zip(*keys, strict=True)), from_id],
    )
    return moved.rowcount
