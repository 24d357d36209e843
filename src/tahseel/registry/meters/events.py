"""What the slice announces. Readings take the dial values of both ends from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox

BATCH_ADDED = "meters:batch:added"
INSTALLED = "meters:meter:installed"
REMOVED = "meters:meter:removed"
EXCHANGED = "meters:meter:exchanged"


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
