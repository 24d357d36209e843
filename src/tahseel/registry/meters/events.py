"""What the slice announces. Readings take the dial values of both ends from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.registry.meters.values import StockState

BATCH_ADDED = "meters:batch:added"
INSTALLED = "meters:meter:installed"
REMOVED = "meters:meter:removed"
EXCHANGED = "meters:meter:exchanged"
CHANGED = "meters:meter:changed"
STOCKED = "meters:meter:stocked"
BEHIND = "meters:point:behind"
SEAL_BROKEN = "meters:seal:broken"


def batch_added(*, batch: str, count: int, digest: str, at: datetime) -> None:
    """One event for a whole batch; `digest` is the SHA-256 of its rows in hexadecimal."""
    facts = {"count": count, "digest": digest}
    outbox.announce(name=BATCH_ADDED, subject=batch, at=at, facts=facts)


def installed(
    *, meter_id: UUID, service_point_id: UUID, day: date, opening: Mapping[str, str], at: datetime
) -> None:
    facts = {
        "service_point_id": str(service_point_id),
        "day": day.isoformat(),
        "opening": dict(opening),
    }
    outbox.announce(name=INSTALLED, subject=str(meter_id), at=at, facts=facts)


def removed(
    *, meter_id: UUID, service_point_id: UUID, day: date, closing: Mapping[str, str], at: datetime
) -> None:
    facts = {
        "service_point_id": str(service_point_id),
        "day": day.isoformat(),
        "closing": dict(closing),
    }
    outbox.announce(name=REMOVED, subject=str(meter_id), at=at, facts=facts)


def exchanged(
    *,
    service_point_id: UUID,
    old_meter_id: UUID,
    new_meter_id: UUID,
    day: date,
    closing: Mapping[str, str],
    opening: Mapping[str, str],
    at: datetime,
) -> None:
    """One event: what left with which values, what came with which values."""
    facts = {
        "old_meter_id": str(old_meter_id),
        "new_meter_id": str(new_meter_id),
        "day": day.isoformat(),
        "closing": dict(closing),
        "opening": dict(opening),
    }
    outbox.announce(name=EXCHANGED, subject=str(service_point_id), at=at, facts=facts)


def changed(
    *,
    meter_id: UUID,
    service_point_id: UUID,
    day: date,
    closing: Mapping[str, str],
    opening: Mapping[str, str],
    multipliers: Mapping[str, int],
    at: datetime,
) -> None:
    """The meter stays and counts otherwise from the day on: other ratios, or dials begun anew."""
    facts = {
        "service_point_id": str(service_point_id),
        "day": day.isoformat(),
        "closing": dict(closing),
        "opening": dict(opening),
        "multipliers": dict(multipliers),
    }
    outbox.announce(name=CHANGED, subject=str(meter_id), at=at, facts=facts)


def stocked(*, meter_id: UUID, state: StockState, store: str, at: datetime) -> None:
    facts = {"state": str(state), "store": store}
    outbox.announce(name=STOCKED, subject=str(meter_id), at=at, facts=facts)


def seal_broken(*, meter_id: UUID, number: str, on_day: date, at: datetime) -> None:
    """A seal was found broken: somebody may have had his hands in the meter."""
    facts = {"number": number, "on_day": on_day.isoformat()}
    outbox.announce(name=SEAL_BROKEN, subject=str(meter_id), at=at, facts=facts)


def behind_changed(
    *, point_id: UUID, main_point_id: UUID, from_day: date, until_day: date | None, at: datetime
) -> None:
    """A service point is behind another one's meter on these days."""
    facts = {
        "main_point_id": str(main_point_id),
        "from_day": from_day.isoformat(),
        "until_day": until_day.isoformat() if until_day else None,
    }
    outbox.announce(name=BEHIND, subject=str(point_id), at=at, facts=facts)
