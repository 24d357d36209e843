"""Rows as columns, from the database and into it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.db import connection

from tahseel.kernel import cells, columns
from tahseel.kernel.errors import Broken

KINDS = {"id": "uuid", "count": "int8", "day": "date", "word": "text3", "told": "bool"}


def test_a_query_comes_back_a_column_at_a_time(database: Any) -> None:
    found = columns.fetch(
        "select id, n, day, 'abc', n > 1 from unnest(%s::uuid[], array[1, -2]::bigint[],"
        " array['2000-01-03', 'infinity']::date[]) as t (id, n, day)",
        KINDS,
        ["{" + f"{UUID(int=5)},{UUID(int=6)}" + "}"],
    )

    assert columns.uuids(found["id"]) == [UUID(int=5), UUID(int=6)]
    assert found["count"].tolist() == [1, -2]
    assert found["day"].tolist() == [2, columns.FOREVER]
    assert found["word"].tobytes() == b"abcabc"
    assert found["told"].tolist() == [False, False]


def test_no_row_is_an_empty_column_of_each(database: Any) -> None:
    found = columns.fetch(
        "select gen_random_uuid(), 1::bigint where false", {"a": "uuid", "b": "int8"}
    )

    assert (found["a"].shape, found["b"].shape) == ((0, 16), (0,))


@pytest.mark.parametrize("value", ["null::bigint", "1::int"])
def test_what_is_missing_or_of_another_width_is_refused(database: Any, value: str) -> None:
    with pytest.raises(Broken):
        columns.fetch(f"select {value}", {"a": "int8"})


def test_columns_are_written_as_rows(database: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table written (n bigint, word text, day date)")
        count = columns.append(
            table="written",
            columns={
                "n": cells.numbers(np.array([7, -7]), 8),
                "word": cells.chosen(["ماء".encode(), None], np.array([0, 1])),
                "day": cells.numbers(np.array([0, 1]), 4),
            },
        )
        cursor.execute("select n, word, day::text from written order by n")
        rows = cursor.fetchall()

    assert count == 2
    assert rows == [(-7, None, "2000-01-02"), (7, "ماء", "2000-01-01")]
