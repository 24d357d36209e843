"""IEC 61968-9 MeterReadings: what head-ends send as XML, bare or inside a message.

A `MeterReading` tells of one meter: `Readings` with one value each, and `IntervalBlocks` of values
of one reading type. A time stamp is the end of an interval unless a time period says both ends; a
value of a type that accumulates is what a dial shows. Meter and type may stand before or after the
values, so those are gathered until their reading ends.

A value that cannot be used is parked with its reason; a file without one is refused, unless it
tells of events (`iec61968_events`), which also come as a message of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import IO

from lxml import etree

from tahseel.consumption.readings.formats import (
    iec61968_events,
    reading_type,
    refusals,
    xml_stream,
)
from tahseel.consumption.readings.formats.intervals import Intervals, join
from tahseel.consumption.readings.formats.joining import joined
from tahseel.consumption.readings.formats.numbers import decimal
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.formats.reading_type import ReadingType
from tahseel.consumption.readings.formats.xml_fields import (
    EPOCH,
    TEXT_MAX,
    epoch,
    line_of,
    name_in,
    name_of,
    text_of,
)
from tahseel.consumption.readings.values import (
    Channel,
    Flag,
    MeterEvent,
    ParkedRecord,
    RegisterRead,
)
from tahseel.kernel.money import round_half_up

NAMESPACE = "iec.ch/TC57/"
NAMES = ("MeterReading", "EndDeviceEvent")
READS_MAX = 10_000_000
WAITING_MAX = 1_000_000
PARKED_MAX = 100_000
EVENTS_MAX = 1_000_000
UNNAMED_BYTES_MAX = 16 * 1024 * 1024
HELD_MAX = 128
LENGTH_MAX_S = 366 * 86_400
MISSING = ("5", "259")
_TAGS = [f"{{*}}{n}" for n in ("MeterReading", "IntervalBlocks", "IntervalReadings", "Readings")]
_TAGS.append("{*}EndDeviceEvent")
_FLAGS = {
    "7": Flag.SUBSTITUTED,
    "8": Flag.ESTIMATED,
    "11": Flag.SUBSTITUTED,
    "12": Flag.ESTIMATED,
}
_QUALITIES = {Flag.ACTUAL: "actual"}


class _Iec61968:
    """The format, for the registry."""

    code = "iec61968"

    def detect(self, head: Head) -> bool:
        text = head.text
        return text.startswith("<") and NAMESPACE in text and any(name in text for name in NAMES)

    def parse(self, source: Source) -> Content:
        return parse(source.stream, source.name, keep=source.keep)


FORMAT = _Iec61968()


def parse(stream: IO[bytes], file: str, *, keep: bool = True) -> Content:
    """Read the whole file. Raises FileRefused when the XML is broken or holds no value."""
    reader = _Reader(file, keep=keep)
    for element in xml_stream.elements(
        stream,
        file,
        tags=_TAGS,
        strange=refusals.NotMeterReadings,
        unnamed_max=UNNAMED_BYTES_MAX,
    ):
        reader.take(element)
    return reader.finish()


@dataclass(slots=True)
class _Value:
    """One value as it stands: what is not there, or none, is None."""

    line: int
    number: tuple[int, int] | None
    end: int | None
    start: int | None
    flag: Flag
    text: str
    reported: int | None = None


@dataclass(slots=True)
class _Block:
    """Values of one reading type, until it is known whose they are."""

    type_code: str
    interval: bool
    values: list[_Value] = field(default_factory=list)


class _Reader:
    """Gathers values until their meter is known, and lets go of what it has read."""

    def __init__(self, file: str, *, keep: bool) -> None:
        self.file, self.keep = file, keep
        self.values: list[_Value] = []
        self.blocks: list[_Block] = []
        self.found: dict[tuple[str, str, str], Intervals] = {}
        self.content = Content(FORMAT.code)
        self.reads, self.waiting, self.events = 0, 0, 0
        self.told = False

    def take(self, element: etree._Element) -> None:
        self.told = True
        name = name_of(element.tag)
        if name == "IntervalReadings":
            self.values.append(_value(element))
            self._bound(line_of(element))
        elif name == "IntervalBlocks":
            self.blocks.append(_Block(_type_of(element), True, self.values))
            self.values = []
        elif name == "Readings":
            self.blocks.append(_Block(_type_of(element), False, [_value(element)]))
            self._bound(line_of(element))
        elif name == "EndDeviceEvent":
            self._told(iec61968_events.read(element))
        else:
            self._close(element)
        xml_stream.let_go(element, alike=name != "MeterReading")

    def _bound(self, line: int) -> None:
        """Values that wait for their meter are bounded in number, and those that are kept."""
        self.reads += 1
        self.waiting += 1
        if self.waiting > WAITING_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=WAITING_MAX)
        if self.keep and self.reads > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=READS_MAX)

    def _close(self, element: etree._Element) -> None:
        """A reading has ended: its meter is known, and its values find their channels."""
        meter, point = name_in(element, "Meter"), name_in(element, "UsagePoint")
        for child in element:
            if iec61968_events.is_one(child):
                self._told(iec61968_events.read(child, meter=meter, point=point))
        self._ahead(meter, point)
        for block in self.blocks:
            kind = reading_type.parse(block.type_code)
            for value in block.values:
                code = self._use(meter, point, kind, block, value)
                if code is not None:
                    self._park(meter or point, block, value, code)
        self.blocks, self.values, self.waiting = [], [], 0

    def _told(self, event: MeterEvent | ParkedRecord) -> None:
        """Keep an event, or park what is none; where values are let go, so are events."""
        self.events += 1
        if isinstance(event, ParkedRecord):
            self._park_record(event)
        elif self.keep and self.events > EVENTS_MAX:
            raise refusals.TooManyReads(file=self.file, line=event.line, reads_max=EVENTS_MAX)
        elif self.keep:
            self.content.events.append(event)

    def _ahead(self, meter: str, point: str) -> None:
        """The value of a reading that was delivered longest before its own instant, if any was."""
        stamped = [
            (value.end - value.reported, value)
            for block in self.blocks
            for value in block.values
            if value.reported is not None and value.end is not None and value.end > value.reported
        ]
        if not stamped or not (meter or point):
            return
        _, value = max(stamped, key=lambda pair: pair[0])
        assert value.end is not None
        assert value.reported is not None
        event = iec61968_events.ahead(
            meter, point, at=value.end, reported=value.reported, line=value.line
        )
        self._told(event)

    def _use(
        self, meter: str, point: str, kind: ReadingType | None, block: _Block, value: _Value
    ) -> str | None:
        """Keep a value; the code of the reason when it cannot be."""
        code = _wrong(meter or point, kind, value)
        if code is not None or kind is None or value.end is None:
            return code
        if kind.dial:
            return self._use_dial(meter, point, kind, value)
        length = value.end - value.start if value.start is not None else kind.period_s
        if not block.interval or not 0 < length <= LENGTH_MAX_S:
            return "interval_without_length"
        into = self.found.setdefault((meter, point, kind.code), Intervals())
        into.values.append(*(value.number or (0, 0)))
        into.starts.append(value.end - length)
        into.durations.append(length)
        into.flags.append(value.flag)
        into.lines.append(value.line)
        if not self.keep:
            into.let_go(at_least=HELD_MAX)
        return None

    def _use_dial(self, meter: str, point: str, kind: ReadingType, value: _Value) -> str | None:
        if value.number is None:
            return "value_missing"
        if kind.unit.base not in ("Wh", "VArh", "L"):
            return "not_a_quantity"
        if value.number[0] < 0:
            return "value_negative"
        assert value.end is not None
        exact = Fraction(value.number[0], 10 ** value.number[1]) * kind.unit.factor
        self.content.register_reads.append(
            RegisterRead(
                serial=meter or point,
                register=kind.register,
                at=EPOCH + timedelta(seconds=value.end),
                value=round_half_up(exact.numerator, exact.denominator),
                unit=kind.unit.base,
                quality=_QUALITIES.get(value.flag, "estimated"),
                line=value.line,
                usage_point=point,
                channel=f"{meter or point}/{kind.code}",
            )
        )
        return None

    def _park(self, meter: str, block: _Block, value: _Value, code: str) -> None:
        facts: dict[str, str | int | None] = {"type": block.type_code, "value": value.text}
        self._park_record(ParkedRecord(value.line, meter, code, facts))

    def _park_record(self, record: ParkedRecord) -> None:
        if len(self.content.parked) >= PARKED_MAX:
            raise refusals.TooManyReads(file=self.file, line=record.line, reads_max=PARKED_MAX)
        self.content.parked.append(record)

    def finish(self) -> Content:
        if not self.told:
            raise refusals.NotMeterReadings(file=self.file, line=1)
        if not (self.found or self.content.register_reads or self.events):
            raise refusals.NoInterval(file=self.file)
        self.content.channels = joined([_channel(*key, part) for key, part in self.found.items()])
        return self.content


def _wrong(name: str, kind: ReadingType | None, value: _Value) -> str | None:
    """Why a value can be nothing at all."""
    if not name:
        return "column_empty"
    if kind is None:
        return "unit_unknown"
    if value.number is None and value.flag is not Flag.MISSING:
        return "value_not_numeric"
    return "time_not_valid" if value.end is None else None


def _channel(meter: str, point: str, code: str, part: Intervals) -> Channel:
    kind = reading_type.parse(code)
    assert kind is not None, "a channel is made of values whose type was read"
    whole = join([(part, kind.unit.factor)])
    return Channel(
        id=f"{meter or point}/{code}",
        usage_point=point or meter,
        serial=meter,
        register=kind.register,
        service=kind.service,
        unit=kind.unit.base,
        kind=kind.kind,
        scale=whole.scale,
        starts=whole.starts,
        durations=whole.durations,
        mantissas=whole.mantissas,
        flags=whole.flags,
        lines=whole.lines,
        counted=whole.counted,
    )


def _type_of(element: etree._Element) -> str:
    """The reading type that an element refers to, or tells itself by an mRID."""
    for child in element:
        if name_of(child.tag) == "ReadingType":
            ref = str(child.get("ref") or "").strip()
            return (ref or text_of(child, "mRID"))[:TEXT_MAX]
    return ""


def _value(element: etree._Element) -> _Value:
    text, stamp = text_of(element, "value"), text_of(element, "timeStamp")
    start, end = None, epoch(stamp)
    flag = Flag.ACTUAL
    for child in element:
        name = name_of(child.tag)
        if name == "timePeriod" and (text_of(child, "end") or text_of(child, "start")):
            start, end = epoch(text_of(child, "start")), epoch(text_of(child, "end"))
        elif name == "ReadingQualities":
            flag = max(flag, _flag(_quality(child)))
    reported = epoch(text_of(element, "reportedDateTime"))
    return _Value(line_of(element), decimal(text), end, start, flag, text[:TEXT_MAX], reported)


def _quality(element: etree._Element) -> str:
    for child in element:
        if name_of(child.tag) == "ReadingQualityType":
            return str(child.get("ref") or "").strip() or text_of(child, "mRID")
    return ""


def _flag(code: str) -> Flag:
    """By `system.category.index`: estimated, edited, derived, projected, or known to be missing."""
    parts = code.split(".")
    if len(parts) != 3:
        return Flag.ACTUAL
    if (parts[1], parts[2]) == MISSING:
        return Flag.MISSING
    return _FLAGS.get(parts[1], Flag.ACTUAL)
