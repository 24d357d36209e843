"""ESPI, the format of Green Button: an Atom feed whose entries refer to one another by links.

Read as a stream; entities, DTDs and the network are off, and a file that declares a DOCTYPE is
refused. Entries come in any order and with any namespace prefix, so blocks are gathered first and
joined with their MeterReading, ReadingType and UsagePoint at the end. Source: NAESB REQ.21 ESPI.

A reading that says nothing usable (no start, no length, no number) is parked; the rest stands.
"""

from __future__ import annotations

import re
from typing import IO

from lxml import etree

from tahseel.consumption.readings.formats import espi_links, refusals, xml_stream
from tahseel.consumption.readings.formats.espi_links import EPOCH_MAX, LENGTH_MAX_S
from tahseel.consumption.readings.formats.intervals import (
    HELD_MAX,
    LENGTH_OF_TYPE,
    Intervals,
)
from tahseel.consumption.readings.formats.numbers import decimal
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.formats.xml_stream import line_of, name_of
from tahseel.consumption.readings.values import Channel, Flag, ParkedRecord

READS_MAX = 10_000_000
PARKED_MAX = 100_000
ENTRIES_MAX = 2_000_000
VALUE_DIGITS_MAX = 18
TEXT_MAX = 200
UNNAMED_BYTES_MAX = 16 * 1024 * 1024
"""How much of a file may pass without one of the elements we look for: more is no feed."""

_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{VALUE_DIGITS_MAX}}}")
_DESCRIBING = {"UsagePoint", "MeterReading", "ReadingType"}
_LOOKED_FOR = [
    f"{{*}}{name}"
    for name in (*_DESCRIBING, "entry", "interval", "IntervalReading", "IntervalBlock")
]
# ESPI QualityOfReading: every other code (0 valid, 14 raw, 17 validated ...) is a real reading.
_QUALITIES = {
    7: Flag.SUBSTITUTED,
    8: Flag.ESTIMATED,
    9: Flag.ESTIMATED,
    11: Flag.SUBSTITUTED,
    12: Flag.ESTIMATED,
}


class _Espi:
    """The format, for the registry. Any other XML is this one gone wrong."""

    code = "espi"

    def detect(self, head: Head) -> bool:
        return head.text.startswith("<") or head.name.lower().endswith(".xml")

    def parse(self, source: Source) -> Content:
        channels, parked = parse(source.stream, source.name, keep=source.keep)
        return Content(self.code, channels=channels, parked=parked)


FORMAT = _Espi()


def parse(
    stream: IO[bytes], file: str, *, keep: bool = True
) -> tuple[list[Channel], list[ParkedRecord]]:
    """Read the feed. Raises FileRefused when it is not sound XML, not ESPI or without a value.

    keep: hold every value; else they are only counted, and memory stays small.
    """
    reader = _Reader(file, keep=keep)
    for element in xml_stream.elements(
        stream, file, tags=_LOOKED_FOR, strange=refusals.NotEspi, unnamed_max=UNNAMED_BYTES_MAX
    ):
        reader.take(element)
    return reader.finish()


