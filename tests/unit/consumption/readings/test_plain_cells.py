"""Cutting plain rows out of bytes, held to a reader that goes cell by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings.formats import plain_cells
from tahseel.consumption.readings.values import Flag

COLUMN = np.array([-2, 0, plain_cells.SKIPPED, 1, 2, -3], np.int64)
SLOTS, TEXTS = 3, 2
NUMBER = re.compile(r"([0-9]*)(?:\.([0-9]*))?")

numbers = st.one_of(
    st.from_regex(r"[0-9]{1,17}(\.[0-9]{0,4})?|\.[0-9]{1,3}", fullmatch=True),
    st.sampled_from(["", "0", "2147483647", "2147483648", "2147483.647", "2147483.648"]),
    st.sampled_from(["0" * 12 + "123", "0" * 15 + "1", "9" * 40, "12.345"]),
    st.sampled_from(["1.", ".", "..", "1.2.3", "007"]),
    st.text("0123456789.- +e\r\x00é", max_size=6).filter(lambda text: "\r" not in text),
)
texts = st.text("ab 1é", max_size=5)
rows = st.lists(
    st.one_of(
        st.tuples(texts, numbers, texts, numbers, numbers, texts).map(list),
        st.lists(texts, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


@dataclass
class Cut:
    values: np.ndarray
    flags: np.ndarray
    places: np.ndarray
    told: np.ndarray
    rows: int


def cut(data: bytes, power: int) -> Cut:
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    made = Cut(
        np.zeros((count, SLOTS), np.int32), np.zeros((count, SLOTS), np.int8),
        np.zeros((count, TEXTS, 2), np.int64), np.zeros((count, 3), np.int64), 0,
    )  # fmt: skip
    made.rows = plain_cells.cut(
        np.frombuffer(data, np.uint8), ord(","), COLUMN, power,
        made.values, made.flags, made.places, made.told,
    )  # fmt: skip
    return made


def plainly(cell: str, power: int) -> int | None:
    """A plain number in base units, by the book."""
    found = NUMBER.fullmatch(cell)
    if not found or not cell.isascii() or not (found[1] or found[2]):
        return None
    before, behind = found[1], found[2] or ""
    if len(before + behind) > plain_cells.DIGITS_MAX or len(behind) > power:
        return None
    number = int((before + behind.ljust(power, "0")) or "0")
    return number if number <= plain_cells.VALUE_MAX else None


@settings(max_examples=400, deadline=None)
@given(rows, st.sampled_from([0, 3, 6, 9]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_cut_as_a_reader_cell_by_cell_would(
    lines: list[list[str]], power: int, end: str, has_end: bool
) -> None:
    data = end.join(",".join(line) for line in lines).encode()
    data += end.encode() if has_end or not data or data.endswith(b"\n") else b""
    found = cut(data, power)

    assert found.rows == len(lines) == len(found.told)
    for number, line in enumerate(lines):
        cells = line or [""]
        values = [cells[n] for n in (1, 3, 4) if n < len(cells)]
        read = [plainly(cell, power) for cell in values if cell]
        plain = None not in read and len(cells) == len(COLUMN)
        assert bool(found.told[number, 2]) == plain, (line, power)
        if not plain:
            continue
        assert found.values[number].tolist() == [plainly(c, power) or 0 for c in values]
        assert found.told[number, :2].tolist() == [sum(filter(None, read)), values.count("")]
        blank = [Flag.MISSING if not cell else Flag.ACTUAL for cell in values]
        assert found.flags[number].tolist() == blank
        told = [data[a:b].decode() for a, b in found.places[number].tolist()]
        assert told == [cells[0], cells[5]]


def test_the_flag_of_a_blank_cell_is_the_one_that_says_missing() -> None:
    assert plain_cells.MISSING == Flag.MISSING


@settings(max_examples=50, deadline=None)
@given(st.lists(texts, min_size=1, max_size=9))
def test_texts_are_gathered_one_after_the_other(told: list[str]) -> None:
    data = ",".join(told).encode()
    parts = [one.encode() for one in told]
    begins = np.cumsum([0] + [len(part) + 1 for part in parts])[:-1]
    places = np.stack([begins, begins + [len(part) for part in parts]], axis=1)
    bounds = np.cumsum([0] + [len(part) for part in parts]).astype(np.int32)
    into = np.zeros(int(bounds[-1]), np.uint8)

    plain_cells.gathered(np.frombuffer(data, np.uint8), places, bounds, into)

    assert into.tobytes() == b"".join(parts)
