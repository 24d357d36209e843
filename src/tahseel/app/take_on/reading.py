"""From the bytes of a CSV file to rows in our words, one line after the other.

A line is either a row or the list of its faults; nothing is guessed, nothing stops the reading.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import IO

from tahseel.app.take_on import fields, line_rules
from tahseel.app.take_on.values import Fault, Field, FieldKind, FileMap, Row, Value
from tahseel.kernel.money import FILS_PER_DINAR
from tahseel.kernel.period import DAY_MIN
from tahseel.kernel.text import to_latin_digits

CELL_CHARACTERS_MAX = 131_072
COUNT_DIGITS_MAX = 9
FILS_DIGITS_MAX = 15
VALUE_SHOWN_MAX = 40
TEXTS_KNOWN_MAX = 8_192
FEW_VALUES = frozenset({FieldKind.CHOICE, FieldKind.FLAG, FieldKind.COUNT, FieldKind.DAY})
QUANTITY = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
YES, NO = frozenset({"1", "y", "yes", "true", "نعم"}), frozenset({"0", "n", "no", "false", "لا"})
PERSONAL = frozenset({"civil_id", "mobile", "name_ar", "name_en", "document_number"})

Told = tuple[str, str, dict[str, Value]]
"""(field, code, facts) of a fault before it has its place."""

Problem = tuple[str, dict[str, Value]]


class CellWrong(Exception):  # noqa: N818 - an answer about a cell
    """A cell does not hold a value of its field."""

    def __init__(self, code: str, **facts: Value) -> None:
        self.told: Problem = (code, facts)
        super().__init__(code)


def rows(
    file: IO[bytes], mapping: FileMap, *, cutover: date, skip: int = 0
) -> Generator[tuple[int, Row | None, list[Fault]]]:
    """(line, row, faults) of every line after the first `skip`; None for cells that are no row.

    `line` is the file's own, counted from 1 with the heading. A file without a column that the
    mapping names gives one fault of the file as a whole and no line.
    """
    text = io.TextIOWrapper(file, mapping.encoding, errors="surrogateescape", newline="")
    try:
        yield from _rows(text, mapping, cutover, skip)
    finally:
        text.detach()  # whoever opened the file closes it


def _rows(
    text: IO[str], mapping: FileMap, cutover: date, skip: int
) -> Iterator[tuple[int, Row | None, list[Fault]]]:
    reader = csv_reader(text, mapping)
    parser = headed(reader, mapping, cutover)
    if isinstance(parser, Fault):
        yield 0, None, [parser]
        return
    for number, (line, cells) in enumerate(records(reader)):
        if number >= skip:
            yield parser.told(line, cells)


def csv_reader(lines: Iterable[str], mapping: FileMap) -> Iterator[list[str]]:
    """The records of a file's lines; it raises csv.Error for cells that are no CSV."""
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    return csv.reader(lines, delimiter=mapping.delimiter, strict=True)


def headed(reader: Iterator[list[str]], mapping: FileMap, cutover: date) -> Parser | Fault:
    """What reads the lines below the heading; a fault where a column of the mapping is missing."""
    heading = [name.strip() for name in next(reader, [])]
    if gone := sorted(set(mapping.columns.values()) - set(heading)):
        return _fault(mapping, 0, "", "column_missing", {"column": ", ".join(gone)})
    return Parser(mapping, heading, cutover)


def records(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | None]]:
    """(line, cells), or None for cells that are no CSV; empty lines are left out."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, None  # type: ignore[attr-defined]
            continue
        if cells:
            yield reader.line_num, cells  # type: ignore[attr-defined]


def _fault(mapping: FileMap, line: int, name: str, code: str, facts: dict[str, Value]) -> Fault:
    return Fault(str(mapping.entity), mapping.path.name, line, name, code, facts)


@dataclass(frozen=True, slots=True)
class Plan:
    """How one field is read: from which column, and what an empty cell means."""

    field: Field
    column: int
    convert: Callable[[str], Value]
    default: str

    def value(self, cell: str) -> Value:
        """The value of a cell. Raises CellWrong."""
        text = cell.strip() or self.default
        return self.convert(text) if text else _empty(self.field)


class Parser:
    """Turns the cells of one file's lines into rows."""

    def __init__(self, mapping: FileMap, heading: Sequence[str], cutover: date) -> None:
        self.width = len(heading)
        self.cutover = cutover.isoformat()
        self.plans: list[Plan] = []
        self.fixed: Row = {}
        self._mapping = mapping
        self._check = line_rules.RULES[mapping.entity]
        for field in fields.FIELDS[mapping.entity]:
            convert = _converter(field, mapping)
            default = mapping.defaults.get(field.name, "")
            if field.name in mapping.constants:
                self.fixed[field.name] = convert(mapping.constants[field.name])
            elif field.name in mapping.columns:
                column = heading.index(mapping.columns[field.name])
                self.plans.append(Plan(field, column, convert, default))
            else:
                self.fixed[field.name] = convert(default) if default else None

    def told(self, line: int, cells: list[str] | None) -> tuple[int, Row | None, list[Fault]]:
        """A line with its row and its faults."""
        row, told = self.parse(cells)
        return line, row, [_fault(self._mapping, line, *one) for one in told]

    def parse(self, cells: list[str] | None) -> tuple[Row | None, list[Told]]:
        """The row and what is wrong with it; rules between fields run on whole rows only.

        A bad row holds the fields that could be read, so that others may still refer to it.
        """
        if cells is None:
            return None, [("", "row_unreadable", {})]
        if len(cells) != self.width:
            facts: dict[str, Value] = {"cells": len(cells), "expected": self.width}
            return None, [("", "row_ragged", facts)]
        row, told = dict(self.fixed), []
        for plan in self.plans:
            try:
                row[plan.field.name] = plan.value(cells[plan.column])
            except CellWrong as wrong:
                told.append((plan.field.name, *wrong.told))
        return row, told or list(self._check(row, self.cutover))


