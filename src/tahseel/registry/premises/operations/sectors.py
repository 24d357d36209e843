"""The sector of a unit from a day on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.premises import events
from tahseel.registry.premises.models import UnitSector
from tahseel.registry.premises.operations.adding import sector_id, standing_unit
from tahseel.registry.premises.values import Sector
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

    Raises UnitUnknown, UnitGone; SectorOverlap when a sector already begins on that day or later.
    """
    require_duty(actor, "premises.set_sector")
    standing_unit(unit_id)
    last = UnitSector.objects.filter(unit_id=unit_id).order_by("-from_day").first()
    if last is not None and last.from_day >= from_day:
        raise SectorOverlap(sector=last.sector, from_day=last.from_day.isoformat())
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
