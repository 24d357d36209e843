"""How the entries of an ESPI feed belong together: by the paths in their Atom links.

`self` names a resource, `up` the collection it is in, `related` what belongs to it. Senders differ:
absolute or relative paths, a ReadingType that points up to its MeterReading instead of the other
way round, a feed with one type and no links at all. Every way is tried, the explicit ones first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tahseel.consumption.readings.formats import refusals, units
from tahseel.consumption.readings.formats.intervals import LENGTH_OF_TYPE, Intervals, join
from tahseel.consumption.readings.values import Channel, Kind

LINKS_MAX = 1_000
POWER_OF_TEN_MAX = 18
EPOCH_MAX = 250_000_000_000
LENGTH_MAX_S = 10 * 366 * 86_400
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*")
_BLOCK = re.compile(r"/IntervalBlock(/[^/]*)?$")
_READING = re.compile(r"/MeterReading(/[^/]*)?$")
_INTEGER = re.compile(r"[+-]?\d{1,9}")

# ServiceKind and CommodityKind of ESPI; None: the code says nothing about the service.
_SERVICE_KINDS = {0: "electricity", 1: "gas", 2: "water", 4: "heat", 6: "sewerage", 8: "tv"}
_COMMODITIES = {
    1: "electricity",
    2: "electricity",
    7: "gas",
    8: "propane",
    9: "water",
    10: "steam",
    11: "sewerage",
    12: "heat",
    13: "cooling",
    14: "nonpotable_water",
}
_FORWARD, _REVERSE = 1, 19
_REACTIVE_UNITS = {"VArh"}
_BILLABLE_UNITS = {"Wh", "L", "therm", "BTU", "J"}
# AccumulationKind: these are running totals or snapshots, not what was used in an interval.
_NOT_A_QUANTITY = {1, 2, 3, 6, 12, 13}


@dataclass(slots=True)
class Links:
    """Links of one entry as normal paths, and its Atom id, which no other sender's entry has."""

    identity: str = ""
    own: str = ""
    up: str = ""
    related: list[str] = field(default_factory=list)

    def add(self, rel: str, href: str) -> None:
        path = normal(href)
        if rel == "self":
            self.own = self.own or path
        elif rel == "up":
            self.up = self.up or path
        elif rel == "related" and path and len(self.related) < LINKS_MAX:
            self.related.append(path)


@dataclass(slots=True)
class Gathered:
    """What the blocks of one entry hold."""

    links: Links
    intervals: Intervals = field(default_factory=Intervals)


@dataclass(frozen=True, slots=True)
class ReadingType:
    """How to read the values of a MeterReading."""

    uom: int | None = None
    power_of_ten: int = 0
    commodity: int | None = None
    flow: int | None = None
    accumulation: int | None = None
    length_s: int = 0


class Catalogue:
    """Every UsagePoint, MeterReading and ReadingType of the feed, by path."""

    def __init__(self) -> None:
        self.services: dict[str, str | None] = {}
        self.identities: dict[str, str] = {}
        self.readings: dict[str, Links] = {}
        self.types: dict[str, tuple[ReadingType, str, int]] = {}
        self.bad: list[tuple[int, str, str]] = []

    def add(self, name: str, links: Links, fields: dict[str, str], line: int) -> None:
        """Remember a resource; `fields` are its leaves by local name."""
        if name == "UsagePoint":
            kind = _integer(fields.get("kind"))
            self.services[links.own] = None if kind is None else _SERVICE_KINDS.get(kind)
            self.identities[links.own] = links.identity
        elif name == "MeterReading":
            self.readings[links.own] = links
        else:
            self._add_type(links, fields, line)

    def _add_type(self, links: Links, fields: dict[str, str], line: int) -> None:
        numbers: dict[str, int | None] = {}
        for name in (
            "uom",
            "powerOfTenMultiplier",
            "commodity",
            "flowDirection",
            "accumulationBehaviour",
            "intervalLength",
        ):
            numbers[name] = _integer(fields.get(name))
            if fields.get(name) and numbers[name] is None:
                self.bad.append((line, name, fields[name]))
        power = numbers["powerOfTenMultiplier"] or 0
        if abs(power) > POWER_OF_TEN_MAX:
            self.bad.append((line, "powerOfTenMultiplier", str(power)))
            power = 0
        if not 0 <= (numbers["intervalLength"] or 0) <= LENGTH_MAX_S:
            self.bad.append((line, "intervalLength", str(numbers["intervalLength"])))
        found = ReadingType(
            numbers["uom"],
            power,
            numbers["commodity"],
            numbers["flowDirection"],
            numbers["accumulationBehaviour"],
            numbers["intervalLength"] or 0,
        )
        self.types[links.own or f"#{line}"] = (found, links.up, line)

    def type_of(self, reading: str, block: Links) -> ReadingType:
        """By the MeterReading's link, the block's own, the type's link up, or the only one."""
        links = self.readings.get(reading, Links())
        for path in (*links.related, *block.related):
            if path in self.types:
                return self.types[path][0]
        for found, up, _ in self.types.values():
            if up and reading and up in (reading, f"{reading}/ReadingType"):
                return found
        if len(self.types) == 1:
            return next(iter(self.types.values()))[0]
        return ReadingType()

    def service_of(self, usage_point: str, commodity: int | None) -> str | None:
        """The commodity decides where it is given, else the usage point's category."""
        if commodity is not None and commodity in _COMMODITIES:
            return _COMMODITIES[commodity]
        if usage_point in self.services:
            return self.services[usage_point]
        return next(iter(self.services.values())) if len(self.services) == 1 else None


