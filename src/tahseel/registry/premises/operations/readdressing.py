"""A plot or building gets another address: a street renamed, plots numbered anew, a slip mended."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.premises import events, rules
from tahseel.registry.premises.models import AddressChange, Premises
from tahseel.registry.premises.operations.adding import refusing
from tahseel.registry.premises.values import NewPremises
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class PremisesUnknown(NotFound):
    """No such plot or building."""

    code = "premises_unknown"
    text_ar = "العقار غير موجود"
    text_en = "There is no such plot or building"


class AddressUnchanged(Refusal):
    """The address on record is this one already."""

    code = "address_unchanged"
    text_ar = "العنوان المسجل هو هذا العنوان نفسه"
    text_en = "This is the address on record already"
    http_status = 409


class AddressChangedLater(Refusal):
    """A later address is on record, or the day has not come."""

    code = "address_changed_later"
    text_ar = "لا يسري العنوان من {day}: سُجّل عنوان لاحق أو لم يحل التاريخ بعد"
    text_en = "The address cannot hold from {day}: a later one is on record, or the day is to come"
    http_status = 409


@audited("premises.correct_address", subject="place")
def correct_address(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    place: NewPremises,
    from_day: date,
    reference: str,
) -> None:
    """Every unit of a plot or building has another address from a day on; the old one is kept.

    id: the change's; place: the plot or building as it is to be; reference: what it rests on.
    Raises PremisesUnknown, AddressUnchanged, AddressChangedLater, PlaceRefused (another stands
    there, or the area is unknown).
    """
    require_duty(actor, "premises.correct_address")
    row = Premises.objects.select_for_update().filter(pk=place.id).first()
    if row is None:
        raise PremisesUnknown()
    before = NewPremises(row.id, row.area_id, row.block, row.street, row.parcel, row.building)
    after = rules.plain_place(place)
    if after == before:
        raise AddressUnchanged()
    later = AddressChange.objects.filter(premises=row, from_day__gt=from_day)
    if from_day > local_day(at) or later.exists():
        raise AddressChangedLater(day=from_day.isoformat())
    row.area_id, row.block, row.street = after.area, after.block, after.street
    row.parcel, row.building = after.parcel, after.building
    row.sound = rules.name_sound(*after.parts)
    with refusing():
        row.save(update_fields=["area", "block", "street", "parcel", "building", "sound"])
    AddressChange.objects.create(
        id=id,
        premises=row,
        before=_kept(before),
        after=_kept(after),
        from_day=from_day,
        reference=reference,
        recorded_at=at,
        recorded_by=actor.id,
    )
    note(from_day=from_day.isoformat(), reference=reference)
    events.address_corrected(premises_id=place.id, from_day=from_day, at=at)


def _kept(place: NewPremises) -> dict[str, str]:
    names = ("block", "street", "parcel", "building")
    return {"area": place.area, **dict(zip(names, place.parts, strict=True))}
