"""What becomes of each part of a sound file: stored for one of our meters, or parked with a reason.

Reads nothing but which meter a name stands for; writes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from tahseel.consumption.readings import incidents, rules
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.values import (
    Channel,
    DialRead,
    Incident,
    MeterEvent,
    ParkedRecord,
    ParsedFile,
    RegisterRead,
)
from tahseel.kernel.money import round_half_up
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import BASE_PER_UNIT, MeterView, RegisterView

EXAMPLES_MAX = 20
EPOCH_END = 4_133_980_800  # the year 2101


@dataclass(frozen=True, slots=True)
class Parking:
    """One row to park: records of a channel with the same reason, some of them as examples."""

    line: int
    channel: str
    code: str
    reads: int
    record: dict[str, Any]


@dataclass(slots=True)
class Intake:
    """A file sorted: what goes to the lake, what to the register reads, what is parked."""

    series: list[Series] = field(default_factory=list)
    dial_reads: list[DialRead] = field(default_factory=list)
    parked: list[Parking] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    stored: int = 0

    @property
    def parked_reads(self) -> int:
        return sum(p.reads for p in self.parked)


def names(taken: Intake) -> set[str]:
    """What each series of an intake is of, and from when."""
    return {f"{s.meter_id}/{s.register}/{s.starts[:1].sum()}" for s in taken.series}


def named(what: Collection[str], *more: int) -> str:
    """A short name of one content for one set of meters and dates."""
    told = chr(10).join([*sorted(what), *map(str, more)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def sort(parsed: ParsedFile, *, shift_s: int, only: Collection[str] | None = None) -> Intake:
    """Sort a file. shift_s: added to every instant; only: channel ids to look at (a replay)."""
    intake = Intake()
    channels = [c for c in parsed.channels if only is None or c.id in only]
    reads = [r for r in parsed.register_reads if only is None or r.name in only]
    events = [e for e in parsed.events if only is None or e.name in only]
    found = _meters(channels, reads, events)
    for channel in channels:
        meter = _meter_of(channel, found)
        _sort_channel(channel, meter, shift_s, intake)
    _sort_reads(reads, found, shift_s, intake)
    _sort_events(events, found, shift_s, intake)
    if only is None:
        intake.parked += _grouped(parsed.parked)
    return intake


def _meters(
    channels: Iterable[Channel], reads: Iterable[RegisterRead], events: Iterable[MeterEvent]
) -> Mapping[str, MeterView]:
    """Our meters by the sender's names: a link first, then the meter's own serial."""
    points = {c.usage_point for c in channels} | {r.usage_point for r in reads if r.usage_point}
    points |= {e.usage_point for e in events if e.usage_point}
    serials = {e.serial for e in events if e.serial}
    serials |= points | {c.serial for c in channels if c.serial} | {r.serial for r in reads}
    found = dict(meters.meters_by_serial(serials=sorted(serials)))
    with connection.cursor() as cursor:
        cursor.execute(
            "select usage_point, meter_id from readings_usage_point where usage_point = any(%s)",
            [sorted(points)],
        )
        links: dict[str, UUID] = dict(cursor.fetchall())
    linked = meters.meters(meter_ids=list(links.values()))
    return found | {point: linked[m] for point, m in links.items() if m in linked}


def _meter_of(channel: Channel, found: Mapping[str, MeterView]) -> MeterView | None:
    return found.get(channel.usage_point) or found.get(channel.serial)


def _sort_channel(channel: Channel, meter: MeterView | None, shift_s: int, intake: Intake) -> None:
    code = rules.unfit(channel, meter.service if meter else None)
    if code is not None or meter is None:
        record = {
            "usage_point": channel.usage_point,
            "serial": channel.serial,
            "service": channel.service,
            "unit": channel.unit,
        }
        line = channel.lines[0]
        intake.parked.append(
            Parking(line, channel.id, code or "unknown_meter", channel.reads, record)
        )
        return
    values = channel.rounded()
    kept, bad = rules.usable(channel, values)
    intake.parked += _grouped(
        ParkedRecord(
            channel.lines[n],
            channel.id,
            reason,
            {"start": channel.starts[n], "duration": channel.durations[n], "value": values[n]},
        )
        for n, reason in sorted(bad.items())
    )
    intake.stored += len(kept)
    at = np.asarray(kept, dtype=np.int64)
    intake.series.append(
        Series(
            str(meter.id),
            channel.register,
            str(channel.kind),
            channel.unit,
            np.asarray(channel.starts, dtype=np.int64)[at] + shift_s,
            np.asarray(channel.durations, dtype=np.int64)[at],
            np.asarray([values[n] for n in kept], dtype=np.int64),
            np.frombuffer(bytes(channel.flags), dtype=np.uint8).astype(np.int64)[at],
        )
    )


def _sort_reads(
    reads: Iterable[RegisterRead],
    found: Mapping[str, MeterView],
    shift_s: int,
    intake: Intake,
) -> None:
    bad: list[ParkedRecord] = []
    for read in reads:
        meter = found.get(read.usage_point) or found.get(read.serial)
        register = _register_of(read, meter) if meter else None
        code = _unfit_read(read, meter, register)
        if code is not None or meter is None or register is None:
            facts: dict[str, str | int | None] = {"at": read.at.isoformat(), "value": read.value}
            bad.append(ParkedRecord(read.line, read.name, code or "unknown_meter", facts))
            continue
        instant = read.at + timedelta(seconds=shift_s)
        intake.dial_reads.append(
            DialRead(meter.id, register.code, instant, read.value, read.quality)
        )
        intake.stored += 1
    intake.parked += _grouped(bad)


def _sort_events(
    events: Iterable[MeterEvent], found: Mapping[str, MeterView], shift_s: int, intake: Intake
) -> None:
    """Events of our meters in our words; the others are parked, and are no reads."""
    book = incidents.book()
    bad: list[ParkedRecord] = []
    for event in events:
        meter = found.get(event.usage_point) or found.get(event.serial)
        at, until = _instant(event.at, shift_s), _instant(event.until, shift_s)
        if meter is None or at is None:
            code = "unknown_meter" if meter is None else "time_not_valid"
            bad.append(ParkedRecord(event.line, event.name, code, {"event": event.code}))
            continue
        intake.incidents.append(
            Incident(
                meter.id, at, until, event.code, book.kind_of(event.code),
                book.drift_of(event.details), event.details,
            )
        )  # fmt: skip
    intake.parked += [replace(one, reads=0) for one in _grouped(bad)]


def _instant(epoch: int | None, shift_s: int) -> datetime | None:
    """None where nothing is told, and for a time that no clock of ours reaches."""
    if epoch is None or not 0 <= epoch + shift_s < EPOCH_END:
        return None
    return datetime.fromtimestamp(epoch + shift_s, UTC)


def _register_of(read: RegisterRead, meter: MeterView) -> RegisterView | None:
    """By its code; a sender with names of his own means the only one that counts this unit."""
    own = meter.register(read.register)
    if own is not None or not read.usage_point:
        return own
    fitting = [r for r in meter.registers if r.kind == "import" and read.unit != "VArh"]
    return fitting[0] if len(fitting) == 1 else None


def _unfit_read(
    read: RegisterRead, meter: MeterView | None, register: RegisterView | None
) -> str | None:
    if meter is None:
        return "unknown_meter"
    if register is None:
        return "unknown_register"
    if read.unit not in rules.BASE_UNITS[meter.service]:
        return "unit_differs"
    return None if read.value < modulus_of(register) else "value_beyond_dial"


def modulus_of(register: RegisterView) -> int:
    """The dial's whole range in base units: where it starts again at zero."""
    exact = register.rollover * BASE_PER_UNIT[register.unit]
    numerator, denominator = exact.as_integer_ratio()
    return round_half_up(numerator, denominator)


def _grouped(records: Iterable[ParkedRecord]) -> list[Parking]:
    """One row per channel and reason, however many records: a file cannot flood the table."""
    groups: dict[tuple[str, str], list[ParkedRecord]] = defaultdict(list)
    for record in records:
        groups[record.channel, record.code].append(record)
    return [
        Parking(
            group[0].line,
            channel,
            code,
            len(group),
            {"examples": [{"line": r.line, **r.facts} for r in group[:EXAMPLES_MAX]]},
        )
        for (channel, code), group in groups.items()
    ]
