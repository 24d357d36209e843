"""The plain rows of a large wide CSV, many thousand lines at a time and without a loop over them.

Nearly every row of a nation's daily file is plain: known columns, whole numbers, one unit, a day
written as ISO 8601. Those come as arrays; every other row comes as its text, to be read by
`interval_csv`, which says what is wrong with it. A property test holds both readers equal.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tahseel.consumption.readings.formats import interval_csv, plain_cells, units
from tahseel.consumption.readings.formats.csv_mapping import CsvMapping, Shape
from tahseel.consumption.readings.formats.interval_csv import REGISTER, TEXT_MAX, YEARS
from tahseel.consumption.readings.formats.plugin import EITHER
from tahseel.consumption.readings.values import Flag
from tahseel.kernel.period import LOCAL_ZONE

CHUNK_BYTES = 8 << 20
LINE_BYTES_MAX = 1 << 20
AHEAD = 5
TEXTS = ("meter", "register", "day", "unit", "quality")
UNREADABLE = "\ufffd"
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIGITS = {Fraction(10**power): power for power in (0, 3, 6, 9)}
_EPOCH_DAY = date(1970, 1, 1).toordinal()

Ints = npt.NDArray[np.int64]


class NotPlain(Exception):  # noqa: N818 - an answer about a file
    """The file as a whole is not of the plain kind: `interval_csv` reads all of it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Plain rows: base units by interval, and what each row says of itself.

    meters: serials, by `meter` of each row; registers, by `register`; days: since 1970; lines: in
    the file; values: int32 [rows, slots]; flags: int8 [rows, slots]; sums, missing: of each row.
    """

    meters: list[str]
    meter: Ints
    registers: list[str]
    register: Ints
    days: Ints
    lines: Ints
    values: npt.NDArray[np.int32]
    flags: npt.NDArray[np.int8]
    sums: Ints
    missing: Ints

    def __len__(self) -> int:
        return len(self.lines)


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
        self._kinds = self._kinds_of()

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

    def chunks(self, threads: int) -> Iterator[tuple[Rows, list[Odd]]]:
        """The file from its second line on, in order; some pieces are read at the same time."""
        line = 2
        with self.path.open("rb") as file, ThreadPoolExecutor(threads) as pool:
            file.seek(self._start)
            ahead: list[Future[tuple[int, Rows, list[Odd]]]] = []
            for data in chain(_pieces(file), repeat(b"", AHEAD)):
                ahead += [pool.submit(self._piece, data)] if data else []
                if ahead and (not data or len(ahead) > AHEAD):
                    count, rows, odd = ahead.pop(0).result()
                    yield replace(rows, lines=rows.lines + line), _moved(odd, line)
                    line += count

    def _piece(self, data: bytes) -> tuple[int, Rows, list[Odd]]:
        """Lines of a piece; plain rows as arrays, the others as text; the first line is 0."""
        cut = self._cut(data)
        columns = [self._column(name, data, cut.places[:, n]) for n, name in enumerate(TEXTS)]
        meter, register, day, unit, quality = columns
        good = cut.plain
        good &= meter.where(lambda text: text != "" and _is_name(text))
        good &= register.where(_is_name)
        good &= unit.where(lambda text: text != "" and units.named(text) == self.unit)
        days, are_days = day.numbers(_day)
        flag, are_flags = quality.numbers(self._flag)
        good &= are_days & are_flags
        cut.mark(flag)
        chosen = slice(None) if good.all() else np.flatnonzero(good)
        names = [text or REGISTER for text in register.names]
        rows = Rows(
            meter.names, meter.codes[chosen], names, register.codes[chosen], days[chosen],
            np.arange(len(good))[chosen], cut.values[chosen], cut.flags[chosen],
            cut.sums[chosen], cut.missing[chosen],
        )  # fmt: skip
        return len(good), rows, self._odd(data, np.flatnonzero(~good))

    def _cut(self, data: bytes) -> _Cut:
        count = data.count(b"\n") + (not data.endswith(b"\n"))
        made = _Cut(
            np.zeros((count, self.slots), np.int32), np.zeros((count, self.slots), np.int8),
            np.zeros((count, len(TEXTS), 2), np.int64), np.zeros((count, 3), np.int64),
        )  # fmt: skip
        plain_cells.cut(
            np.frombuffer(data, np.uint8), ord(self.mapping.delimiter), self._kinds, self._power,
            made.values, made.flags, made.places, made.told,
        )  # fmt: skip
        return made

    def _odd(self, data: bytes, odd: Ints) -> list[Odd]:
        if not len(odd):
            return []
        lines = data.splitlines()
        return [(n, self._cells(_text(lines[n]))) for n in odd.tolist()]

    def _column(self, name: str, data: bytes, places: Ints) -> _Column:
        """What rows say in a column; a constant of the mapping where the file has none."""
        if name not in self.reader.places:
            constant = self.mapping.constants.get(name, "")
            return _Column([constant], np.zeros(len(places), np.int64))
        texts = pc.utf8_trim_whitespace(_texts(data, places)).dictionary_encode()
        return _Column(texts.dictionary.to_pylist(), np.asarray(texts.indices, np.int64))

    def _kinds_of(self) -> Ints:
        """What each column of the header is, as `plain_cells.cut` asks."""
        places = self.reader.places
        if len({*places.values(), *self.reader.wide}) < len(places) + self.slots:
            raise NotPlain("a column that tells two things")
        kinds = np.full(len(self.header), plain_cells.SKIPPED, np.int64)
        kinds[self.reader.wide] = np.arange(self.slots)
        for number, name in enumerate(TEXTS):
            if name in places:
                kinds[places[name]] = -2 - number
        return kinds

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
        """The cells of a line. Raises NotPlain for what the careful reader refuses a file for."""
        try:
            return interval_csv.cells_of(text, self.mapping)
        except csv.Error as error:
            raise NotPlain(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Cut:
    """What `plain_cells.cut` fills."""

    values: npt.NDArray[np.int32]
    flags: npt.NDArray[np.int8]
    places: Ints
    told: Ints

    @property
    def plain(self) -> npt.NDArray[np.bool_]:
        return self.told[:, 2].astype(bool)

    @property
    def sums(self) -> Ints:
        return self.told[:, 0]

    @property
    def missing(self) -> Ints:
        return self.told[:, 1]

    def mark(self, flag: Ints) -> None:
        """Say how the values of a row are known, where not measured; what is blank stays missing.

        Nothing is left of the values of a row that says that all are missing. flag: [rows].
        """
        rows = np.flatnonzero(flag != Flag.ACTUAL)
        blank = self.flags[rows] == Flag.MISSING
        self.flags[rows] = np.where(blank, Flag.MISSING, flag[rows, None])
        gone = flag == Flag.MISSING
        self.values[gone], self.told[gone, 0] = 0, 0
        self.told[gone, 1] = self.values.shape[1]


@dataclass(frozen=True, slots=True)
class _Column:
    """Texts by code: what is asked of a text is asked once."""

    names: list[str]
    codes: Ints

    def where(self, holds: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = np.array([holds(text) for text in self.names], bool)
        return found[self.codes]

    def numbers(self, of: Callable[[str], int | None]) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """A number for each row, and where there is one."""
        asked = [of(text) for text in self.names]
        known: npt.NDArray[np.bool_] = np.array([number is not None for number in asked], bool)
        numbers: Ints = np.array([number or 0 for number in asked], np.int64)
        return numbers[self.codes], known[self.codes]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Whole lines, a piece at a time. Raises NotPlain for a line without an end."""
    rest = b""
    while data := file.read(CHUNK_BYTES):
        end = data.rfind(b"\n") + 1
        if not end:
            rest += data
            if len(rest) > LINE_BYTES_MAX:
                raise NotPlain("a line without an end")
            continue
        piece, rest = rest + data[:end], data[end:]
        yield _checked(piece)
    if rest:
        yield _checked(rest)


