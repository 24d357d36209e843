"""Lays columns of bytes into rows, as machine code; see `cells`."""

from __future__ import annotations

from tahseel.kernel.cells import DIGITS_MAX, Bytes, Int64
from tahseel.kernel.compiling import compiled


@compiled
def write_digits(values: Int64, out: Bytes, start: Int64, width: Int64) -> None:
    """Decimal digits of numbers that are not below zero, each in DIGITS_MAX bytes of `out`."""
    for row in range(values.size):
        left, at = values[row], (row + 1) * DIGITS_MAX
        end = at
        while True:
            at -= 1
            out[at] = 48 + left % 10
            left //= 10
            if left == 0:
                break
        start[row], width[row] = at, end - at


@compiled
def place(out: Bytes, at: Int64, cells: tuple[Bytes, Int64, Int64], told: int) -> None:
    """Put a column's cells at each row's place, after their width where it is told; move on."""
    store, start, width = cells
    for row in range(at.size):
        place, size = at[row], width[row]
        if told != 0:
            out[place] = size >> 24 & 255
            out[place + 1] = size >> 16 & 255
            out[place + 2] = size >> 8 & 255
            out[place + 3] = size & 255
            place += 4
        begin = start[row]
        for n in range(size):
            out[place + n] = store[begin + n]
        at[row] = place + max(size, 0)
