"""NEM12: Australian interval files, one line of values for each day of each channel.

Structure and field order: AEMO Meter Data File Format Specification NEM12 & NEM13. A file is
refused whole when its structure is broken: 100 first, 900 last, 200 before its 300, as many numeric
values as 1440 / interval length, 400 ranges that cover the day exactly, at least one interval.
Days and times are Australian Eastern Standard Time, UTC+10 all year.

Suffixes look at the grid: E is energy the customer draws (import here), B is energy sent out
(export here), Q and K are reactive.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

from tahseel.consumption.readings.formats import refusals, units
from tahseel.consumption.readings.formats.numbers import decimal
from tahseel.consumption.readings.values import Channel, Flag, Kind

MINUTES_PER_DAY = 1440
READS_MAX = 5_000_000
MARKET_ZONE = timezone(timedelta(hours=10))

_QUALITY = re.compile(r"([AEFNSV])(\d{2})?")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_FLAGS = {
    "A": Flag.ACTUAL,
    "E": Flag.ESTIMATED,
    "F": Flag.SUBSTITUTED,
    "S": Flag.SUBSTITUTED,
    "N": Flag.MISSING,
    "V": Flag.ACTUAL,
}
_KINDS = {"E": Kind.IMPORT, "B": Kind.EXPORT, "Q": Kind.REACTIVE, "K": Kind.REACTIVE}


@dataclass(slots=True)
class _Block:
    """A channel being read: the last 200 record and the values gathered so far."""

    usage_point: str
    suffix: str
    serial: str
    unit_name: str
    minutes: int
    starts: array[int] = field(default_factory=lambda: array("q"))
    durations: array[int] = field(default_factory=lambda: array("q"))
    numbers: list[tuple[int, int]] = field(default_factory=list)
    flags: bytearray = field(default_factory=bytearray)
    lines: array[int] = field(default_factory=lambda: array("q"))

    @property
    def per_day(self) -> int:
        return MINUTES_PER_DAY // self.minutes

    def is_continued_by(self, other: _Block) -> bool:
        mine = (self.unit_name.lower(), self.minutes, self.serial)
        return mine == (other.unit_name.lower(), other.minutes, other.serial)


@dataclass(slots=True)
class _Day:
    """The 300 record that 400 records may still qualify."""

    line: int
    variable: bool
    at: int
    block: _Block
    ranges: list[tuple[int, int, Flag, int]] = field(default_factory=list)


def parse(lines: Iterable[str], file: str) -> list[Channel]:
    """Read the whole file. Raises FileRefused with the line on which the structure breaks."""
    reader = _Reader(file)
    for number, row in _rows(lines, file):
        reader.take(number, row)
    return reader.finish()


def _rows(lines: Iterable[str], file: str) -> Iterator[tuple[int, list[str]]]:
    """Non-empty rows with their line numbers; fields without the spaces around them."""
    reader = csv.reader(lines)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise refusals.NotText(file=file, line=reader.line_num) from None
        if row is None:
            return
        row = [cell.strip() for cell in row]
        if any(row):
            yield reader.line_num, row


class _Reader:
    """Takes one record after the other and knows which may follow."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.line = 0
        self.started = False
        self.ended = False
        self.block: _Block | None = None
        self.day: _Day | None = None
        self.blocks: dict[tuple[str, str, str], list[_Block]] = {}
        self.reads = 0

    def take(self, line: int, row: list[str]) -> None:
        self.line = line
        record = row[0]
        if self.ended:
            raise refusals.RecordAfterEnd(file=self.file, line=line)
        if record == "100":
            self._take_header(row)
            return
        if not self.started:
            raise refusals.HeaderMissing(file=self.file, line=line)
        if record == "400":
            self._take_event(row)
            return
        if record == "500":
            self._require(self.block, "500", "200")
            return
        self._close_day()
        if record == "200":
            self._take_channel(row)
        elif record == "300":
            self._take_day(row)
        elif record == "900":
            self.ended = True
        else:
            raise refusals.UnknownRecord(file=self.file, line=line, record=record[:20])

    def finish(self) -> list[Channel]:
        if not self.started and not self.line:
            raise refusals.EmptyFile(file=self.file)
        if not self.ended:
            raise refusals.EndMissing(file=self.file, line=self.line)
        if not self.reads:
            raise refusals.NoInterval(file=self.file, line=self.line)
        found: dict[str, Channel] = {}
        for blocks in self.blocks.values():
            if any(b.numbers for b in blocks):
                head = blocks[0]
                name = f"{head.usage_point}/{head.suffix}"
                name = f"{name}/{units.named(head.unit_name).base}" if name in found else name
                found[name] = _channel(name, blocks)
        return list(found.values())

    def _bad(self, name: str, value: str) -> refusals.BadField:
        return refusals.BadField(file=self.file, line=self.line, field=name, value=value[:40])

    def _require(self, what: object, record: str, needs: str) -> None:
        if what is None:
            raise refusals.RecordOutOfOrder(
                file=self.file, line=self.line, record=record, needs=needs
            )

    def _take_header(self, row: list[str]) -> None:
        if self.started:
            raise refusals.HeaderRepeated(file=self.file, line=self.line)
        version = row[1].upper() if len(row) > 1 else ""
        if version == "NEM13":
            raise refusals.FormatNotTaken(file=self.file, line=self.line, name="NEM13")
        if version != "NEM12":
            raise self._bad("VersionHeader", version)
        self.started = True

    def _take_channel(self, row: list[str]) -> None:
        row = row + [""] * (10 - len(row))
        usage_point, suffix, serial, unit_name, length = row[1], row[4], row[6], row[7], row[8]
        if not usage_point:
            raise self._bad("NMI", usage_point)
        if not suffix:
            raise self._bad("NMISuffix", suffix)
        if not (length.isascii() and length.isdigit() and len(length) <= 4):
            raise self._bad("IntervalLength", length)
        minutes = int(length)
        if minutes == 0 or MINUTES_PER_DAY % minutes:
            raise refusals.BadIntervalLength(file=self.file, line=self.line, value=minutes)
        self.block = self._block_for(_Block(usage_point, suffix, serial, unit_name, minutes))

    def _block_for(self, new: _Block) -> _Block:
        """The same channel in the same unit and length goes on where it was left."""
        base = units.named(new.unit_name).base
        blocks = self.blocks.setdefault((new.usage_point, new.suffix, base), [])
        for block in blocks:
            if block.is_continued_by(new):
                return block
        blocks.append(new)
        return new

    def _take_day(self, row: list[str]) -> None:
        self._require(self.block, "300", "200")
        block = self.block
        assert block is not None
        start = self._midnight(row[1] if len(row) > 1 else "")
        values, quality = self._values(row[2:], block.per_day)
        at = len(block.numbers)
        block.numbers += values
        block.starts.extend(start + n * block.minutes * 60 for n in range(block.per_day))
        block.durations.extend([block.minutes * 60] * block.per_day)
        block.flags += bytes([_FLAGS[quality]]) * block.per_day
        block.lines.extend([self.line] * block.per_day)
        self.day = _Day(self.line, quality == "V", at, block)
        self.reads += block.per_day
        if self.reads > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=self.line, reads_max=READS_MAX)

    def _midnight(self, text: str) -> int:
        match = _DATE.fullmatch(text)
        try:
            assert match is not None
            day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=MARKET_ZONE)
            return int(day.astimezone(UTC).timestamp())
        except (AssertionError, ValueError, OverflowError):
            raise self._bad("IntervalDate", text) from None

    def _values(self, cells: list[str], expected: int) -> tuple[list[tuple[int, int]], str]:
        """The day's values and its quality letter, which must stand right after the last value."""
        quality = cells[expected].upper() if len(cells) > expected else ""
        if _QUALITY.fullmatch(quality):
            return self._numbers(cells[:expected]), quality[0]
        found = next((n for n, c in enumerate(cells) if _QUALITY.fullmatch(c.upper())), None)
        if found is None and quality and decimal(quality) is None:
            raise self._bad("QualityMethod", quality)
        if found is None:
            found = sum(decimal(c) is not None for c in cells)
        if found == expected:
            raise self._bad("QualityMethod", quality)
        raise refusals.WrongValueCount(
            file=self.file, line=self.line, found=found, expected=expected
        )

    def _numbers(self, cells: list[str]) -> list[tuple[int, int]]:
        numbers = []
        for position, cell in enumerate(cells, start=1):
            number = decimal(cell)
            if number is None:
                raise refusals.ValueNotNumeric(
                    file=self.file, line=self.line, position=position, value=cell[:40]
                )
            numbers.append(number)
        return numbers

    def _take_event(self, row: list[str]) -> None:
        self._require(self.day, "400", "300")
        day = self.day
        assert day is not None
        row = row + [""] * (4 - len(row))
        bounds = []
        for name, text in (("StartInterval", row[1]), ("EndInterval", row[2])):
            if not (text.isascii() and text.isdigit() and len(text) <= 4):
                raise self._bad(name, text)
            bounds.append(int(text))
        quality = _QUALITY.fullmatch(row[3].upper())
        if quality is None or quality[1] == "V":
            raise self._bad("QualityMethod", row[3])
        day.ranges.append((bounds[0], bounds[1], _FLAGS[quality[1]], self.line))

    def _close_day(self) -> None:
        """400 ranges must cover the day exactly; then they say how each value came to be."""
        day, self.day = self.day, None
        if day is None or (not day.ranges and not day.variable):
            return
        if not day.ranges:
            raise refusals.EventsMissing(file=self.file, line=day.line)
        expected = day.block.per_day
        after = 0
        for first, last, flag, line in sorted(day.ranges, key=lambda r: r[:2]):
            if first != after + 1 or last < first or last > expected:
                raise self._uncovered(day, line)
            day.block.flags[day.at + first - 1 : day.at + last] = bytes([flag]) * (last - after)
            after = last
        if after != expected:
            raise self._uncovered(day, day.ranges[-1][3])

    def _uncovered(self, day: _Day, line: int) -> refusals.EventsDoNotCoverDay:
        found = ", ".join(f"{first}-{last}" for first, last, _, _ in day.ranges[:6])
        return refusals.EventsDoNotCoverDay(
            file=self.file, line=line, expected=day.block.per_day, found=found
        )


