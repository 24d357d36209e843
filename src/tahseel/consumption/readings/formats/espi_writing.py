"""Writes ESPI, the format of Green Button: what a customer takes away, as a stream of bytes.

A feed names each meter as a usage point and each of its registers as a meter reading, then brings
the values in blocks of a day, in base units (power of ten 0). A value that was not received is not
there. `formats.espi` reads it back to the same values. Source: NAESB REQ.21 ESPI, Green Button.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID
from xml.sax.saxutils import escape

import numpy as np

from tahseel.consumption.readings.blocks import DAY_S, ZONE_S, Series
from tahseel.consumption.readings.values import Flag, Kind
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service

_SERVICE_KINDS = {Service.ELECTRICITY: 0, Service.WATER: 2}
_COMMODITIES = {Service.ELECTRICITY: 1, Service.WATER: 9}
_UNITS = {"Wh": 72, "VArh": 73, "L": 134}
_FLOWS = {Kind.IMPORT: 1, Kind.REACTIVE: 1, Kind.EXPORT: 19}
_MEASURES = {"Wh": 12, "VArh": 12, "L": 58}
# QualityOfReading: estimated, manually edited, derived; what was measured says nothing.
_QUALITIES = {Flag.ESTIMATED: 8, Flag.EDITED: 7, Flag.SUBSTITUTED: 11}
_DELTA = 4
_FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:uuid:{id}</id>
<title>{title}</title>
<updated>{updated}</updated>
"""
_ENTRY = """<entry>
<id>urn:uuid:{id}</id>
<link rel="self" href="{own}"/>
<link rel="up" href="{up}"/>
{related}<title>{title}</title>
<published>{updated}</published>
<updated>{updated}</updated>
<content>{content}</content>
</entry>
"""
_RELATED = '<link rel="related" href="{}"/>\n'
_ESPI = 'xmlns="http://naesb.org/espi"'
_READING = (
    "<IntervalReading>{}<timePeriod><duration>{}</duration><start>{}</start></timePeriod>"
    "<value>{}</value></IntervalReading>"
)
_TIMES = "RetailCustomer/1/LocalTimeParameters/1"


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """A meter as its customer knows it."""

    meter_id: UUID
    serial: str
    service: Service


def feed(
    feed_id: UUID, title: str, stretches: Iterable[tuple[UsagePoint, list[Series]]], *, at: datetime
) -> Iterator[bytes]:
    """The document, piece by piece; no more of it in memory than one stretch of one meter.

    stretches: series of a meter over some days, in order of time, meter after meter or not.
    """
    writing = _Feed(at)
    yield _FEED.format(id=feed_id, title=escape(title), updated=writing.updated).encode()
    yield writing.times(feed_id)
    for point, series in stretches:
        for one in series:
            if Kind(one.kind) in _FLOWS and one.unit in _UNITS:
                yield from writing.series(point, one)
    yield b"</feed>\n"


class _Feed:
    def __init__(self, at: datetime) -> None:
        self.updated = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.told: set[str] = set()

    def times(self, feed_id: UUID) -> bytes:
        """The local time of the country: no summer time."""
        content = (
            f"<LocalTimeParameters {_ESPI}><dstEndRule>00000000</dstEndRule>"
            "<dstOffset>0</dstOffset>"
            f"<dstStartRule>00000000</dstStartRule><tzOffset>{ZONE_S}</tzOffset>"
            "</LocalTimeParameters>"
        )
        return self.entry(derived_id(feed_id, "times"), _TIMES, "times", content)

    def series(self, point: UsagePoint, series: Series) -> Iterator[bytes]:
        place = f"RetailCustomer/1/UsagePoint/{quote(point.serial, safe='')}"
        reading = f"{place}/MeterReading/{quote(series.register, safe='')}"
        real = np.flatnonzero(series.flags != Flag.MISSING)
        if not len(real):
            return
        if place not in self.told:
            self.told.add(place)
            yield self._usage_point(point, place)
        if reading not in self.told:
            self.told.add(reading)
            yield from self._meter_reading(point, series, reading, int(series.durations[real[0]]))
        days = (series.starts[real] + ZONE_S) // DAY_S
        bounds = np.flatnonzero(np.diff(days)) + 1
        for some in np.split(real, bounds):
            yield self._block(point, series, reading, some)

    def _usage_point(self, point: UsagePoint, place: str) -> bytes:
        kind = _SERVICE_KINDS[point.service]
        content = (
            f"<UsagePoint {_ESPI}><ServiceCategory><kind>{kind}</kind></ServiceCategory>"
            "<status>1</status></UsagePoint>"
        )
        related = [f"{place}/MeterReading", _TIMES]
        return self.entry(point.meter_id, place, point.serial, content, related)

    def _meter_reading(
        self, point: UsagePoint, series: Series, reading: str, length_s: int
    ) -> Iterator[bytes]:
        register = series.register
        kind = f"ReadingType/{quote(point.serial, safe='')}-{quote(register, safe='')}"
        own = derived_id(point.meter_id, "espi", register)
        yield self.entry(
            own, reading, register, f"<MeterReading {_ESPI}/>", [f"{reading}/IntervalBlock", kind]
        )
        content = (
            f"<ReadingType {_ESPI}><accumulationBehaviour>{_DELTA}</accumulationBehaviour>"
            f"<commodity>{_COMMODITIES[point.service]}</commodity>"
            f"<flowDirection>{_FLOWS[Kind(series.kind)]}</flowDirection>"
            f"<intervalLength>{length_s}</intervalLength><kind>{_MEASURES[series.unit]}</kind>"
            "<powerOfTenMultiplier>0</powerOfTenMultiplier>"
            f"<uom>{_UNITS[series.unit]}</uom></ReadingType>"
        )
        yield self.entry(derived_id(own, "type"), kind, f"{register} ({series.unit})", content)

    def _block(
        self,
        point: UsagePoint,
        series: Series,
        reading: str,
        at: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> bytes:
        starts, lengths = series.starts[at], series.durations[at]
        first, end = int(starts[0]), int((starts + lengths).max())
        values = [
            _READING.format(_quality(flag), length, start, value)
            for start, length, value, flag in zip(
                starts.tolist(), lengths.tolist(), series.values[at].tolist(),
                series.flags[at].tolist(), strict=True,
            )
        ]  # fmt: skip
        content = (
            f"<IntervalBlock {_ESPI}><interval><duration>{end - first}</duration>"
            f"<start>{first}</start></interval>{''.join(values)}</IntervalBlock>"
        )
        own = f"{reading}/IntervalBlock/{first}"
        name = derived_id(point.meter_id, "espi", series.register, str(first))
        return self.entry(name, own, series.register, content)

    def entry(
        self,
        name: UUID,
        own: str,
        title: str,
        content: str,
        related: Iterable[str] = (),
    ) -> bytes:
        """One resource with its links; a block's `up` is the collection it is in."""
        return _ENTRY.format(
            id=name,
            own=escape(own),
            up=escape(own.rpartition("/")[0]),
            related="".join(_RELATED.format(escape(one)) for one in related),
            title=escape(title),
            updated=self.updated,
            content=content,
        ).encode()


def _quality(flag: int) -> str:
    code = _QUALITIES.get(Flag(flag))
    return "" if code is None else f"<ReadingQuality><quality>{code}</quality></ReadingQuality>"
