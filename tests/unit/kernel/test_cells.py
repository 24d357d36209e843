"""Columns of bytes and ids in bulk say what one value after another says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import cells, columns, ids

UUIDS = st.lists(st.uuids(), min_size=1, max_size=20)
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@given(st.lists(st.tuples(st.binary(max_size=9), st.integers(0, 2**63 - 1)), min_size=1))
def test_cells_are_joined_in_order(given_rows: list[tuple[bytes, int]]) -> None:
    words = [word for word, _ in given_rows]
    values = np.array([value for _, value in given_rows], np.int64)

    made = cells.joined(
        cells.chosen(words, np.arange(len(words))), cells.same(b"-", len(words)),
        cells.digits(values),
    )  # fmt: skip

    assert made.cells() == [word + b"-" + str(value).encode() for word, value in given_rows]


def test_a_row_tells_the_width_of_each_cell_and_nothing_has_none() -> None:
    number = cells.numbers(np.array([1, -2]), 2)
    word = cells.chosen([b"ab", None], np.array([1, 0]))

    rows = cells.as_rows([number, word]).tobytes()

    assert rows == (
        b"\0\2" + b"\0\0\0\2\0\1" + b"\xff\xff\xff\xff"
        b"\0\2" + b"\0\0\0\2\xff\xfe" + b"\0\0\0\2ab"
    )  # fmt: skip


def test_a_number_below_zero_has_no_digits_here() -> None:
    with pytest.raises(ValueError, match="below zero"):
        cells.digits(np.array([3, -1]))


@given(UUIDS)
def test_ids_in_bulk_are_the_ids_one_by_one(parents: list[UUID]) -> None:
    matrix = columns.ids_of(parents)
    part = cells.chosen([b"water", b"electricity"], np.arange(len(parents)) % 2)
    said = ["electricity" if n % 2 else "water" for n in range(len(parents))]

    derived = columns.uuids(columns.derived_ids(matrix, b"entry", part))
    letters = columns.reference_letters(matrix, purpose="bill-number", count=4)

    assert derived == [
        ids.derived_id(one, "entry", word) for one, word in zip(parents, said, strict=True)
    ]
    assert [row.tobytes().decode() for row in letters] == [
        ids.reference_letters(one, purpose="bill-number", count=4) for one in parents
    ]
    assert columns.array_text(matrix) == "{" + ",".join(map(str, parents)) + "}"
    assert cells.fixed(cells.uuid_text(matrix)).cells() == [str(one).encode() for one in parents]


def test_fresh_ids_are_of_their_instant_and_differ() -> None:
    made = columns.uuids(columns.new_ids(AT, 50))

    assert len(set(made)) == 50
    assert {(one.version, one.int >> 80) for one in made} == {(7, ids.unix_milliseconds(AT))}
    assert {one.variant for one in made} == {ids.new_id(AT).variant}
