"""CSV of intervals: one line an interval (long), or one line a day of a meter (wide).

The first row names the columns, in any order and case. Long: `meter`, `start`, `minutes`, `value`,
`unit`. Wide: `meter`, `day`, `unit`, then one column for each interval of the day, named by the
time at which it begins (00:00, 00:15 ...). Both may have `register` and `quality` (actual,
estimated, substituted, missing). Times without a zone are Kuwait's. An empty value is missing.
Other names, delimiters and forms of time come by a mapping, see `csv_mapping`.

A bad row is parked with its reason; a file without one good row, without a column it needs, or with
value columns that do not divide the day is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import NamedTuple

from tahseel.consumption.readings.formats import refusals, units
from tahseel.consumption.readings.formats.csv_mapping import (
    OWN_LONG,
    OWN_WIDE,
    REQUIRED,
    CsvMapping,
    Shape,
)
from tahseel.consumption.readings.formats.intervals import Intervals, join
from tahseel.consumption.readings.formats.joining import joined
from tahseel.consumption.readings.formats.numbers import decimal, plain
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.values import Channel, Flag, Kind, ParkedRecord

READS_MAX = 10_000_000
PARKED_MAX = 100_000
CHANNELS_MAX = 200_000
HELD_MAX = 128
MINUTES_PER_DAY = 1440
TEXT_MAX = 80
REGISTER = "1.8.0"
SERVICES = {"Wh": "electricity", "VArh": "electricity", "L": "water"}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_OBIS = re.compile(r"(?:\d-\d{1,2}:)?(\d{1,2})\.[89]\.", re.ASCII)
_KINDS = {"1": Kind.IMPORT, "2": Kind.EXPORT}
YEARS = range(1990, 2101)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IntervalCsv:
    """One shape of the format under one mapping, for the registry."""

    def __init__(self, mapping: CsvMapping) -> None:
        self.mapping = mapping
        self.code = mapping.code

    def detect(self, head: Head) -> bool:
        if not self.mapping.named <= _columns(head.first_line, self.mapping.delimiter):
            return False
        if self.mapping.shape is Shape.LONG or self.mapping.values:
            return True
        return any(_TIME.fullmatch(name) for name in head.columns)

    def parse(self, source: Source) -> Content:
        with source.lines() as lines:
            return parse(lines, source.name, self.mapping, keep=source.keep, only=source.only)


FORMATS = (IntervalCsv(OWN_LONG), IntervalCsv(OWN_WIDE))


def _columns(line: str, delimiter: str) -> frozenset[str]:
    return frozenset(c.strip().strip('"').strip().lower() for c in line.split(delimiter))


def parse(
    lines: Iterable[str],
    file: str,
    mapping: CsvMapping,
    *,
    keep: bool = True,
    only: frozenset[str] | None = None,
) -> Content:
    """Read the whole file. Raises FileRefused with its line; bad rows are parked."""
    reader = Reader(file, mapping, keep=keep, only=only)
    rows = csv.reader(lines, delimiter=mapping.delimiter)
    try:
        reader.begin([name.strip().lower() for name in next(rows, [])])
        for row in rows:
            if any(cell.strip() for cell in row):
                reader.take(rows.line_num, [cell.strip() for cell in row])
    except csv.Error:
        raise refusals.NotText(file=file, line=rows.line_num) from None
    return reader.finish()


def cells_of(line: str, mapping: CsvMapping) -> list[str]:
    """The cells of one line that holds one row."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mapping.delimiter), [])]


def reader_of(header: list[str], file: str, mapping: CsvMapping) -> Reader:
    """A reader that has seen the first row and takes the others one by one. Raises FileRefused."""
    reader = Reader(file, mapping, keep=True)
    reader.begin([name.lower() for name in header])
    return reader


class RowWrong(Exception):  # noqa: N818 - an answer about a row
    """A row cannot be used; `args[0]` is the reason's code."""


class _Span(NamedTuple):
    """The intervals of one row: line, begin of the first, length of each, how they are known."""

    line: int
    start: int
    seconds: int
    flag: Flag


