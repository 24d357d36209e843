"""Decimal numbers: a row read at once equals its numbers read one by one, exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings.formats.numbers import Column, decimal, plain

PLAIN = st.from_regex(
    r"[+-]?([0-9]{1,9}(\.[0-9]{0,6})?|\.[0-9]{1,6})",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
)
ANY = st.from_regex(
    r"-?[0-9]{1,18}(\.[0-9]{0,20})?(e-?[0-9])?",
    fullmatch=True,
    alphabet=st.characters(codec="ascii"),
)


@given(cells=st.lists(PLAIN, min_size=1, max_size=20))
def test_a_row_of_plain_numbers_is_read_exactly(cells: list[str]) -> None:
    row = plain(cells)

    assert row is not None
    assert [Fraction(n, 10 ** row[1]) for n in row[0]] == [Fraction(c) for c in cells]


@given(text=ANY)
def test_a_number_is_read_exactly(text: str) -> None:
    found = decimal(text)

    assert found is not None
    assert Fraction(found[0], 10 ** found[1]) == Fraction(text)


NOT_NUMBERS = ["", ".", "-", "e5", "1e99", "nan", "inf", "1_0", "1,5", "0x1", "\u0663", "1\n"]


@pytest.mark.parametrize("text", [*NOT_NUMBERS, "1" * 19])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    assert decimal(text) is None
    assert plain(["1", text, "2"]) is None


@given(
    rows=st.lists(
        st.tuples(st.lists(st.integers(-(10**19), 10**19), max_size=5), st.integers(0, 9)),
        max_size=8,
    )
)
def test_a_column_keeps_every_number_whatever_its_digits_and_size(
    rows: list[tuple[list[int], int]],
) -> None:
    column = Column()
    for numbers, digits in rows:
        column.extend(numbers, digits)

    want = [Fraction(n, 10**digits) for numbers, digits in rows for n in numbers]
    assert [Fraction(n, 10**column.digits) for n in column.numbers] == want
