"""Real interval files in an invented country: each usage point gets a home with a fitting meter.

The files are re-dated by whole weeks to end at the day of the demonstration. A month that a file
covers without a gap also moves the dial of that meter, so that the bill and the intervals agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from tahseel.app.demo.usage import Usage, advances, running
from tahseel.app.demo.values import BUILDER, Plan, at_hour
from tahseel.consumption.readings import formats, operations, queries, rules
from tahseel.consumption.readings.formats.refusals import FileRefused, Unreadable
from tahseel.consumption.readings.values import Kind, ParsedFile
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service


@dataclass(frozen=True, slots=True)
class RealFiles:
    """What the files brought: a line a file, as `readings parse` prints it; the linked meters."""

    lines: tuple[Mapping[str, Any], ...]
    linked: Mapping[str, UUID]


def attach(*, plan: Plan, usage: Usage, first: Collection[UUID]) -> RealFiles:
    """Link each usage point of a service we sell to a meter of that service, then import.

    first: meters that are taken before the others, so that a citizen who signs in sees one.
    """
    sound = [parsed for parsed in map(_parsed, plan.reads) if parsed is not None]
    wanted = usage_points(sound)
    ordered = sorted((m.meter_id not in first, n, m) for n, m in enumerate(usage.meters))
    free = {
        service: iter([m.meter_id for _, _, m in ordered if m.service == service])
        for service in Service
    }
    linked: dict[str, UUID] = {}
    at = at_hour(plan.as_of, 5)
    for point, service in wanted.items():
        meter_id = next(free[service], None)
        if meter_id is not None:
            operations.link_usage_point(actor=BUILDER, at=at, usage_point=point, meter_id=meter_id)
            linked[point] = meter_id
    weeks = rules.weeks_together(sound, end=plan.as_of)
    report = operations.import_files(actor=BUILDER, at=at, paths=plan.reads, weeks=weeks)
    return RealFiles(tuple(_printed(outcome.summary) for outcome in report.files), linked)


def _printed(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stored summary without the warnings, which `readings parse` tells apart from its answer."""
    return {name: value for name, value in summary.items() if name not in ("warnings", "events")}


def _parsed(file: Path) -> ParsedFile | None:
    """What a file holds; None for one that the import will refuse."""
    try:
        return formats.parse(file)
    except (FileRefused, Unreadable):
        return None


def usage_points(files: Sequence[ParsedFile]) -> dict[str, Service]:
    """Usage points with consumption of a service we sell, in the order in which they come."""
    found: dict[str, Service] = {}
    for parsed in files:
        for channel in parsed.channels:
            sold = channel.service in set(Service) and channel.kind == Kind.IMPORT
            if sold and channel.usage_point not in found:
                found[channel.usage_point] = Service(str(channel.service))
    return found


def dials_follow(usage: Usage, linked: Mapping[str, UUID]) -> Usage:
    """The same usage with the dials of linked meters moved by what their intervals add up to."""
    meters = set(linked.values())
    advance = advances(usage)
    whole = Period(usage.months[0].first_day, usage.months[-1].period.end)
    for row, meter in enumerate(usage.meters):
        if meter.meter_id not in meters:
            continue
        known = {
            day.day: day.quantity
            for day in queries.daily_consumption(meter_id=meter.meter_id, period=whole)
            if day.complete
        }
        for column, month in enumerate(usage.months):
            days = list(month.period)
            if all(day in known for day in days):
                advance[row, column] = sum(known[day] for day in days)
    return replace(usage, dials=running(usage.meters, np.asarray(advance)))
