"""Reading places. An address alone names nobody, so no purpose is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tahseel.kernel import bulk
from tahseel.kernel.period import Period, local_day
from tahseel.kernel.quantity import Service
from tahseel.kernel.text import search_key
from tahseel.registry.premises import addressing, certificates, models, rules, sharing, watching
from tahseel.registry.premises.values import (
    PRODUCTIVE_SECTORS,
    AddressParts,
    Area,
    CertificateView,
    FedUnit,
    Governorate,
    LineageStep,
    PriceChange,
    Rung,
    Sector,
    SectorSpan,
    ServicePointView,
    UnitKind,
    UnitState,
    UnitView,
    Wanted,
)

UNITS_FOUND_MAX = 50
LINEAGE_STEPS_MAX = 64

_SPAN = ("unit_id", "sector", "dwellings", "from_day", "until_day")


def governorates() -> list[Governorate]:
    """Every governorate, by code."""
    rows = models.Governorate.objects.order_by("code")
    return [Governorate(row.code, row.name_ar, row.name_en) for row in rows]


def areas(*, governorate: str | None = None) -> list[Area]:
    """Every area, or those of one governorate, by code."""
    rows = models.Area.objects.order_by("code")
    if governorate is not None:
        rows = rows.filter(governorate_id=governorate)
    return [_area(row) for row in rows]


def area_named(*, name: str) -> Area | None:
    """The one area of this name in either language, or of this code; None for none or several."""
    wanted = search_key(name)
    named = [a for a in areas() if wanted in (a.code, *map(search_key, (a.name_ar, a.name_en)))]
    return named[0] if len(named) == 1 else None


def area_of(*, unit_ids: Collection[UUID]) -> dict[UUID, Area]:
    """The area in which each unit lies."""
    known = {area.code: area for area in areas()}
    rows = models.Unit.objects.filter(pk__in=bulk.among(unit_ids))
    return {unit: known[code] for unit, code in rows.values_list("id", "premises__area_id")}


def kinds(*, unit_ids: Collection[UUID]) -> dict[UUID, UnitKind]:
    """What stands behind the meter of each unit."""
    rows = models.Unit.objects.filter(pk__in=bulk.among(unit_ids)).values_list("id", "kind")
    return {unit: UnitKind(kind) for unit, kind in rows}


def address(*, unit_id: UUID, language: str) -> str:
    """One line in "ar" or "en"; empty for an unknown unit."""
    return addresses(unit_ids=[unit_id], language=language).get(unit_id, "")


def addresses(*, unit_ids: Collection[UUID], language: str) -> dict[UUID, str]:
    """One line a unit, in "ar" or "en"."""
    rows = models.Unit.objects.filter(pk__in=bulk.among(unit_ids)).select_related("premises__area")
    return {row.id: rules.address_text(_parts(row), language) for row in rows}


_UNITS = """
select u.id, u.premises_id, u.kind, u.floor, u.number, u.paci_number,
       p.block, p.street, p.parcel, p.building,
       a.code, a.name_ar, a.name_en, g.code, g.name_ar, g.name_en, u.state, u.ended_on
from premises_unit u
join premises_premises p on p.id = u.premises_id
join premises_area a on a.code = p.area_id
join premises_governorate g on g.code = a.governorate_id
"""
_IN_ORDER = """
order by g.code, a.code, length(p.block), p.block, length(p.street), p.street, p.parcel,
         length(p.building), p.building, u.ended_on nulls first, length(u.floor), u.floor, u.kind,
         length(u.number), u.number, u.id
