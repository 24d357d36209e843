"""Reading places. An address alone names nobody, so no purpose is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q

from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import models, rules
from tahseel.registry.premises.values import (
    AddressParts,
    Area,
    Governorate,
    Sector,
    SectorSpan,
    ServicePointView,
    UnitKind,
)


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


def area_of(*, unit_ids: Collection[UUID]) -> dict[UUID, Area]:
    """The area in which each unit lies."""
    rows = models.Unit.objects.filter(pk__in=list(unit_ids)).select_related("premises__area")
    return {row.id: _area(row.premises.area) for row in rows}


def address(*, unit_id: UUID, language: str) -> str:
    """One line in "ar" or "en"; empty for an unknown unit."""
    return addresses(unit_ids=[unit_id], language=language).get(unit_id, "")


def addresses(*, unit_ids: Collection[UUID], language: str) -> dict[UUID, str]:
    """One line a unit, in "ar" or "en"."""
    rows = models.Unit.objects.filter(pk__in=list(unit_ids)).select_related("premises__area")
    return {row.id: rules.address_text(_parts(row), language) for row in rows}


def sector_on(*, unit_id: UUID, day: date) -> SectorSpan | None:
    """The sector that holds on a day, with its span."""
    return rules.span_on(sectors(unit_ids=[unit_id]).get(unit_id, []), day)


def sectors(*, unit_ids: Collection[UUID]) -> dict[UUID, list[SectorSpan]]:
    """Every span of each unit, oldest first."""
    return _spans(Q(unit_id__in=list(unit_ids)))


def sectors_in(*, unit_ids: Collection[UUID], period: Period) -> dict[UUID, list[SectorSpan]]:
    """The spans that touch a period, oldest first, with their true dates."""
    touches = Q(from_day__lt=period.end) & (
        Q(until_day__isnull=True) | Q(until_day__gt=period.start)
    )
    return _spans(Q(unit_id__in=list(unit_ids)) & touches)


def service_points(*, unit_ids: Collection[UUID]) -> dict[UUID, list[ServicePointView]]:
    """The service points of each unit, by service and number."""
    rows = models.ServicePoint.objects.filter(unit_id__in=list(unit_ids))
    points: dict[UUID, list[ServicePointView]] = defaultdict(list)
    for row in rows.order_by("service", "number"):
        points[row.unit_id].append(_point(row))
    return dict(points)


def service_points_by_id(*, ids: Collection[UUID]) -> dict[UUID, ServicePointView]:
    """Service points by their ids."""
    rows = models.ServicePoint.objects.filter(pk__in=list(ids))
    return {row.id: _point(row) for row in rows}


def _spans(where: Q) -> dict[UUID, list[SectorSpan]]:
    spans: dict[UUID, list[SectorSpan]] = defaultdict(list)
    for row in models.UnitSector.objects.filter(where).order_by("from_day"):
        span = SectorSpan(
            row.unit_id,
            Sector(row.sector),
            row.dwellings,
            row.certificate,
            row.certificate_until,
            row.from_day,
            row.until_day,
        )
        spans[row.unit_id].append(span)
    return dict(spans)


def _point(row: models.ServicePoint) -> ServicePointView:
    return ServicePointView(row.id, row.unit_id, Service(row.service), row.number)


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
