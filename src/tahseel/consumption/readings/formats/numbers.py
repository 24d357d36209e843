"""Decimal numbers of files, exactly: integers over one power of ten.

A whole row is read at once where its numbers are plain; a number that is not is read on its own.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, MutableSequence, Sequence

EXPONENT_MAX = 18
INTEGER_DIGITS_MAX = 18
_NUMBER = re.compile(
    rf"([+-]?)([0-9]{{0,{INTEGER_DIGITS_MAX}}})(?:\.([0-9]{{0,40}}))?(?:[eE]([+-]?[0-9]{{1,2}}))?"
)
_FITS = 2**63
_PLAIN = {
    digits: re.compile(
        rf"[+-]?(?:[0-9]{{1,9}}(?:\.[0-9]{{0,{digits}}})?|\.[0-9]{{1,{digits}}})"
        rf"(?:,[+-]?(?:[0-9]{{1,9}}(?:\.[0-9]{{0,{digits}}})?|\.[0-9]{{1,{digits}}}))*+"
        if digits
        else r"[+-]?[0-9]{1,18}(?:,[+-]?[0-9]{1,18})*+"
    )
    for digits in (0, 3, 6)
}


def decimal(text: str) -> tuple[int, int] | None:
    """(integer, digits after the point) of a number, or None: "-1.50" is (-15, 1).

    At most 18 digits before and 40 after the point; an exponent within 18; no grouping, no nan.
    """
    if text.isascii() and text.isdigit() and len(text) <= INTEGER_DIGITS_MAX:
        return int(text), 0
    match = _NUMBER.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return None
    power = int(match[4] or 0)
    if abs(power) > EXPONENT_MAX:
        return None
    part = (match[3] or "").rstrip("0")
    integer, digits = int((match[2] + part) or "0"), len(part) - power
    if digits < 0:
        integer, digits = integer * 10**-digits, 0
    return (-integer if match[1] == "-" else integer), digits


def plain(cells: Sequence[str]) -> tuple[list[int], int] | None:
    """(integers, digits after the point) of a row of plain numbers; None: read them one by one."""
    row = ",".join(cells)
    if row.count(",") != len(cells) - 1:
        return None
    for digits, pattern in _PLAIN.items():
        if pattern.fullmatch(row):
            if not digits:
                return list(map(int, cells)), 0
            return [_whole(cell, digits) for cell in cells], digits
    return None


def _whole(cell: str, digits: int) -> int:
    """A plain number times ten to the power of `digits`: "-1.5" with 3 is -1500."""
    before, _, after = cell.partition(".")
    return int(before + after.ljust(digits, "0"))


class Column:
    """A growing column of exact decimals: eight bytes each while they fit, whatever their digits.

    numbers: integers, each of them worth 10 ** -digits.
    """

    __slots__ = ("digits", "numbers")

    def __init__(self) -> None:
        self.digits = 0
        self.numbers: MutableSequence[int] = array("q")

    def __len__(self) -> int:
        return len(self.numbers)

    def extend(self, numbers: Sequence[int], digits: int) -> None:
        """Add numbers that are worth 10 ** -digits each."""
        if not self.numbers:
            self.digits = digits
        if digits > self.digits:
            self._replace(self.numbers, digits - self.digits)
            self.digits = digits
        times = 10 ** (self.digits - digits)
        self._add([n * times for n in numbers] if times > 1 else numbers)

    def append(self, number: int, digits: int) -> None:
        """Add one number that is worth 10 ** -digits."""
        if digits == self.digits and -_FITS < number < _FITS:
            self.numbers.append(number)
        else:
            self.extend([number], digits)

    def scaled(self, digits: int, times: int = 1) -> MutableSequence[int]:
        """The numbers as integers worth 10 ** -digits / times each; digits at least the own."""
        times *= 10 ** (digits - self.digits)
        return self.numbers if times == 1 else packed(n * times for n in self.numbers)

    def _replace(self, numbers: Iterable[int], more: int) -> None:
        self.numbers = packed(n * 10**more for n in numbers)

    def _add(self, numbers: Sequence[int]) -> None:
        before = len(self.numbers)
        try:
            self.numbers.extend(numbers)
        except OverflowError:
            self.numbers = [*self.numbers[:before], *numbers]


def packed(numbers: Iterable[int]) -> MutableSequence[int]:
    """Eight bytes each when all fit, else a list."""
    numbers = list(numbers)
    try:
        return array("q", numbers)
    except OverflowError:
        return numbers