"""
_COLUMN_OF = {
    Rung.BLOCK: "p.block", Rung.STREET: "p.street", Rung.PARCEL: "p.parcel",
    Rung.BUILDING: "p.building", Rung.FLOOR: "u.floor", Rung.NUMBER: "u.number",
}  # fmt: skip
_ANY_RUNG = f"%s in ({', '.join(f'lower({column})' for column in _COLUMN_OF.values())})"
_SOUND = "(a.code = any(%s) or p.sound <> '' and string_to_array(p.sound, ' ') @> %s)"


def find_units(*, text: str, limit: int = UNITS_FOUND_MAX) -> list[UnitView]:
    """Units by any part of their address or by the beginning of their automatic number.

    Words in Arabic or Latin, in any order ("السالمية قطعة 2", "flat 7 block 2 Salmiya"); see
    `addressing`. In the order of the addresses; nothing for a text that says nothing.
    """
    asked = addressing.wanted(text, areas=areas(), governorates=governorates())
    if not asked:
        return []
    conditions, values = _conditions(asked)
    statement = f"{_UNITS} where {' and '.join(conditions)} {_IN_ORDER} limit %s"
    return _views(statement, [*values, min(limit, UNITS_FOUND_MAX)])


def units(*, unit_ids: Collection[UUID]) -> dict[UUID, UnitView]:
    """Units with their whole addresses, by id; unknown ones are absent."""
    found = _views(f"{_UNITS} where u.id = any(%s)", [list(unit_ids)])
    return {view.id: view for view in found}


def units_at(*, premises_id: UUID) -> list[UnitView]:
    """Every unit of a plot or building, in the order of floors and numbers."""
    return _views(f"{_UNITS} where u.premises_id = %s {_IN_ORDER}", [premises_id])


def _conditions(asked: Wanted) -> tuple[list[str], list[Any]]:
    """What must hold of a unit that is meant, as SQL of our own words and its values."""
    conditions: list[str] = []
    values: list[Any] = []

    def add(condition: str, *given: object) -> None:
        conditions.append(condition)
        values.extend(given)

    if asked.automatic:
        add("u.paci_number like %s", f"{asked.automatic}%")
    if asked.areas:
        add("a.code = any(%s)", sorted(asked.areas))
    if asked.kinds:
        add("u.kind = any(%s)", sorted(str(kind) for kind in asked.kinds))
    for rung, value in asked.named.items():
        add(f"lower({_COLUMN_OF[rung]}) = %s", value)
    for value in asked.loose:
        add(_ANY_RUNG, value)
    for sound, codes in asked.sounds.items():
        add(_SOUND, sorted(codes), [sound])
    return conditions, values


def _views(statement: str, values: Sequence[Any]) -> list[UnitView]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_view(row) for row in cursor.fetchall()]


def _view(row: tuple[Any, ...]) -> UnitView:
    unit, premises, kind, floor, number, automatic, *rest = row
    block, street, parcel, building, area, area_ar, area_en, code, name_ar, name_en, *end = rest
    parts = AddressParts(
        Area(area, code, area_ar, area_en),
        block, street, parcel, building, floor, number, UnitKind(kind),
    )  # fmt: skip
    governorate = Governorate(code, name_ar, name_en)
    state, ended_on = end
    return UnitView(unit, premises, governorate, parts, automatic, UnitState(state), ended_on)


def sector_on(*, unit_id: UUID, day: date) -> SectorSpan | None:
    """The sector that holds on a day, with its span."""
    return rules.span_on(sectors(unit_ids=[unit_id]).get(unit_id, []), day)


def sectors(*, unit_ids: Collection[UUID]) -> dict[UUID, list[SectorSpan]]:
    """Every span of each unit, oldest first."""
    return _spans(Q(unit_id__in=bulk.among(unit_ids)))


def sectors_in(*, unit_ids: Collection[UUID], period: Period) -> dict[UUID, list[SectorSpan]]:
    """The spans that touch a period, oldest first, with their true dates."""
    touches = Q(from_day__lt=period.end) & (
        Q(until_day__isnull=True) | Q(until_day__gt=period.start)
    )
    spans = _spans(Q(unit_id__in=bulk.among(unit_ids)) & touches)
    return {unit: [s for s in found if rules.touches(s, period)] for unit, found in spans.items()}


_POINTS = """
select id, unit_id, service, number, from_day, until_day from premises_point_at
where {where} order by service, number, from_day nulls first
"""


def service_points(
    *, unit_ids: Collection[UUID], day: date | None = None
) -> dict[UUID, list[ServicePointView]]:
    """The service points of each unit by service and number: of a day, or all that ever were."""
    points: dict[UUID, list[ServicePointView]] = defaultdict(list)
    for point in _points("unit_id", unit_ids):
        if day is None or day in point:
            points[point.unit_id].append(point)
    return dict(points)


def service_points_by_id(*, ids: Collection[UUID]) -> dict[UUID, ServicePointView]:
    """Service points by their ids, where each is or was last."""
    placements = point_placements(ids=ids)
    return {point: views[-1] for point, views in placements.items()}


def point_placements(*, ids: Collection[UUID]) -> dict[UUID, list[ServicePointView]]:
    """At which units each service point was, one after another, oldest first."""
    placed: dict[UUID, list[ServicePointView]] = defaultdict(list)
    for point in _points("id", ids):
        placed[point.id].append(point)
    for views in placed.values():
        views.sort(key=lambda view: view.from_day or date.min)
    return dict(placed)


def lineage(*, unit_id: UUID) -> list[LineageStep]:
    """Every step by which a unit came from others and others came from it, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGE, {"unit": unit_id, "steps": LINEAGE_STEPS_MAX})
        return [LineageStep(row[0], UnitState(row[1]), *row[2:]) for row in cursor.fetchall()]


