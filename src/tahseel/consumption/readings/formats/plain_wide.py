"""The plain rows of a large wide CSV, many thousand lines at a time and without a loop over them.

Nearly every row of a nation's daily file is plain: known columns, whole numbers, one unit, a day
written as ISO 8601. Those come as arrays; every other row comes as its text, to be read by
`interval_csv`, which says what is wrong with it. A property test holds both readers equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from tahseel.consumption.readings.formats import interval_csv, units
from tahseel.consumption.readings.formats.csv_mapping import CsvMapping, Shape
from tahseel.consumption.readings.formats.interval_csv import REGISTER, TEXT_MAX, YEARS
from tahseel.consumption.readings.formats.plugin import EITHER
from tahseel.consumption.readings.values import Flag
from tahseel.kernel.period import LOCAL_ZONE

CHUNK_BYTES = 8 << 20
LINE_BYTES_MAX = 1 << 20
LINES_AT_LEAST = 32
DIGITS_MAX = 15
VALUE_MAX = 2**31 - 1
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIGITS = {Fraction(10**power): power for power in (0, 3, 6, 9)}
_EPOCH_DAY = date(1970, 1, 1).toordinal()

Ints = npt.NDArray[np.int64]


class NotPlain(Exception):  # noqa: N818 - an answer about a file
    """The file as a whole is not of the plain kind: `interval_csv` reads all of it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain rows: base units by interval, and what each row says of itself.

    meters: serials; registers, by `register` of each row; days: since 1970; lines: in the file;
    values: int32 [rows, slots]; flags: int8 [rows, slots].
    """

    meters: list[str]
    registers: list[str]
    register: Ints
    days: Ints
    lines: Ints
    values: npt.NDArray[np.int32]
    flags: npt.NDArray[np.int8]


Odd = tuple[int, list[str]]
"""A row that is not plain: its line and its cells as they stand there."""


class PlainWide:
    """One file by one mapping. Raises NotPlain where it is of another kind."""

    def __init__(self, path: Path, mapping: CsvMapping) -> None:
        self.path, self.mapping = path, mapping
        if mapping.shape is not Shape.WIDE or mapping.times or mapping.point != ".":
            raise NotPlain("form of the mapping")
        if mapping.zone != LOCAL_ZONE or len(mapping.delimiter.encode()) != 1:
            raise NotPlain("zone or delimiter of the mapping")
        with path.open("rb") as file:
            header, first = file.readline(LINE_BYTES_MAX), file.readline(LINE_BYTES_MAX)
        self._start = len(header)
        self.header = self._cells(header.decode("utf-8-sig", errors="replace"))
        self.reader = interval_csv.reader_of(self.header, path.name, mapping)
        self.unit = units.named(self._told(self._cells(first.decode("utf-8", "replace")), "unit"))
        if self.unit.factor not in _DIGITS or not header.endswith(b"\n"):
            raise NotPlain("unit")
        self._power = _DIGITS[self.unit.factor]

    @property
    def slots(self) -> int:
        return len(self.reader.wide)

    def again(self, lines: Ints) -> Iterator[Odd]:
        """The cells of some lines, read once more."""
        wanted = set(lines.tolist())
        if not wanted:
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number in wanted:
                    yield number, self._cells(_text(line))

    def chunks(self, threads: int) -> Iterator[tuple[list[Rows], list[Odd]]]:
        """The file from its second line on, in order; some pieces are read at the same time."""
        with self.path.open("rb") as file, ThreadPoolExecutor(threads) as pool:
            file.seek(self._start)
            ahead: list[Any] = []
            for line, data in _pieces(file):
                ahead.append(pool.submit(self._piece, data, line))
                if len(ahead) > threads:
                    yield ahead.pop(0).result()
            for left in ahead:
                yield left.result()

    def _piece(self, data: bytes, line: int) -> tuple[list[Rows], list[Odd]]:
        """Rows of a piece. What arrow cannot read is halved until only the odd lines are left."""
        if b"0x" not in data and b"0X" not in data:  # which arrow takes for a number
            found = self._read(data, line)
            if found is not None:
                return found
        lines = data.splitlines(keepends=True)
        if len(lines) <= LINES_AT_LEAST:
            return [], [(line + n, self._cells(_text(one))) for n, one in enumerate(lines)]
        half = len(lines) // 2
        rows, odd = self._piece(b"".join(lines[:half]), line)
        more, others = self._piece(b"".join(lines[half:]), line + half)
        return rows + more, odd + others

    def _read(self, data: bytes, line: int) -> tuple[list[Rows], list[Odd]] | None:
        if data.startswith((b"\n", b"\r\n")) or b"\n\n" in data or b"\n\r\n" in data:
            return None  # arrow would leave the empty line out, and count wrong
        names = [str(n) for n in range(len(self.header))]
        kind = pa.int64() if not self._power else pa.decimal128(DIGITS_MAX + 3, self._power)
        places = {self.reader.places[name] for name in self.reader.places}
        types = {str(n): kind for n in self.reader.wide} | {str(n): pa.string() for n in places}
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 30),
                arrow_csv.ParseOptions(delimiter=self.mapping.delimiter, quote_char=False),
                arrow_csv.ConvertOptions(
                    column_types=types, include_columns=list(types), null_values=[""],
                    strings_can_be_null=False,
                ),
            )  # fmt: skip
        except pa.ArrowInvalid:
            return None
        return self._sorted(table, data, line)

    def _sorted(self, table: pa.Table, data: bytes, line: int) -> tuple[list[Rows], list[Odd]]:
        """Plain rows as arrays, the others as text."""
        count = table.num_rows
        told = {name: self._column(table, name) for name in ("meter", "register", "day", "unit")}
        quality = self._column(table, "quality")
        meters = told["meter"].texts()
        good = np.array([0 < len(text) <= TEXT_MAX for text in meters], bool)
        good &= told["unit"].where(lambda text: units.named(text) == self.unit and text != "")
        good &= told["register"].where(lambda text: len(text) <= TEXT_MAX)
        days, are_days = told["day"].numbers(_day)
        flag, are_flags = quality.numbers(self._flag)
        values, blank = self._values(table, count)
        good &= are_days & are_flags & (values.min(axis=1) >= 0) & (values.max(axis=1) <= VALUE_MAX)
        flags = np.where(blank, int(Flag.MISSING), flag[:, None]).astype(np.int8)
        values[flags == Flag.MISSING] = 0
        chosen = np.flatnonzero(good)
        names = [text or REGISTER for text in told["register"].names]
        rows = Rows(
            meters if len(chosen) == count else [meters[n] for n in chosen],
            names, told["register"].codes[chosen], days[chosen], line + chosen,
            values[chosen].astype(np.int32), flags[chosen],
        )  # fmt: skip
        return [rows], self._odd(data, np.flatnonzero(~good), line)

    def _odd(self, data: bytes, odd: Ints, line: int) -> list[Odd]:
        if not len(odd):
            return []
        lines = data.splitlines()
        return [(line + n, self._cells(_text(lines[n]))) for n in odd.tolist()]

    def _values(self, table: pa.Table, count: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """int64 [rows, slots] in base units, -1 for what does not fit; which cells are blank."""
        values = np.empty((self.slots, count), np.int64)
        blank = np.zeros((self.slots, count), bool)
        for slot, place in enumerate(self.reader.wide):
            column = table[str(place)].combine_chunks()
            if column.null_count:
                blank[slot] = np.asarray(column.is_null())
            values[slot] = _whole(column, count)
        values[blank] = 0
        return np.ascontiguousarray(values.T), np.ascontiguousarray(blank.T)

    def _column(self, table: pa.Table, name: str) -> _Column:
        place = self.reader.places.get(name)
        if place is None:
            return _Column(
                [self.mapping.constants.get(name, "")], np.zeros(table.num_rows, np.int64)
            )
        trimmed = pc.utf8_trim_whitespace(table[str(place)].combine_chunks())
        coded = trimmed.dictionary_encode()
        return _Column(coded.dictionary.to_pylist(), np.asarray(coded.indices, np.int64))

    def _flag(self, text: str) -> int | None:
        names = self.mapping.qualities
        found = names.get(text, names.get(text.lower()))
        if found is None:
            return None if text else int(Flag.ACTUAL)
        return int(found)

    def _told(self, cells: list[str], name: str) -> str:
        place = self.reader.places.get(name, -1)
        return cells[place] if 0 <= place < len(cells) else self.mapping.constants.get(name, "")

    def _cells(self, text: str) -> list[str]:
        return interval_csv.cells_of(text, self.mapping)


@dataclass(frozen=True, slots=True)
class _Column:
    """Texts by code: what is asked of a text is asked once."""

    names: list[str]
    codes: Ints

    def texts(self) -> list[str]:
        return [self.names[code] for code in self.codes.tolist()]

    def where(self, holds: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = np.array([holds(text) for text in self.names], bool)
        return found[self.codes]

    def numbers(self, of: Callable[[str], int | None]) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """A number for each row, and where there is one."""
        asked = [of(text) for text in self.names]
        known: npt.NDArray[np.bool_] = np.array([number is not None for number in asked], bool)
        numbers: Ints = np.array([number or 0 for number in asked], np.int64)
        return numbers[self.codes], known[self.codes]


def _pieces(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(line, bytes) of whole lines. Raises NotPlain for a line without an end."""
    line, rest = 2, b""
    while data := file.read(CHUNK_BYTES):
        end = data.rfind(b"\n") + 1
        if not end:
            rest += data
            if len(rest) > LINE_BYTES_MAX:
                raise NotPlain("a line without an end")
            continue
        piece, rest = rest + data[:end], data[end:]
        yield line, _checked(piece)
        line += piece.count(b"\n")
    if rest:
        yield line, _checked(rest)


def _checked(piece: bytes) -> bytes:
    if b'"' in piece or b"\0" in piece or piece.count(b"\r") != piece.count(b"\r\n"):
        raise NotPlain("quotes, or a line's end of another kind")
    return piece


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors=EITHER)


def _day(text: str) -> int | None:
    """Days since 1970 of an ISO day, None for anything else."""
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day.toordinal() - _EPOCH_DAY if day.year in YEARS else None


def _whole(column: pa.Array, count: int) -> Ints:
    """Numbers of a column as integers; decimals by their unscaled value, of which the lower half
    is all there is (`DIGITS_MAX`)."""
    if not pa.types.is_decimal(column.type):
        return np.asarray(column.fill_null(0), np.int64)
    halves = np.frombuffer(column.buffers()[1], np.int64, count=2 * (count + column.offset))
    low: Ints = halves[::2][column.offset :]
    high: Ints = halves[1::2][column.offset :]
    return np.where(high == low >> 63, low, -1)