def _moved(odd: list[Odd], line: int) -> list[Odd]:
    return [(line + n, cells) for n, cells in odd]


def _checked(piece: bytes) -> bytes:
    returns = b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n")
    if returns or b'"' in piece or b"\0" in piece:
        raise NotPlain("quotes, or a line's end of another kind")
    return piece


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors=EITHER)


def _is_name(text: str) -> bool:
    return len(text) <= TEXT_MAX and UNREADABLE not in text


def _day(text: str) -> int | None:
    """Days since 1970 of an ISO day, None for anything else."""
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day.toordinal() - _EPOCH_DAY if day.year in YEARS else None


def _texts(data: bytes, places: Ints) -> pa.StringArray:
    """Texts of a column, with `UNREADABLE` for what is no UTF-8."""
    bounds = np.zeros(len(places) + 1, np.int32)
    np.cumsum(places[:, 1] - places[:, 0], out=bounds[1:])
    held = np.empty(int(bounds[-1]), np.uint8)
    plain_cells.gathered(np.frombuffer(data, np.uint8), places, bounds, held)
    texts = pa.StringArray.from_buffers(len(places), pa.py_buffer(bounds), pa.py_buffer(held))
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        told = [data[begin:end].decode("utf-8", "replace") for begin, end in places.tolist()]
        return pa.array(told, pa.string())
    return texts
