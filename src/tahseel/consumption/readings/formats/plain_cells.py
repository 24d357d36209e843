"""One pass over the bytes of a CSV of days: plain numbers to base units, texts to their places.

A cell is plain where it is digits with at most one point, has at most so many digits behind it as
the unit, and fits a block; an empty one is missing. A row is plain where all its values are, no
cell is longer than anybody writes, and it has as many cells as the header. What anything else means
is not decided here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tahseel.kernel.compiling import kept, within

DIGITS_MAX = 15
CELL_MAX = 1_000
VALUE_MAX = 2**31 - 1
SKIPPED = -1
MISSING = 3
_POINT, _ZERO, _NINE, _LINE, _RETURN = 46, 48, 57, 10, 13
_NONE = -1

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kept
def cut(  # noqa: PLR0917 - compiled code takes arguments by their places
    data: Bytes,
    delimiter: int,
    column: Ints,
    power: int,
    values: npt.NDArray[np.int32],
    flags: npt.NDArray[np.int8],
    places: Ints,
    told: Ints,
) -> int:
    """Fill the arrays, all zero before, from whole lines; returns how many lines there were.

    column: for each column of the header its interval, `SKIPPED`, or -2 - n for the n-th text.
    power: digits behind the point of a base unit (3: kWh to Wh). values, flags: [rows, slots].
    places: int64 [rows, texts, 2], begin and end of a text. told: int64 [rows, 3], the sum of the
    values, how many are missing, 1 where the row is plain.
    """
    at, row = 0, 0
    while at < len(data):
        cell, plain, ended = 0, True, False
        while not ended:
            kind = column[cell] if cell < len(column) else SKIPPED
            number, stop = _value(data, at, power) if kind >= 0 else (_NONE, at)
            after = _end(data, stop, delimiter)
            ended = after >= len(data) or data[after] == _LINE
            end = after - _returns(data, at, after) if ended else after
            plain = plain and end - at <= CELL_MAX
            if kind >= 0 and end == at:
                flags[row, kind] = MISSING
                told[row, 1] += 1
            elif kind >= 0 and stop == end and number >= 0:
                values[row, kind] = number
                told[row, 0] += number
            elif kind >= 0:
                plain = False
            elif kind < SKIPPED:
                places[row, -2 - kind, 0], places[row, -2 - kind, 1] = at, end
            cell += 1
            at = after + 1
        told[row, 2] = plain and cell == len(column)
        row += 1
    return row


@within
def _value(data: Bytes, at: int, power: int) -> tuple[int, int]:
    """A number from here on in base units, `_NONE` where it is not plain; and where it stops."""
    number, digits, behind, point = 0, 0, 0, 0
    while at < len(data):
        sign = int(data[at])
        if _ZERO <= sign <= _NINE:
            digits += 1
            behind += point
            number = number * 10 + (sign - _ZERO)
        elif sign == _POINT and not point:
            point = 1
        else:
            break
        at += 1
    plain = 0 < digits <= DIGITS_MAX and behind <= power
    while plain and behind < power:
        number *= 10
        behind += 1
        plain = number <= VALUE_MAX
    return (number if plain and number <= VALUE_MAX else _NONE), at


@within
def _end(data: Bytes, at: int, delimiter: int) -> int:
    """Where the cell ends: at the delimiter, at the line's end or behind everything."""
    while at < len(data) and data[at] != delimiter and data[at] != _LINE:
        at += 1
    return at


@within
def _returns(data: Bytes, at: int, after: int) -> int:
    """1 where the last sign of a line's last cell belongs to the line's end (of two signs)."""
    return 1 if at < after < len(data) and data[after - 1] == _RETURN else 0


@kept
def gathered(data: Bytes, places: Ints, bounds: npt.NDArray[np.int32], into: Bytes) -> None:
    """Texts one after the other. places: [rows, 2]; bounds: [rows + 1], of each in `into`."""
    for row in range(len(places)):
        begin, end = places[row]
        into[bounds[row] : bounds[row + 1]] = data[begin:end]