def normal(href: str) -> str:
    """A path without scheme, host, query or outer slashes, so that relative equals absolute."""
    path = _SCHEME.sub("", href.strip()).partition("?")[0].partition("#")[0]
    return path.strip("/")


def channel_id(links: Links) -> str:
    """The path of the MeterReading an interval block belongs to."""
    for path in (links.own, links.up):
        if _BLOCK.search(path):
            return _BLOCK.sub("", path)
    for path in (links.up, links.own):
        if _READING.search(path):
            return path
    return links.up or links.own or "feed"


def channels(catalogue: Catalogue, gathered: Sequence[Gathered], file: str) -> list[Channel]:
    """One channel per MeterReading, its blocks joined in the order of the file."""
    if catalogue.bad:
        line, name, value = catalogue.bad[0]
        raise refusals.BadReadingType(file=file, line=line, field=name, value=value[:40])
    only = next(iter(catalogue.readings)) if len(catalogue.readings) == 1 else None
    joined: dict[str, list[Gathered]] = {}
    for block in gathered:
        name = channel_id(block.links)
        if name not in catalogue.readings:
            name = _reading_with(catalogue, block.links) or only or name
        joined.setdefault(name, []).append(block)
    return [
        _channel(catalogue, name, blocks, file)
        for name, blocks in joined.items()
        if any(b.intervals.reads for b in blocks)
    ]


def _reading_with(catalogue: Catalogue, block: Links) -> str | None:
    """The MeterReading that names this block, or its collection, among its related links."""
    for name, links in catalogue.readings.items():
        if block.own in links.related or (block.up and block.up in links.related):
            return name
    return None


def _channel(catalogue: Catalogue, name: str, blocks: list[Gathered], file: str) -> Channel:
    found = catalogue.type_of(name, blocks[0].links)
    unit = units.of_espi(found.uom, found.power_of_ten)
    usage_point = _usage_point(catalogue, name)
    for block in blocks:
        _complete_times(block.intervals, found.length_s, file)
    joined = join([(block.intervals, unit.factor) for block in blocks])
    service = catalogue.service_of(usage_point, found.commodity)
    return Channel(
        id=name,
        usage_point=catalogue.identities.get(usage_point) or usage_point,
        serial="",
        register=name.rpartition("/")[2],
        service=service,
        unit=unit.base,
        kind=_kind(found, unit.base, service),
        scale=joined.scale,
        starts=joined.starts,
        durations=joined.durations,
        mantissas=joined.mantissas,
        flags=joined.flags,
        lines=joined.lines,
        counted=joined.counted,
    )


def _complete_times(block: Intervals, length_s: int, file: str) -> None:
    """Values without times of their own follow each other from the start of their block."""
    for position, start, place in block.implied:
        if start + place * length_s > EPOCH_MAX:
            raise refusals.BadReadingType(
                file=file, line=block.lines[position], field="intervalLength", value=length_s
            )
        block.starts[position] = start + place * length_s
    for position, duration in enumerate(block.durations):
        if duration == LENGTH_OF_TYPE:
            block.durations[position] = length_s


def _usage_point(catalogue: Catalogue, reading: str) -> str:
    path = _READING.sub("", reading)
    if path in catalogue.services:
        return path
    for name in catalogue.services:
        if name and reading.startswith(f"{name}/"):
            return name
    return next(iter(catalogue.services)) if len(catalogue.services) == 1 else path


def _kind(found: ReadingType, base: str, service: str | None) -> Kind:
    if base in _REACTIVE_UNITS:
        return Kind.REACTIVE
    if base not in _BILLABLE_UNITS or found.accumulation in _NOT_A_QUANTITY:
        return Kind.OTHER
    if found.flow == _REVERSE:
        return Kind.EXPORT
    if found.flow in (None, 0, _FORWARD) or service == "water":
        return Kind.IMPORT
    return Kind.OTHER


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and _INTEGER.fullmatch(text) else None
