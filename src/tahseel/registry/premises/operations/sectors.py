"""The sector of a unit from a day on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.premises import events, watching
from tahseel.registry.premises.models import UnitSector
from tahseel.registry.premises.operations import settled
from tahseel.registry.premises.operations.adding import sector_id, standing_unit
from tahseel.registry.premises.values import PriceCause, PriceChange, Sector
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class SectorOverlap(Refusal):
    """The unit already has a sector that begins on or after the day."""

    code = "sector_overlap"
    text_ar = "للوحدة قطاع مسجل ({sector}) ابتداءً من {from_day}"
    text_en = "The unit already has the sector {sector} from {from_day} on"
    http_status = 409


@audited("premises.set_sector", subject="unit_id")
def set_sector(
    *,
    actor: Actor,
    at: datetime,
    unit_id: UUID,
    sector: Sector,
    from_day: date,
    dwellings: int = 1,
) -> None:
    """Give the unit another sector from a day on; the one before ends on that day.

    Raises UnitUnknown, UnitGone; SectorOverlap when a sector already begins on that day or later;
    PastNeedsSecondPerson for days of months that are determined or billed.
    """
    require_duty(actor, "premises.set_sector")
    check_sector(unit_id=unit_id, from_day=from_day)
    settled.require_alone(
        actor=actor, at=at, change=_change(unit_id, from_day), agreed_by="premises.rezone_past"
    )
    begin(
        actor=actor, at=at, unit_id=unit_id, sector=sector, from_day=from_day, dwellings=dwellings
    )


def check_sector(*, unit_id: UUID, from_day: date) -> str:
    """The unit stands and is locked, and its last sector, which is returned, begins before."""
    standing_unit(unit_id)
    last = _last(unit_id)
    if last is not None and last.from_day >= from_day:
        raise SectorOverlap(sector=last.sector, from_day=last.from_day.isoformat())
    return last.sector if last else ""


def begin(
    *,
    actor: Actor,
    at: datetime,
    unit_id: UUID,
    sector: Sector,
    from_day: date,
    dwellings: int,
) -> None:
    """Write what was checked, announce it, and tell whoever billed the days."""
    last = _last(unit_id)
    if last is not None and last.until_day is None:
        last.until_day = from_day
        last.save(update_fields=["until_day"])
    UnitSector.objects.create(
        id=sector_id(unit_id, from_day),
        unit_id=unit_id,
        sector=str(sector),
        dwellings=dwellings,
        from_day=from_day,
    )
    note(sector=str(sector), from_day=from_day.isoformat(), dwellings=dwellings)
    events.sector_changed(unit_id=unit_id, sector=sector, from_day=from_day, at=at)
    watching.tell(actor=actor, at=at, change=_change(unit_id, from_day))


def _last(unit_id: UUID) -> UnitSector | None:
    return UnitSector.objects.filter(unit_id=unit_id).order_by("-from_day").first()


def _change(unit_id: UUID, from_day: date) -> PriceChange:
    return PriceChange(cause=PriceCause.SECTOR, unit_id=unit_id, from_day=from_day, until_day=None)