_LINEAGE = """
with recursive
up(unit_id, steps) as (
  select %(unit)s::uuid, 0
  union select l.from_unit_id, steps + 1 from up join premises_lineage l on l.to_unit_id = unit_id
  where steps < %(steps)s
),
down(unit_id, steps) as (
  select %(unit)s::uuid, 0
  union select l.to_unit_id, steps + 1 from down join premises_lineage l on l.from_unit_id = unit_id
  where steps < %(steps)s
)
select a.id, a.state, l.from_unit_id, l.to_unit_id, a.on_day, a.reference
from premises_lineage l join premises_unit_act a on a.id = l.act_id
where l.to_unit_id in (select unit_id from up) or l.from_unit_id in (select unit_id from down)
order by a.on_day, a.recorded_at, l.from_unit_id, l.to_unit_id
"""


def ended_units(*, unit_ids: Collection[UUID]) -> dict[UUID, date]:
    """Those of the units that no longer stand, and since when; no other can end meanwhile.

    Inside a transaction: the rows stay locked (shared) until it ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, ended_on from premises_unit where id = any(%s) for share", [list(unit_ids)]
        )
        return {unit: ended_on for unit, ended_on in cursor.fetchall() if ended_on is not None}


def _points(by: str, ids: Collection[UUID]) -> list[ServicePointView]:
    """Placements by one of our own columns."""
    with connection.cursor() as cursor:
        cursor.execute(_POINTS.format(where=f"{by} = any(%s)"), [list(ids)])
        return [
            ServicePointView(point, unit, Service(service), *rest)
            for point, unit, service, *rest in cursor.fetchall()
        ]


def units_by_automatic_number(*, numbers: Collection[str]) -> dict[str, UUID]:
    """The standing units with these automatic numbers, by number; unknown ones are absent."""
    rows = models.Unit.objects.filter(paci_number__in=list(numbers), ended_on=None)
    return {number: unit for number, unit in rows.values_list("paci_number", "id") if number}


def certificates_of(*, unit_ids: Collection[UUID]) -> dict[UUID, list[CertificateView]]:
    """Every certificate of each unit, oldest first."""
    rows = models.Certificate.objects.filter(unit_id__in=bulk.among(unit_ids))
    found: dict[UUID, list[CertificateView]] = defaultdict(list)
    for row in rows.order_by("valid_from"):
        found[row.unit_id].append(certificate_view(row))
    return dict(found)


def certificate(*, certificate_id: UUID) -> CertificateView | None:
    """One certificate by its id."""
    row = models.Certificate.objects.filter(pk=certificate_id).first()
    return certificate_view(row) if row else None


def certificate_view(row: models.Certificate) -> CertificateView:
    """One certificate as others see it."""
    return CertificateView(
        row.id, row.unit_id, row.kind, row.number, row.valid_from, row.valid_until, row.withdrawn
    )


def _spans(where: Q) -> dict[UUID, list[SectorSpan]]:
    """Sectors as certificates and the units behind the meter cut them."""
    return _with_fed_units(_certified(where))


def _certified(where: Q) -> dict[UUID, list[SectorSpan]]:
    """Sectors as their certificates cut them."""
    spans: dict[UUID, list[SectorSpan]] = defaultdict(list)
    rows = models.UnitSector.objects.filter(where).order_by("from_day").values_list(*_SPAN)
    for unit, sector, dwellings, *days in rows:
        spans[unit].append(SectorSpan(unit, Sector(sector), dwellings, None, None, *days))
    productive = [
        unit for unit, found in spans.items() if any(s.sector in PRODUCTIVE_SECTORS for s in found)
    ]
    for unit, papers in certificates_of(unit_ids=productive).items():
        spans[unit] = certificates.certified(spans[unit], papers)
    return dict(spans)


def _with_fed_units(spans: dict[UUID, list[SectorSpan]]) -> dict[UUID, list[SectorSpan]]:
    """Sectors and dwellings of units whose meter stands for others too."""
    fed = fed_units(supplier_ids=list(spans))
    if fed:
        behind = [one.unit_id for units in fed.values() for one in units]
        theirs = _certified(Q(unit_id__in=bulk.among(behind)))
        for supplier, units in fed.items():
            spans[supplier] = sharing.shared(spans[supplier], units, theirs, sharing.rule())
    return spans


_FED = """
select f.unit_id, u.kind, p.unit_id, f.point_id, f.service, f.share,
       greatest(f.from_day, p.from_day), least(f.until_day, p.until_day)