class Reader:
    """Takes one row after the other into the channels that they belong to."""

    def __init__(
        self, file: str, mapping: CsvMapping, *, keep: bool, only: frozenset[str] | None = None
    ) -> None:
        self.file, self.mapping, self.keep, self.only = file, mapping, keep, only
        self.places: dict[str, int] = {}
        self.wide: list[int] = []
        self.found: dict[tuple[str, str, units.Unit], Intervals] = {}
        self.parked: list[ParkedRecord] = []
        self.reads = 0
        self.width = 0

    def begin(self, header: list[str]) -> None:
        """Find the columns. Raises ColumnsMissing, BadField, BadIntervalLength."""
        mapping = self.mapping
        wanted = {name: c for name, c in mapping.columns.items() if c in header}
        needed = REQUIRED[mapping.shape] - mapping.constants.keys()
        if absent := sorted(mapping.columns[name] for name in needed - wanted.keys()):
            raise refusals.ColumnsMissing(file=self.file, line=1, columns=", ".join(absent))
        self.places = {name: header.index(column) for name, column in wanted.items()}
        self.width = len(header)
        if mapping.shape is Shape.WIDE:
            self.wide = self._value_columns(header)

    def _value_columns(self, header: list[str]) -> list[int]:
        """The columns of a day's values, from the first interval to the last."""
        if self.mapping.values:
            first = header.index(self.mapping.values)
            places = list(range(first, len(header)))
        else:
            times = [(n, _TIME.fullmatch(name)) for n, name in enumerate(header)]
            places = [n for n, time in times if time]
        count = len(places)
        if not count or MINUTES_PER_DAY % count:
            raise refusals.WrongValueCount(file=self.file, line=1, found=count, expected="1440 / n")
        if not self.mapping.values:
            self._require_even(header, places)
        return places

    def _require_even(self, header: list[str], places: list[int]) -> None:
        minutes = MINUTES_PER_DAY // len(places)
        for number, place in enumerate(places):
            time = _TIME.fullmatch(header[place])
            assert time is not None
            if int(time[1]) * 60 + int(time[2]) != number * minutes:
                raise refusals.BadField(
                    file=self.file, line=1, field="time of day", value=header[place]
                )

    def take(self, line: int, row: list[str]) -> None:
        try:
            if len(row) != self.width:
                raise RowWrong("cell_count_wrong")
            told = {name: row[place] for name, place in self.places.items()}
            cells = {**self.mapping.constants, **told}
            if self.only is not None and _channel_id(cells) not in self.only:
                return
            if self.mapping.shape is Shape.WIDE:
                self._take_day(line, cells, [row[n] for n in self.wide])
            else:
                self._take_one(line, cells)
        except RowWrong as wrong:
            self._park(line, row, str(wrong))
        if self.keep and self.reads > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=READS_MAX)

    def _take_one(self, line: int, cells: dict[str, str]) -> None:
        into = self._into(cells)
        start, minutes = self._instant(cells["start"]), cells["minutes"]
        if not (minutes.isascii() and minutes.isdigit() and 0 < len(minutes) <= 5 and int(minutes)):
            raise RowWrong("interval_without_length")
        span = _Span(line, start, int(minutes) * 60, self._flag(cells))
        self._add(into, span, [cells["value"]])

    def _take_day(self, line: int, cells: dict[str, str], values: Sequence[str]) -> None:
        into = self._into(cells)
        start = self._instant(cells["day"])
        seconds = MINUTES_PER_DAY * 60 // len(values)
        self._add(into, _Span(line, start, seconds, self._flag(cells)), values)

    def _into(self, cells: dict[str, str]) -> Intervals:
        if not cells["meter"] or not cells["unit"]:
            raise RowWrong("column_empty")
        register = cells.get("register") or REGISTER
        key = (cells["meter"][:TEXT_MAX], register[:TEXT_MAX], units.named(cells["unit"]))
        if key not in self.found and len(self.found) >= CHANNELS_MAX:
            raise refusals.TooManyReads(file=self.file, reads_max=CHANNELS_MAX)
        return self.found.setdefault(key, Intervals())

    def _flag(self, cells: dict[str, str]) -> Flag:
        quality = cells.get("quality", "")
        names = self.mapping.qualities
        found = names.get(quality, names.get(quality.lower()))
        if found is None:
            if quality:
                raise RowWrong("quality_unknown")
            return Flag.ACTUAL
        return found

    def _instant(self, text: str) -> int:
        """Epoch seconds of a time or of the start of a day."""
        try:
            if self.mapping.times:
                at = datetime.strptime(text, self.mapping.times)  # noqa: DTZ007 - zone follows
            else:
                at = datetime.fromisoformat(text)
        except ValueError:
            raise RowWrong("time_not_valid") from None
        if at.year not in YEARS:
            raise RowWrong("time_not_valid")
        at = at if at.tzinfo else at.replace(tzinfo=self.mapping.zone)
        return (at - _EPOCH) // timedelta(seconds=1)

    def _add(self, into: Intervals, span: _Span, cells: Sequence[str]) -> None:
        line, start, seconds, flag = span
        count = len(cells)
        blank = [n for n, cell in enumerate(cells) if not cell]
        numbers, digits = self._numbers([cell or "0" for cell in cells] if blank else cells)
        if flag is Flag.MISSING:
            numbers = [0] * count
        into.values.extend(numbers, digits)
        into.starts.extend(range(start, start + count * seconds, seconds))
        into.durations.extend(repeat(seconds, count))
        into.lines.extend(repeat(line, count))
        at = len(into.flags)
        into.flags += bytes([flag]) * count
        for n in blank:
            into.flags[at + n] = Flag.MISSING
        self.reads += count
        if not self.keep:
            into.let_go(at_least=HELD_MAX)

    def _numbers(self, cells: Sequence[str]) -> tuple[list[int], int]:
        if self.mapping.point != ".":
            cells = [cell.replace(self.mapping.point, ".", 1) for cell in cells]
        row = plain(cells)
        if row is not None:
            return row
        read = [decimal(cell) for cell in cells]
        numbers = [number for number in read if number is not None]
        if len(numbers) < len(read):
            raise RowWrong("value_not_numeric")
        digits = max(d for _, d in numbers)
        return [m * 10 ** (digits - d) for m, d in numbers], digits

    def _park(self, line: int, row: list[str], code: str) -> None:
        place = self.places.get("meter", -1)
        meter = row[place][:TEXT_MAX] if 0 <= place < len(row) else ""
        if len(self.parked) >= PARKED_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=PARKED_MAX)
        facts: dict[str, str | int | None] = {"row": ",".join(row)[:TEXT_MAX]}
        self.parked.append(ParkedRecord(line, meter, code, facts))

    def finish(self) -> Content:
        if not self.reads:
            raise refusals.NoInterval(file=self.file)
        return self.content()

    def content(self) -> Content:
        """What was taken so far, however little."""
        channels = [_channel(*key, part) for key, part in self.found.items() if part.reads]
        return Content(self.mapping.code, channels=joined(channels), parked=self.parked)


def _channel_id(cells: dict[str, str]) -> str:
    register = cells.get("register") or REGISTER
    return f"{cells['meter'][:TEXT_MAX]}/{register[:TEXT_MAX]}"


def _channel(meter: str, register: str, unit: units.Unit, part: Intervals) -> Channel:
    whole = join([(part, unit.factor)])
    return Channel(
        id=f"{meter}/{register}",
        usage_point=meter,
        serial=meter,
        register=register,
        service=SERVICES.get(unit.base),
        unit=unit.base,
        kind=kind_of(register, unit.base),
        scale=whole.scale,
        starts=whole.starts,
        durations=whole.durations,
        mantissas=whole.mantissas,
        flags=whole.flags,
        lines=whole.lines,
        counted=whole.counted,
    )


def kind_of(register: str, base: str) -> Kind:
    """By the unit, and of energy by the register's OBIS code (IEC 62056-61): 1.8 in, 2.8 out."""
    if base == "VArh":
        return Kind.REACTIVE
    if base == "L":
        return Kind.IMPORT
    if base != "Wh":
        return Kind.OTHER
    found = _OBIS.match(register)
    return _KINDS.get(found[1], Kind.OTHER) if found else Kind.IMPORT