def _empty(field: Field) -> Value:
    if field.required:
        raise CellWrong("value_missing")
    return None


class _Known(dict[str, Value]):
    """Values of the texts that came before: of days, codes and counts a file has few."""

    def __init__(self, convert: Callable[[str], Value]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, text: str) -> Value:
        value = self._convert(text)
        if len(self) < TEXTS_KNOWN_MAX:
            self[text] = value
        return value


def _converter(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    """The way from a cell's text to a value: letters checked, codes translated, then the kind."""
    convert = _uncached(field, mapping)
    return _Known(convert).__getitem__ if field.kind in FEW_VALUES else convert


def _uncached(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    codes = mapping.values.get(field.name, {})
    kind = _KINDS[field.kind](field, mapping)

    def convert(text: str) -> Value:
        if not text.isascii():
            require_letters(text, mapping.encoding)
        if len(text) > field.longest:
            raise CellWrong("value_too_long", longest=field.longest)
        if "\0" in text:
            raise CellWrong("encoding_wrong", encoding=mapping.encoding)
        return kind(codes.get(text, text)) if kind is not str else codes.get(text, text)

    return convert


def require_letters(text: str, encoding: str) -> None:
    """Raises CellWrong where a byte was no letter of the encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CellWrong("encoding_wrong", encoding=encoding) from None
    if "\ufffd" in text:
        raise CellWrong("encoding_wrong", encoding=encoding)


def _shown(field: Field, text: str) -> str:
    return "•••" if field.name in PERSONAL else text[:VALUE_SHOWN_MAX]


def _text(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    return str  # which is known, and left out


def _choice(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    def convert(text: str) -> Value:
        if text not in field.choices:
            raise CellWrong("value_unknown", value=_shown(field, text))
        return text

    return convert


def _flag(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    def convert(text: str) -> Value:
        word = text.casefold()
        if word not in YES | NO:
            raise CellWrong("value_unknown", value=_shown(field, text))
        return word in YES

    return convert


def _count(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    def convert(text: str) -> Value:
        digits = to_latin_digits(text)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= COUNT_DIGITS_MAX):
            raise CellWrong("not_a_number", value=_shown(field, text))
        return int(digits)

    return convert


def _day(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    form = mapping.dates

    def convert(text: str) -> Value:
        day = _day_of(to_latin_digits(text), form)
        if day is None:
            raise CellWrong("not_a_day", value=_shown(field, text), form=form)
        if day < DAY_MIN:
            raise CellWrong("day_impossible", day=day.isoformat())
        return day.isoformat()

    return convert


@lru_cache(maxsize=65_536)
def _day_of(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _quantity(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    """A number with a point or without, as it stands: its decimals say how exact it is."""

    def convert(text: str) -> Value:
        digits = to_latin_digits(text)
        if mapping.thousands:
            digits = digits.replace(mapping.thousands, "")
        digits = digits.replace(mapping.point, ".")
        if not QUANTITY.fullmatch(digits):
            raise CellWrong("not_a_quantity", value=_shown(field, text))
        return digits

    return convert


def _fils(field: Field, mapping: FileMap) -> Callable[[str], Value]:
    """Amounts with exactly as many decimals as the mapping says: 12.50 is no mill's 12.5."""
    amount = re.compile(r"(-?)([0-9]+)(?:" + re.escape(mapping.point) + "([0-9]*))?")
    scale = 10 ** (3 - mapping.decimals)

    def convert(text: str) -> Value:
        digits = to_latin_digits(text) if not text.isascii() else text
        found = amount.fullmatch(digits.replace(mapping.thousands, "") if mapping.thousands
                                 else digits)  # fmt: skip
        if found is None:
            raise CellWrong("not_an_amount", value=_shown(field, text))
        sign, whole, part = found[1], found[2], found[3] or ""
        if len(part) != mapping.decimals:
            raise CellWrong("decimals_wrong", decimals=len(part), expected=mapping.decimals)
        if len(whole) + 3 > FILS_DIGITS_MAX:
            raise CellWrong("not_an_amount", value=_shown(field, text))
        fils: int = int(whole) * FILS_PER_DINAR + int(part or "0") * scale
        return -fils if sign else fils

    return convert


_KINDS = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.FLAG: _flag,
    FieldKind.COUNT: _count,
    FieldKind.DAY: _day,
    FieldKind.FILS: _fils,
    FieldKind.QUANTITY: _quantity,
}