class _Reader:
    """Gathers resources and blocks from the stream and lets go of what it has read."""

    def __init__(self, file: str, *, keep: bool) -> None:
        self.file = file
        self.keep = keep
        self.catalogue = espi_links.Catalogue()
        self.links = espi_links.Links()
        self.current: espi_links.Gathered | None = None
        self.gathered: list[espi_links.Gathered] = []
        self.waiting: list[tuple[str, dict[str, str], int]] = []
        self.unusable: list[tuple[espi_links.Links, int, str, dict[str, str]]] = []
        self.espi = False
        self.block_start: int | None = None
        self.place = 0
        self.reads = 0

    def take(self, element: etree._Element) -> None:
        name = name_of(element.tag)
        if name == "IntervalReading":
            self._take_reading(element)
        elif name == "interval":
            self.block_start = _time(_fields(element).get("start"))
        elif name == "IntervalBlock":
            self._close_block()
        elif name == "entry":
            self._close_entry(element)
        else:
            self._take_resource(name, element)
        if name in {"entry", "IntervalReading", "IntervalBlock"}:
            xml_stream.let_go(element)

    def _into(self) -> espi_links.Gathered:
        if self.current is None:
            self.current = espi_links.Gathered(self.links)
            self.gathered.append(self.current)
            if len(self.gathered) > ENTRIES_MAX:
                raise refusals.TooManyReads(file=self.file, reads_max=READS_MAX)
        return self.current

    def _close_block(self) -> None:
        self.espi = True
        self.block_start, self.place = None, 0

    def _close_entry(self, entry: etree._Element) -> None:
        """Links may stand after the content, so a resource is filed when its entry ends."""
        for child in entry:
            name = name_of(child.tag)
            if name == "link":
                self.links.add(_attribute(child, "rel"), _attribute(child, "href"))
            elif name == "id":
                self.links.identity = (child.text or "").strip()[:TEXT_MAX]
        for name, fields, line in self.waiting:
            self.catalogue.add(name, self.links, fields, line)
        self.waiting.clear()
        if self.current is not None and not self.keep:
            self.current.intervals.let_go()
        self.current = None
        self.links = espi_links.Links()

    def _take_resource(self, name: str, element: etree._Element) -> None:
        self.espi = True
        fields = {name_of(e.tag): (e.text or "").strip() for e in element.iter() if len(e) == 0}
        self.waiting.append((name, fields, line_of(element)))

    def _take_reading(self, element: etree._Element) -> None:
        line, fields, into = line_of(element), _fields(element), self._into().intervals
        place, self.place = self.place, self.place + 1
        value, start = decimal(fields.get("value", "")), _time(fields.get("start"))
        length = _length(fields.get("duration"))
        implied = "start" not in fields and self.block_start is not None
        if value is None or start is None or length is None:
            code = _unusable(fields, value, start, implied)
        else:
            code = None
        if code is not None or value is None:
            self._park(line, code or "value_not_numeric", fields)
            return
        if start is None and self.block_start is not None:
            into.implied.append((len(into), self.block_start, place))
        into.values.append(*value)
        into.starts.append(start or 0)
        into.durations.append(LENGTH_OF_TYPE if length is None else length)
        quality = fields.get("quality")
        into.flags.append(_QUALITIES.get(_integer(quality) or 0, 0) if quality else 0)
        into.lines.append(line)
        self.reads += 1
        if self.reads % HELD_MAX == 0:
            self._bound(line, into)

    def _bound(self, line: int, into: Intervals) -> None:
        """Values that are kept, or cannot be let go yet, are bounded in number."""
        if not self.keep:
            into.let_go(at_least=HELD_MAX)
        held = self.reads if self.keep else len(into)
        if held > READS_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=READS_MAX)

    def _park(self, line: int, code: str, fields: dict[str, str]) -> None:
        if len(self.unusable) >= PARKED_MAX:
            raise refusals.TooManyReads(file=self.file, line=line, reads_max=PARKED_MAX)
        kept: dict[str, str] = {}
        kept.update(
            (n, fields[n][:TEXT_MAX]) for n in ("start", "duration", "value") if n in fields
        )
        self.unusable.append((self.links, line, code, kept))

    def finish(self) -> tuple[list[Channel], list[ParkedRecord]]:
        if not self.espi:
            raise refusals.NotEspi(file=self.file, line=1)
        if not self.reads:
            raise refusals.NoInterval(file=self.file)
        parked = [
            ParkedRecord(line, espi_links.channel_id(links), code, {**kept})
            for links, line, code, kept in self.unusable
        ]
        return espi_links.channels(self.catalogue, self.gathered, self.file), parked


def _attribute(element: etree._Element, name: str) -> str:
    return str(element.get(name) or "").strip()


def _fields(element: etree._Element) -> dict[str, str]:
    """The leaves of an IntervalReading; `value` is its own, not that of a quality or a cost."""
    fields = {}
    for child in element:
        if len(child) == 0:
            fields[name_of(child.tag)] = (child.text or "").strip()
            continue
        for leaf in child:
            fields.setdefault(name_of(leaf.tag), (leaf.text or "").strip())
    return fields


def _integer(text: str | None) -> int | None:
    if text is not None and text.isdigit() and text.isascii() and len(text) <= VALUE_DIGITS_MAX:
        return int(text)
    return int(text) if text is not None and _INTEGER.fullmatch(text) else None


def _time(text: str | None) -> int | None:
    """Whole seconds since 1970, not beyond any calendar."""
    seconds = _integer(text)
    return seconds if seconds is not None and 0 <= seconds < EPOCH_MAX else None


def _length(text: str | None) -> int | None:
    """A length in whole seconds; senders do write 0."""
    seconds = _integer(text)
    return seconds if seconds is not None and 0 <= seconds <= LENGTH_MAX_S else None


def _unusable(
    fields: dict[str, str], value: tuple[int, int] | None, start: int | None, implied: bool
) -> str | None:
    if value is None:
        return "value_not_numeric"
    if start is None and not implied:
        return "interval_without_start"
    if "duration" in fields and _length(fields["duration"]) is None:
        return "interval_without_length"
    return None
