"""Reading meters. A meter names nobody, so no purpose is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from tahseel.kernel import bulk
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.models import Installation, Meter, Register, Seal, StockStep
from tahseel.registry.meters.values import (
    BehindView,
    DialUnit,
    InstallationView,
    MeterView,
    Phase,
    RegisterKind,
    RegisterView,
    SealFound,
    SealView,
    StockState,
    StockStepView,
)

_PLAIN = (
    "id", "meter_id", "service_point_id", "installed_on", "removed_on", "opening", "closing",
    "multipliers",
)  # fmt: skip


def meter_by_serial(*, serial: str) -> MeterView | None:
    """The meter with this serial."""
    return meters_by_serial(serials=[serial]).get(serial)


def meters_by_serial(*, serials: Collection[str]) -> dict[str, MeterView]:
    """Known meters by serial; unknown serials are absent."""
    rows = Meter.objects.filter(serial__in=list(serials))
    return {meter.serial: meter for meter in _views(rows)}


def meters(*, meter_ids: Collection[UUID]) -> dict[UUID, MeterView]:
    """Meters with their registers, by id."""
    return {meter.id: meter for meter in _views(Meter.objects.filter(pk__in=bulk.among(meter_ids)))}


def installation(*, installation_id: UUID) -> InstallationView:
    """One installation that is known to exist."""
    return _installation(_joined().get(pk=installation_id))


def installed_at(*, service_point_id: UUID, day: date) -> InstallationView | None:
    """The meter that hung at a service point on a day."""
    found = _joined().filter(_holds(day), service_point_id=service_point_id).first()
    return _installation(found) if found else None


def where_installed(*, meter_id: UUID, day: date) -> InstallationView | None:
    """Where a meter hung on a day."""
    found = _joined().filter(_holds(day), meter_id=meter_id).first()
    return _installation(found) if found else None


def installations(
    *, service_point_ids: Collection[UUID], period: Period
) -> dict[UUID, list[InstallationView]]:
    """Installations that touch a period, oldest first, with their true dates."""
    rows = _joined().filter(
        _touches(period.start, period.end), service_point_id__in=bulk.among(service_point_ids)
    )
    return _grouped((view.service_point_id, view) for view in map(_installation, rows))


def installations_at(*, service_point_ids: Collection[UUID]) -> dict[UUID, list[InstallationView]]:
    """Every meter that ever hung at each service point, oldest first."""
    rows = _joined().filter(service_point_id__in=bulk.among(service_point_ids))
    return _grouped((view.service_point_id, view) for view in map(_installation, rows))


def installations_of(*, meter_ids: Collection[UUID]) -> dict[UUID, list[InstallationView]]:
    """The whole history of each meter, oldest first."""
    rows = _joined().filter(meter_id__in=bulk.among(meter_ids))
    return _grouped((view.meter_id, view) for view in map(_installation, rows))


def stock_steps(*, meter_id: UUID) -> list[StockStepView]:
    """Where a device was while it hung nowhere, oldest first."""
    rows = StockStep.objects.filter(meter_id=meter_id).order_by("recorded_at")
    return [
        StockStepView(r.id, r.meter_id, StockState(r.state), r.on_day, r.store, r.reference)
        for r in rows
    ]


def stock_state(*, meter_id: UUID) -> StockState:
    """Where a device is that hangs nowhere: what was said last, or in a store."""
    steps = stock_steps(meter_id=meter_id)
    return steps[-1].state if steps else StockState.IN_STORE


def seals(*, meter_id: UUID) -> list[SealView]:
    """Every seal that a meter has had, oldest first."""
    return [seal_view(r) for r in Seal.objects.filter(meter_id=meter_id).order_by("fixed_on", "id")]


def seal_view(row: Seal) -> SealView:
    """One seal as others see it."""
    found = SealFound(row.found) if row.found else None
    return SealView(
        row.id, row.meter_id, row.number, row.fixed_on, row.removed_on, found, row.reference
    )


def behind_by_id(*, behind_id: UUID) -> BehindView | None:
    """One relation of a sub-meter to its main meter, or None."""
    found = _behind("id = %s", behind_id)
    return found[0] if found else None


def behind_in(*, period: Period) -> list[BehindView]:
    """Every service point that is behind another one's meter on a day of a period."""
    return _behind("true", period=period)


def subs_of(*, point_ids: Collection[UUID], period: Period) -> list[BehindView]:
    """Service points behind the meters of these in a period."""
    return _behind("main_point_id = any(%s::uuid[])", bulk.uuid_array(point_ids), period=period)


def mains_of(*, point_ids: Collection[UUID], period: Period) -> list[BehindView]:
    """Behind whose meters these service points are in a period."""
    return _behind("service_point_id = any(%s::uuid[])", bulk.uuid_array(point_ids), period=period)


def behind_changed_since(*, at: datetime) -> list[BehindView]:
    """What was put behind another meter, or taken from it, since an instant."""
    return _behind("changed_at > %s", at)


def _behind(
    condition: str, *values: UUID | str | datetime, period: Period | None = None
) -> list[BehindView]:
    days = [period.end, period.start] if period else []
    touching = " and from_day < %s and (until_day is null or until_day > %s)" if period else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, service_point_id, main_point_id, from_day, until_day from meters_behind"  # noqa: S608
            f" where {condition}{touching} order by from_day, id",
            [*values, *days],
        )
        return [BehindView(*row) for row in cursor.fetchall()]


def first_overlap(
    *, meter_id: UUID, service_point_id: UUID, installed_on: date, removed_on: date | None
) -> InstallationView | None:
    """The first installation that a new one would collide with."""
    taken = Q(meter_id=meter_id) | Q(service_point_id=service_point_id)
    found = _joined().filter(taken, _touches(installed_on, removed_on)).first()
    return _installation(found) if found else None


def _holds(day: date) -> Q:
    return Q(installed_on__lte=day) & (Q(removed_on__isnull=True) | Q(removed_on__gt=day))


def _touches(start: date, end: date | None) -> Q:
    after = Q(removed_on__isnull=True) | Q(removed_on__gt=start)
    return after if end is None else after & Q(installed_on__lt=end)


def _joined() -> QuerySet[Installation, dict[str, Any]]:
    rows = Installation.objects.order_by("installed_on", "id")
    named = {
        "serial": F("meter__serial"),
        "service": F("meter__service"),
        "size": F("meter__size"),
    }
    plain: QuerySet[Installation, dict[str, Any]] = rows.values(*_PLAIN, **named)
    return plain


def _installation(row: dict[str, Any]) -> InstallationView:
    return InstallationView(**{**row, "service": Service(row["service"])})


def _grouped(
    pairs: Iterable[tuple[UUID, InstallationView]],
) -> dict[UUID, list[InstallationView]]:
    groups: dict[UUID, list[InstallationView]] = defaultdict(list)
    for key, view in pairs:
        groups[key].append(view)
    return dict(groups)


def _views(rows: QuerySet[Meter]) -> list[MeterView]:
    return [
        MeterView(
            row.id,
            row.serial,
            Service(row.service),
            row.make,
            Phase(row.phase),
            tuple(sorted((_register(r) for r in row.registers.all()), key=lambda r: r.code)),
        )
        for row in rows.prefetch_related("registers")
    ]


def _register(row: Register) -> RegisterView:
    return RegisterView(
        row.id,
        row.code,
        RegisterKind(row.kind),
        DialUnit(row.unit),
        row.digits,
        row.decimals,
        row.multiplier,
    )
