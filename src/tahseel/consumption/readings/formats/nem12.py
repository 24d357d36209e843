"""NEM12: Australian interval files, one line of values for each day of each channel.

Structure and field order: AEMO Meter Data File Format Specification NEM12 & NEM13. A file is
refused whole when its structure is broken: 100 first, 900 last, 200 before its 300, as many numeric
values as 1440 / interval length, 400 ranges that cover the day exactly, at least one interval.
A value that is null (quality N, for the day or for a range of it) may be left empty.

What is odd but changes no value is counted as a warning: the form and check digit of a meter point,
days out of order or twice, a header's time, a reason or a 500 record that is not well formed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat

from tahseel.consumption.readings.formats import mdff, refusals, units
from tahseel.consumption.readings.formats.intervals import HELD_MAX, Intervals, join
from tahseel.consumption.readings.formats.mdff import FLAGS, QUALITY
from tahseel.consumption.readings.formats.mdff_events import Events
from tahseel.consumption.readings.formats.numbers import decimal, plain
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.values import Channel, Flag

MINUTES_PER_DAY = 1440
READS_MAX = 10_000_000


class _Nem12:
    """The format, for the registry."""

    code = "nem12"

    def detect(self, head: Head) -> bool:
        return mdff.RECORD.match(head.first_line) is not None

    def parse(self, source: Source) -> Content:
        with source.lines() as lines:
            return _read(lines, source.name, keep=source.keep)


FORMAT = _Nem12()


@dataclass(slots=True)
class _Block:
    """A channel being read: the last 200 record and the values gathered so far."""

    usage_point: str
    suffix: str
    serial: str
    unit_name: str
    minutes: int
    intervals: Intervals = field(default_factory=Intervals)
    latest: int | None = None

    @property
    def per_day(self) -> int:
        return MINUTES_PER_DAY // self.minutes

    def is_continued_by(self, other: _Block) -> bool:
        mine = (self.unit_name.lower(), self.minutes, self.serial)
        return mine == (other.unit_name.lower(), other.minutes, other.serial)

    def add_day(self, start: int, line: int, values: list[int], digits: int, flag: Flag) -> int:
        """Add one day's values; the position of the first."""
        into, count, seconds = self.intervals, self.per_day, self.minutes * 60
        at = len(into)
        into.values.extend([0] * count if flag is Flag.MISSING else values, digits)
        into.starts.extend(range(start, start + count * seconds, seconds))
        into.durations.extend(repeat(seconds, count))
        into.flags += bytes([flag]) * count
        into.lines.extend(repeat(line, count))
        return at


@dataclass(slots=True)
class _Day:
    """The 300 record that 400 records may still qualify."""

    line: int
    start: int
    variable: bool
    at: int
    block: _Block
    blank: tuple[int, ...] = ()
    ranges: list[tuple[int, int, Flag, int]] = field(default_factory=list)


def parse(lines: Iterable[str], file: str, *, keep: bool = True) -> list[Channel]:
    """Read the whole file. Raises FileRefused with the line on which the structure breaks.

    keep: hold every value; else they are only counted, and memory stays small.
    """
    return _read(lines, file, keep=keep).channels


def _read(lines: Iterable[str], file: str, *, keep: bool) -> Content:
    reader = _Reader(file, keep=keep)
    for number, row in mdff.rows(lines, file):
        reader.take(number, row)
    channels = reader.finish()
    told = reader.events.found
    return Content(FORMAT.code, channels=channels, warnings=reader.warnings, events=told)


