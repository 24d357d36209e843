"""IEC 61968-9 MeterReadings: what head-ends send as XML, bare or inside a message.

A `MeterReading` tells of one meter: `Readings` with one value each, and `IntervalBlocks` of values
of one reading type. A time stamp is the end of an interval unless a time period says both ends; a
value of a type that accumulates is what a dial shows. Meter and type may stand before or after the
values, so those are gathered until their reading ends.

A value that cannot be used is parked with its reason; a file without one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import IO

from lxml import etree

from tahseel.consumption.readings.formats import reading_type, refusals, xml_stream
from tahseel.consumption.readings.formats.intervals import Intervals, join
from tahseel.consumption.readings.formats.joining import joined
from tahseel.consumption.readings.formats.numbers import decimal
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.formats.reading_type import ReadingType
from tahseel.consumption.readings.formats.xml_stream import line_of, name_of
from tahseel.consumption.readings.values import Channel, Flag, ParkedRecord, RegisterRead
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import LOCAL_ZONE

NAMESPACE = "iec.ch/TC57/"
READS_MAX = 10_000_000
WAITING_MAX = 1_000_000
PARKED_MAX = 100_000
UNNAMED_BYTES_MAX = 16 * 1024 * 1024
HELD_MAX = 128
TEXT_MAX = 80
LENGTH_MAX_S = 366 * 86_400
YEARS = range(1990, 2101)
MISSING = ("5", "259")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAGS = [f"{{*}}{n}" for n in ("MeterReading", "IntervalBlocks", "IntervalReadings", "Readings")]
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
        return text.startswith("<") and NAMESPACE in text and "MeterReading" in text

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
        self.reads, self.waiting = 0, 0
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
        meter, point = _name_in(element, "Meter"), _name_in(element, "UsagePoint")
        for block in self.blocks:
            kind = reading_type.parse(block.type_code)
            for value in block.values:
                code = self._use(meter, point, kind, block, value)
                if code is not None:
                    self._park(meter or point, block, value, code)
        self.blocks, self.values, self.waiting = [], [], 0

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
                at=_EPOCH + timedelta(seconds=value.end),
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
        if len(self.content.parked) >= PARKED_MAX:
            raise refusals.TooManyReads(file=self.file, line=value.line, reads_max=PARKED_MAX)
        facts: dict[str, str | int | None] = {"type": block.type_code, "value": value.text}
        self.content.parked.append(ParkedRecord(value.line, meter, code, facts))

    def finish(self) -> Content:
        if not self.told:
            raise refusals.NotMeterReadings(file=self.file, line=1)
        if not (self.found or self.content.register_reads):
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
            return (ref or _text(child, "mRID"))[:TEXT_MAX]
    return ""


def _name_in(element: etree._Element, what: str) -> str:
    """The name of a meter or a usage point: its own name first, else its mRID."""
    thing = next((child for child in element if name_of(child.tag) == what), None)
    if thing is None:
        return ""
    names = (_text(child, "name") for child in thing if name_of(child.tag) == "Names")
    return (next(filter(None, names), "") or _text(thing, "mRID"))[:TEXT_MAX]


def _text(element: etree._Element, name: str) -> str:
    for child in element:
        if name_of(child.tag) == name:
            return (child.text or "").strip()
    return ""


def _value(element: etree._Element) -> _Value:
    text, stamp = _text(element, "value"), _text(element, "timeStamp")
    start, end = None, _epoch(stamp)
    flag = Flag.ACTUAL
    for child in element:
        name = name_of(child.tag)
        if name == "timePeriod" and (_text(child, "end") or _text(child, "start")):
            start, end = _epoch(_text(child, "start")), _epoch(_text(child, "end"))
        elif name == "ReadingQualities":
            flag = max(flag, _flag(_quality(child)))
    return _Value(line_of(element), decimal(text), end, start, flag, text[:TEXT_MAX])


def _quality(element: etree._Element) -> str:
    for child in element:
        if name_of(child.tag) == "ReadingQualityType":
            return str(child.get("ref") or "").strip() or _text(child, "mRID")
    return ""


def _flag(code: str) -> Flag:
    """By `system.category.index`: estimated, edited, derived, projected, or known to be missing."""
    parts = code.split(".")
    if len(parts) != 3:
        return Flag.ACTUAL
    if (parts[1], parts[2]) == MISSING:
        return Flag.MISSING
    return _FLAGS.get(parts[1], Flag.ACTUAL)


def _epoch(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
    return (at - _EPOCH) // timedelta(seconds=1)
