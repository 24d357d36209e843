"""Putting places on record: areas, premises, units with their service points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import certificates, events, rules
from tahseel.registry.premises.models import (
    Area,
    Governorate,
    Unit,
)
from tahseel.registry.premises.values import (
    AreaBook,
    NewPremises,
    NewServicePoint,
    NewUnit,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

BATCH_MAX = 500_000


class UnitUnknown(NotFound):
    """No such unit."""

    code = "unit_unknown"
    text_ar = "الوحدة غير موجودة"
    text_en = "There is no such unit"


class PlaceRefused(Refusal):
    """The address, the unit, its automatic number or its area does not fit what is on record."""

    code = "place_refused"
    text_ar = "بيانات الموقع مكررة أو منطقته غير معروفة ({rule})"
    text_en = "The place is already on record or its area is unknown ({rule})"
    http_status = 409


class AddressNumberInvalid(Refusal):
    """The automatic number is not of the country's format."""

    code = "address_number_invalid"
    text_ar = "الرقم الآلي {number} غير صحيح"
    text_en = "{number} is not an automatic address number"


class CertificateDoesNotFit(Refusal):
    """No certificate makes a unit of this sector productive."""

    code = "certificate_does_not_fit"
    text_ar = "لا تناسب الشهادة قطاع الوحدة ({sector})"
    text_en = "The certificate does not fit the unit's sector ({sector})"


class UnitGone(Refusal):
    """The unit was demolished, split or merged."""

    code = "unit_gone"
    text_ar = "الوحدة لم تعد قائمة منذ {ended_on}"
    text_en = "The unit has not been standing since {ended_on}"
    http_status = 409


@audited("premises.install_areas", subject="book")
def install_areas(*, actor: Actor, at: datetime, book: AreaBook) -> None:
    """Bring governorates and areas up to the country's data; nothing is taken away."""
    require_duty(actor, "premises.install_areas")
    for governorate in book.governorates:
        names = {"name_ar": governorate.name_ar, "name_en": governorate.name_en}
        Governorate.objects.update_or_create(code=governorate.code, defaults=names)
    rows = [
        Area(code=a.code, governorate_id=a.governorate, name_ar=a.name_ar, name_en=a.name_en)
        for a in book.areas
    ]
    Area.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["governorate", "name_ar", "name_en"],
    )
    note(governorates=len(book.governorates), areas=len(book.areas))


@audited("premises.add_premises", subject="premises")
def add_premises(*, actor: Actor, at: datetime, premises: NewPremises) -> None:
    """Add one plot or building. Raises PlaceRefused when the address is taken or unknown."""
    require_duty(actor, "premises.add_premises")
    store(at, [premises], [])


@audited("premises.add_unit", subject="unit")
def add_unit(*, actor: Actor, at: datetime, unit: NewUnit) -> None:
    """Add one unit with its first sector and its service points.

    Raises PlaceRefused, AddressNumberInvalid.
    """
    require_duty(actor, "premises.add_unit")
    store(at, [], [unit])
    note(sector=str(unit.sector), from_day=unit.from_day.isoformat())
    events.unit_added(unit_id=unit.id, at=at)


@audited("premises.add_service_point", subject="id")
def add_service_point(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_id: UUID,
    service: Service,
    number: int = 1,
) -> None:
    """Add one service point to a unit. Raises PlaceRefused, UnitUnknown, UnitGone."""
    require_duty(actor, "premises.add_service_point")
    standing_unit(unit_id)
    row = _point_row(unit_id, NewServicePoint(id, service, number))
    with refusing():
        bulk.copy_rows(table="premises_service_point", columns=_POINT, rows=[row])
    note(unit=str(unit_id), service=str(service))


@audited("premises.add_many", subject="batch")
def add_many(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    premises: Sequence[NewPremises],
    units: Sequence[NewUnit],
) -> int:
    """Add many premises and units by COPY, all or none; returns how many rows of both.

    The log keeps the count and a SHA-256 of the rows. Raises PlaceRefused, AddressNumberInvalid.
    """
    require_duty(actor, "premises.add_many")
    if len(premises) + len(units) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} rows a batch")
    store(at, premises, units)
    count = len(premises) + len(units)
    digest = input_hash({"premises": list(premises), "units": list(units)}).hex()
    note(count=count, digest=digest)
    events.batch_added(batch=batch, count=count, digest=digest, at=at)
    return count