def _channel(name: str, blocks: list[_Block]) -> Channel:
    """One channel from every block of the same meter point and suffix, null values as nothing."""
    unit = units.named(blocks[0].unit_name)
    scales = {units.named(b.unit_name).factor for b in blocks}
    digits = max(d for b in blocks for _, d in b.numbers)
    finest = min(scales)
    starts, durations, lines = array("q"), array("q"), array("q")
    flags, mantissas = bytearray(), list[int]()
    for block in blocks:
        times = units.named(block.unit_name).factor / finest
        assert times.denominator == 1
        mantissas += [
            0 if flag == Flag.MISSING else m * 10 ** (digits - d) * times.numerator
            for (m, d), flag in zip(block.numbers, block.flags, strict=True)
        ]
        starts += block.starts
        durations += block.durations
        lines += block.lines
        flags += block.flags
    head = blocks[0]
    return Channel(
        id=name,
        usage_point=head.usage_point,
        serial=blocks[-1].serial,
        register=head.suffix,
        service="electricity",
        unit=unit.base,
        kind=_kind(head.suffix, unit.base),
        scale=finest * Fraction(1, 10**digits),
        starts=starts,
        durations=durations,
        mantissas=mantissas,
        flags=flags,
        lines=lines,
    )


def _kind(suffix: str, base: str) -> Kind:
    if base == "VArh":
        return Kind.REACTIVE
    if base != "Wh":
        return Kind.OTHER
    return _KINDS.get(suffix[0].upper(), Kind.OTHER)