from premises_feed f
join premises_unit u on u.id = f.unit_id
join premises_point_at p on p.id = f.point_id
  and coalesce(p.until_day > f.from_day, true)
  and coalesce(f.until_day > p.from_day, true)
where {by} = any(%s) order by 7, u.floor, u.number, f.unit_id, f.service
"""


def fed_units(*, supplier_ids: Collection[UUID]) -> dict[UUID, list[FedUnit]]:
    """Which units each has had behind its own meters, by day."""
    found: dict[UUID, list[FedUnit]] = defaultdict(list)
    for one in _fed("p.unit_id", supplier_ids):
        found[one.supplier_id].append(one)
    return dict(found)


def suppliers_of(*, unit_id: UUID) -> list[FedUnit]:
    """Through whose points a unit has had its supply, by day."""
    return _fed("f.unit_id", [unit_id])


def needs_second_person(*, change: PriceChange, at: datetime) -> bool:
    """The change reaches back into a month that is determined or billed already."""
    return change.from_day < local_day(at) and watching.is_settled(change)


def _fed(by: str, units: Collection[UUID]) -> list[FedUnit]:
    with connection.cursor() as cursor:
        cursor.execute(_FED.format(by=by), [list(units)])
        return [
            FedUnit(unit, UnitKind(kind), supplier, point, Service(service), *rest)
            for unit, kind, supplier, point, service, *rest in cursor.fetchall()
        ]


def _area(row: models.Area) -> Area:
    return Area(row.code, row.governorate_id, row.name_ar, row.name_en)


def _parts(row: models.Unit) -> AddressParts:
    place = row.premises
    return AddressParts(
        _area(place.area),
        place.block,
        place.street,
        place.parcel,
        place.building,
        row.floor,
        row.number,
        UnitKind(row.kind),
    )
