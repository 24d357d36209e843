"""Many lines at once: cells become values column by column, and rules are asked of columns.

Only what is plainly sound is taken this way. A block with a single cell or line that may be wrong
is left to `reading`, line by line, which says what is wrong with it: both give the same rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import IO

from tahseel.app.take_on import column_rules, line_rules, reading
from tahseel.app.take_on.reading import CellWrong, Parser, Plan, require_letters
from tahseel.app.take_on.values import Fault, Field, FieldKind, FileMap, Row, Value
from tahseel.kernel.money import FILS_PER_DINAR

VALUES_KNOWN_MAX = 8_192
WHOLE_DIGITS_MAX = 12
POINTS = frozenset({".", ","})
LINES = 2_000
Column = Sequence[Value]
Cells = Sequence[str]
Told = tuple[int, Row | None, list[Fault]]
_NUL, _QUOTE = "\0", '"'


@dataclass(frozen=True, slots=True)
class Block:
    """Sound lines of a file: their numbers, and a column of values for each of our fields."""

    lines: Sequence[int]
    columns: dict[str, Column]


def read(
    file: IO[bytes], mapping: FileMap, *, cutover: date, skip: int = 0
) -> Iterator[Block | list[Told]]:
    """All lines after the first `skip`: blocks of sound ones, and the others as `reading.rows`."""
    text = io.TextIOWrapper(file, mapping.encoding, errors="surrogateescape", newline="")
    try:
        yield from _read(text, mapping, cutover, skip)
    finally:
        text.detach()  # whoever opened the file closes it


def _read(
    text: IO[str], mapping: FileMap, cutover: date, skip: int
) -> Iterator[Block | list[Told]]:
    reader = reading.csv_reader(text, mapping)
    parser = reading.headed(reader, mapping, cutover)
    if isinstance(parser, Fault):
        yield [(0, None, [parser])]
        return
    columns = Columns(mapping, parser)
    for found in _records(text, mapping, reader.line_num):  # type: ignore[attr-defined]
        passed, skip = found[skip:], max(0, skip - len(found))
        if not passed:
            continue
        lines = [line for line, _ in passed]
        rows = [cells for _, cells in passed if cells is not None]
        block = columns.block(lines, rows) if len(rows) == len(lines) else None
        yield block or [parser.told(line, cells) for line, cells in passed]


def _records(
    text: IO[str], mapping: FileMap, before: int
) -> Iterator[list[tuple[int, list[str] | None]]]:
    """The records of the next lines, again and again; only a quote can carry one beyond them."""
    while said := list(islice(text, LINES)):
        quoted = _QUOTE in "".join(said)
        reader = reading.csv_reader(chain(said, text) if quoted else said, mapping)
        found = []
        for line, cells in reading.records(reader):
            found.append((before + line, cells))
            if line >= len(said):
                break
        before += max(reader.line_num, len(said))  # type: ignore[attr-defined]
        yield found


class Unsure(Exception):  # noqa: N818 - an answer about a column
    """Something in a column may be wrong: its lines are looked at one by one."""


class Columns:
    """Turns the cells of one file's lines into columns, or says that it cannot."""

    def __init__(self, mapping: FileMap, parser: Parser) -> None:
        self._mapping = mapping
        self._parser = parser
        self._readers = [_reader(plan, mapping) for plan in parser.plans]

    def block(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> Block | None:
        """The block of these lines, or None where one of them may be wrong."""
        if not rows or any(len(cells) != self._parser.width for cells in rows):
            return None
        cells = list(zip(*rows, strict=True))
        columns: dict[str, Column] = {
            name: [value] * len(rows) for name, value in self._parser.fixed.items()
        }
        try:
            for plan, read in zip(self._parser.plans, self._readers, strict=True):
                columns[plan.field.name] = read(cells[plan.column])
            self._keep_rules(columns)
        except (Unsure, CellWrong):
            return None
        return Block(lines, columns)

    def _keep_rules(self, columns: dict[str, Column]) -> None:
        """Ask the rules of the columns, or of line after line where there are none for columns."""
        entity, cutover = self._mapping.entity, self._parser.cutover
        if entity in column_rules.RULES:
            if not column_rules.RULES[entity](columns, cutover):
                raise Unsure
            return
        names, rule = list(columns), line_rules.RULES[entity]
        rows: list[Row] = [
            dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)
        ]
        for row in rows:
            for _ in rule(row, cutover):
                raise Unsure
        for name in rows[0]:
            columns[name] = [row[name] for row in rows]


def _reader(plan: Plan, mapping: FileMap) -> Callable[[Cells], Column]:
    """The way from a column of cells to one of values. It raises Unsure or CellWrong."""
    if plan.field.kind is FieldKind.TEXT:
        return _texts(plan, mapping)
    if plan.field.kind is FieldKind.FILS and not mapping.thousands:
        return _amounts(plan, mapping)
    return _each(plan)


class _Known(dict[str, Value]):
    """Values of cells that came before, spaces around them included."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def __missing__(self, cell: str) -> Value:
        value = self._plan.value(cell)
        if len(self) < VALUES_KNOWN_MAX:
            self[cell] = value
        return value


def _each(plan: Plan) -> Callable[[Cells], Column]:
    known = _Known(plan)
    return lambda cells: list(map(known.__getitem__, cells))


def _texts(plan: Plan, mapping: FileMap) -> Callable[[Cells], Column]:
    codes = mapping.values.get(plan.field.name, {})

    def read(cells: Cells) -> Column:
        texts = list(map(str.strip, cells))
        _require_plain(texts, plan.field, mapping.encoding)
        if codes:
            texts = [codes.get(text, text) for text in texts]
        if "" not in texts:
            return texts
        if plan.field.required:
            raise Unsure
        return [text or None for text in texts]

    if plan.default or "" in codes or "" in codes.values():
        return _each(plan)
    return read


def _require_plain(texts: list[str], field: Field, encoding: str) -> None:
    """Raises Unsure, CellWrong where one of the texts may not stand in its field."""
    said = "".join(texts)
    if not said.isascii():
        require_letters(said, encoding)
    if _NUL in said or max(map(len, texts)) > field.longest:
        raise Unsure


def _amounts(plan: Plan, mapping: FileMap) -> Callable[[Cells], Column]:
    """Amounts that all have their decimals, by one look at the whole column."""
    known = _each(plan)
    if plan.field.name in mapping.values or mapping.point not in POINTS:
        return known
    part = f"{re.escape(mapping.point)}[0-9]{{{mapping.decimals}}}" if mapping.decimals else ""
    plain = re.compile(f"(?:-?[0-9]{{1,{WHOLE_DIGITS_MAX}}}{part}\n)+", re.ASCII)
    scale = FILS_PER_DINAR // 10**mapping.decimals

    def read(cells: Cells) -> Column:
        said = "\n".join(cells) + "\n"
        if not plain.fullmatch(said):
            return known(cells)
        digits = said.replace(mapping.point, "") if part else said
        whole = list(map(int, digits.split()))
        return whole if scale == 1 else [fils * scale for fils in whole]

    return read