class _Reader:
    """Takes one record after the other and knows which may follow."""

    def __init__(self, file: str, *, keep: bool) -> None:
        self.file = file
        self.keep = keep
        self.line = 0
        self.started = False
        self.ended = False
        self.block: _Block | None = None
        self.day: _Day | None = None
        self.blocks: dict[tuple[str, str, str], list[_Block]] = {}
        self.reads = 0
        self.warnings: dict[str, int] = {}
        self.events = Events(file, keep)

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
            assert self.block is not None
            names = {"point": self.block.usage_point, "serial": self.block.serial}
            self._warn(self.events.work(row, **names, line=line))
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
            if any(b.intervals.reads for b in blocks):
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
        if version != "NEM12":
            raise self._bad("VersionHeader", version)
        if len(row) > 2 and row[2] and mdff.instant(row[2]) is None:
            self._warn("header_time")
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
        self._warn(mdff.odd_point(usage_point))
        if self.block is not None and not self.keep:
            self.block.intervals.let_go()
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
        cells = row[2:]
        values, digits, quality = self._values(cells, block.per_day)
        at = block.add_day(start, self.line, values, digits, FLAGS[quality])
        blank = tuple(n for n, cell in enumerate(cells[: block.per_day]) if not cell)
        self.day = _Day(self.line, start, quality == "V", at, block, blank * (quality == "V"))
        self._reason(self.day, cells[block.per_day + 1 :], 0, block.per_day)
        self._warn_of_order(start)
        self.reads += block.per_day
        if self.keep and self.reads > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=self.line, reads_max=READS_MAX)

    def _warn_of_order(self, start: int) -> None:
        """Days of a channel should ascend; one that does not is counted, and read all the same."""
        block = self.block
        assert block is not None
        if block.latest is not None and start <= block.latest:
            self._warn("day_repeated" if start == block.latest else "days_out_of_order")
        block.latest = start

    def _reason(self, day: _Day, cells: list[str], first: int, end: int) -> None:
        """The reason that a record gives for a day, or for a range of its intervals."""
        code, text = [*cells, "", ""][:2]
        step, block = day.block.minutes * 60, day.block
        span = day.start + first * step, day.start + end * step
        names = {"point": block.usage_point, "serial": block.serial}
        self._warn(self.events.reason(code, text, **names, span=span, line=self.line))

    def _warn(self, code: str | None) -> None:
        if code is None:
            return
        self.warnings[code] = self.warnings.get(code, 0) + 1

    def _midnight(self, text: str) -> int:
        midnight = mdff.midnight(text)
        if midnight is None:
            raise self._bad("IntervalDate", text)
        return midnight

    def _values(self, cells: list[str], expected: int) -> tuple[list[int], int, str]:
        """The day's values and their digits after the point, and its quality letter.

        The quality must stand right after the last value.
        """
        quality = cells[expected].upper() if len(cells) > expected else ""
        if QUALITY.fullmatch(quality):
            numbers = cells[:expected]
            if quality[0] in "NV":
                numbers = [cell or "0" for cell in numbers]
            return *self._numbers(numbers), quality[0]
        found = next((n for n, c in enumerate(cells) if QUALITY.fullmatch(c.upper())), None)
        if found is None and quality and decimal(quality) is None:
            raise self._bad("QualityMethod", quality)
        if found is None:
            found = sum(decimal(c) is not None for c in cells)
        if found == expected:
            raise self._bad("QualityMethod", quality)
        raise refusals.WrongValueCount(
            file=self.file, line=self.line, found=found, expected=expected
        )

    def _numbers(self, cells: list[str]) -> tuple[list[int], int]:
        row = plain(cells)
        if row is not None:
            return row
        numbers = []
        for position, cell in enumerate(cells, start=1):
            number = decimal(cell)
            if number is None:
                raise refusals.ValueNotNumeric(
                    file=self.file, line=self.line, position=position, value=cell[:40]
                )
            numbers.append(number)
        digits = max(d for _, d in numbers)
        return [m * 10 ** (digits - d) for m, d in numbers], digits

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
        quality = QUALITY.fullmatch(row[3].upper())
        if quality is None or quality[1] == "V":
            raise self._bad("QualityMethod", row[3])
        day.ranges.append((bounds[0], bounds[1], FLAGS[quality[1]], self.line))
        self._reason(day, row[4:], bounds[0] - 1, bounds[1])

    def _close_day(self) -> None:
        """400 ranges must cover the day exactly; then they say how each value came to be."""
        day, self.day = self.day, None
        if day is None:
            return
        if day.ranges:
            self._qualify(day)
        elif day.variable:
            raise refusals.EventsMissing(file=self.file, line=day.line)
        if not self.keep:
            day.block.intervals.let_go(at_least=HELD_MAX)

    def _qualify(self, day: _Day) -> None:
        expected, into = day.block.per_day, day.block.intervals
        after = 0
        for first, last, flag, line in sorted(day.ranges, key=lambda r: r[:2]):
            if first != after + 1 or last < first or last > expected:
                raise self._uncovered(day, line)
            into.flags[day.at + after : day.at + last] = bytes([flag]) * (last - after)
            if flag is Flag.MISSING:
                for position in range(day.at + after, day.at + last):
                    into.values.numbers[position] = 0
            after = last
        if after != expected:
            raise self._uncovered(day, day.ranges[-1][3])
        for position in day.blank:
            if into.flags[day.at + position] != Flag.MISSING:
                raise refusals.ValueNotNumeric(
                    file=self.file, line=day.line, position=position + 1, value=""
                )

    def _uncovered(self, day: _Day, line: int) -> refusals.EventsDoNotCoverDay:
        found = ", ".join(f"{first}-{last}" for first, last, _, _ in day.ranges[:6])
        return refusals.EventsDoNotCoverDay(
            file=self.file, line=line, expected=day.block.per_day, found=found
        )


def _channel(name: str, blocks: list[_Block]) -> Channel:
    """One channel from every block of the same meter point and suffix, null values as nothing."""
    joined = join([(b.intervals, units.named(b.unit_name).factor) for b in blocks])
    unit = units.named(blocks[0].unit_name).base
    head = blocks[0]
    return Channel(
        id=name,
        usage_point=head.usage_point,
        serial=blocks[-1].serial,
        register=head.suffix,
        service="electricity",
        unit=unit,
        kind=mdff.kind(head.suffix, unit),
        scale=joined.scale,
        starts=joined.starts,
        durations=joined.durations,
        mantissas=joined.mantissas,
        flags=joined.flags,
        lines=joined.lines,
        counted=joined.counted,
    )