_PREMISES = {
    "id": "uuid", "area_id": "text", "block": "text", "street": "text", "parcel": "text",
    "building": "text", "sound": "text", "added_at": "timestamptz",
}  # fmt: skip
_UNIT = {
    "id": "uuid", "premises_id": "uuid", "kind": "text", "floor": "text", "number": "text",
    "paci_number": "text", "state": "text", "added_at": "timestamptz",
}  # fmt: skip
_SECTOR = {
    "id": "uuid", "unit_id": "uuid", "sector": "text", "dwellings": "int4", "from_day": "date",
}  # fmt: skip
_CERTIFICATE = {
    "id": "uuid", "unit_id": "uuid", "kind": "text", "number": "text", "valid_from": "date",
    "valid_until": "date", "withdrawn": "text", "recorded_at": "timestamptz",
}  # fmt: skip
_POINT = {"id": "uuid", "unit_id": "uuid", "service": "text", "number": "int4"}


def standing_unit(unit_id: UUID) -> Unit:
    """The unit, locked. Raises UnitUnknown, UnitGone."""
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise UnitUnknown()
    if unit.ended_on is not None:
        raise UnitGone(ended_on=unit.ended_on.isoformat())
    return unit


def store(at: datetime, premises: Sequence[NewPremises], units: Sequence[NewUnit]) -> None:
    """Raises PlaceRefused, AddressNumberInvalid, CertificateDoesNotFit."""
    places = [_premises_row(place, at) for place in premises]
    homes = [_unit_row(unit, at) for unit in units]
    sectors = [_sector_row(u) for u in units]
    papers = [_certificate_row(u, u.certificate, at) for u in units if u.certificate]
    points = [_point_row(u.id, point) for u in units for point in u.services]
    with refusing():
        bulk.copy_rows(table="premises_premises", columns=_PREMISES, rows=places)
        bulk.copy_rows(table="premises_unit", columns=_UNIT, rows=homes)
        bulk.copy_rows(table="premises_unit_sector", columns=_SECTOR, rows=sectors)
        bulk.copy_rows(table="premises_certificate", columns=_CERTIFICATE, rows=papers)
        bulk.copy_rows(table="premises_service_point", columns=_POINT, rows=points)


def _premises_row(place: NewPremises, at: datetime) -> tuple[object, ...]:
    plain = rules.plain_place(place)
    return (plain.id, plain.area, *plain.parts, rules.name_sound(*plain.parts), at)


def _unit_row(unit: NewUnit, at: datetime) -> tuple[object, ...]:
    floor, number = rules.plain_part(unit.floor), rules.plain_part(unit.number)
    automatic = require_address_number(unit.paci_number) if unit.paci_number else None
    state = str(rules.UNIT.initial)
    return (unit.id, unit.premises_id, str(unit.kind), floor, number, automatic, state, at)


def require_address_number(text: str) -> str:
    """The number as it is kept. Raises AddressNumberInvalid."""
    try:
        return rules.address_number(text)
    except ValueError:
        raise AddressNumberInvalid(number=text) from None


def _sector_row(unit: NewUnit) -> tuple[object, ...]:
    return (
        sector_id(unit.id, unit.from_day),
        unit.id,
        str(unit.sector),
        unit.dwellings,
        unit.from_day,
    )


def _certificate_row(unit: NewUnit, number: str, at: datetime) -> tuple[object, ...]:
    kind = certificates.kind_for(unit.sector)
    if kind is None:
        raise CertificateDoesNotFit(sector=str(unit.sector))
    return (
        derived_id(unit.id, "certificate", unit.from_day.isoformat()),
        unit.id,
        kind.code,
        number,
        unit.from_day,
        unit.certificate_until,
        "",
        at,
    )


def _point_row(unit_id: UUID, point: NewServicePoint) -> tuple[object, ...]:
    return (point.id, unit_id, str(point.service), point.number)


def sector_id(unit_id: UUID, from_day: date) -> UUID:
    return derived_id(unit_id, "sector", from_day.isoformat())


@contextmanager
def refusing() -> Iterator[None]:
    """A broken constraint becomes PlaceRefused, which names the rule and no address."""
    try:
        with transaction.atomic():
            yield
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        raise PlaceRefused(rule=bulk.rule_broken(broken)) from broken
