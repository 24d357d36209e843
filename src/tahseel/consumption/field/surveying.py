"""What hangs where, over the tables of the registry: one statement for as many meters as there are.

Points in the order of their addresses, and the dials of whole routes with what is known of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import rules
from tahseel.consumption.field.rules import dials
from tahseel.consumption.field.values import Dial, Placed, Seen, Stop, StopState
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import DialView
from tahseel.kernel import bulk
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import local_day, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import BASE_PER_UNIT, DialUnit

NOON = timedelta(hours=12)
MONTH_DAYS = 31

_POINTS = """
from meters_installation i
join premises_point_at sp on sp.id = i.service_point_id
  and (sp.from_day is null or sp.from_day <= %(day)s::date)
  and (sp.until_day is null or sp.until_day > %(day)s::date)
join premises_unit u on u.id = sp.unit_id
join premises_premises p on p.id = u.premises_id
left join lateral (
  select route_id from field_stop f where f.service_point_id = i.service_point_id
    and (f.until_day is null or f.until_day > %(day)s::date) order by f.from_day limit 1
) s on true
where i.installed_on <= %(day)s::date
  and (i.removed_on is null or i.removed_on > %(day)s::date)
"""
_AREAS = f"""
select distinct p.area_id {_POINTS} and s.route_id is null
  and (%(areas)s::text[] is null or p.area_id = any(%(areas)s::text[])) order by p.area_id
"""
_IN_ORDER = f"""
select i.service_point_id, s.route_id {_POINTS} and p.area_id = %(area)s
order by length(p.block), p.block, length(p.street), p.street, p.parcel, length(p.building),
  p.building, length(u.floor), u.floor, u.kind, length(u.number), u.number, u.id, sp.service,
  sp.number, i.service_point_id
"""
_ROUTES = """
select s.route_id, s.service_point_id from field_stop s join field_route r on r.id = s.route_id
where r.area = %(area)s and s.from_day <= %(day)s::date
  and (s.until_day is null or s.until_day > %(day)s::date)
order by s.route_id, s.position
"""
_HANGING = """
select s.route_id, s.position, i.meter_id, i.service_point_id, sp.unit_id, m.serial, m.service,
  g.code, g.unit, g.digits, g.decimals, i.installed_on, i.opening ->> g.code
from field_stop s
join meters_installation i on i.service_point_id = s.service_point_id
  and i.installed_on <= %(day)s::date and (i.removed_on is null or i.removed_on > %(day)s::date)
join premises_point_at sp on sp.id = i.service_point_id
  and (sp.from_day is null or sp.from_day <= %(day)s::date)
  and (sp.until_day is null or sp.until_day > %(day)s::date)
join meters_meter m on m.id = i.meter_id
join meters_register g on g.meter_id = i.meter_id
where s.route_id = any(%(routes)s::uuid[]) and s.from_day <= %(day)s::date
  and (s.until_day is null or s.until_day > %(day)s::date)
order by s.route_id, s.position, i.meter_id, g.code
"""


_AT_METER = """
select i.meter_id, 1, i.meter_id, i.service_point_id, i.service_point_id, m.serial, m.service,
  g.code, g.unit, g.digits, g.decimals, i.installed_on, i.opening ->> g.code
from meters_installation i join meters_meter m on m.id = i.meter_id
join meters_register g on g.meter_id = i.meter_id
where i.meter_id = %(meter)s and i.installed_on <= %(day)s::date
  and (i.removed_on is null or i.removed_on > %(day)s::date) order by g.code
"""


History = Mapping[tuple[UUID, str], Sequence[DialView]]


@dataclass(frozen=True, slots=True)
class Row:
    """One dial that hangs on a route."""

    route_id: UUID
    position: int
    meter_id: UUID
    point_id: UUID
    unit_id: UUID
    serial: str
    service: str
    register: str
    unit: str
    digits: int
    decimals: int
    installed_on: date
    opening: str | None


def areas_unplaced(*, day: date, areas: Collection[str] | None) -> list[str]:
    """Areas where a meter hangs that stands on no route."""
    named = None if areas is None else list(areas)
    return [row[0] for row in _all(_AREAS, {"day": day, "areas": named})]


def points(*, area: str, day: date) -> list[Placed]:
    """Every point of an area with a meter, in the order of the addresses."""
    return [Placed(*row) for row in _all(_IN_ORDER, {"day": day, "area": area})]


def routes(*, area: str, day: date) -> dict[UUID, list[UUID]]:
    """The points of each route of an area, as they are read."""
    found: dict[UUID, list[UUID]] = {}
    for route, point in _all(_ROUTES, {"day": day, "area": area}):
        found.setdefault(route, []).append(point)
    return found


def stops(*, route_ids: Collection[UUID], day: date) -> dict[UUID, list[Stop]]:
    """What is to be read on each route on a day, with what is known of every dial."""
    asked = {"day": day, "routes": bulk.uuid_array(route_ids)}
    rows = [Row(*row) for row in _all(_HANGING, asked)]
    at = start_of(day) + NOON
    history = _history(rows, at)
    found: dict[UUID, list[Stop]] = {}
    for route, of_route in groupby(rows, key=lambda row: row.route_id):
        found[route] = list(_numbered(of_route, history, at))
    return found


def dials_at(*, meter_id: UUID, at: datetime) -> tuple[Dial, ...]:
    """The dials of a meter that hangs at an instant, with what is known of each; else none."""
    rows = [Row(*row) for row in _all(_AT_METER, {"meter": meter_id, "day": local_day(at)})]
    history = _history(rows, at)
    return tuple(_dial(row, history, at) for row in rows)


def _history(rows: Sequence[Row], at: datetime) -> History:
    return readings.dial_history(
        meter_ids={row.meter_id for row in rows},
        since=at - timedelta(days=MONTH_DAYS * rules.policy().expecting.months),
        until=at,
    )


def _numbered(rows: Iterator[Row], history: History, at: datetime) -> Iterator[Stop]:
    by_meter = groupby(rows, key=lambda row: (row.position, row.meter_id))
    for sequence, (_, of_meter) in enumerate(by_meter, start=1):
        some = list(of_meter)
        one = some[0]
        yield Stop(
            sequence,
            one.meter_id,
            one.point_id,
            one.unit_id,
            one.serial,
            Service(one.service),
            StopState.LEFT,
            tuple(_dial(row, history, at) for row in some),
        )


def _dial(row: Row, history: History, at: datetime) -> Dial:
    unit = DialUnit(row.unit)
    bare = Dial(row.register, unit, row.digits, row.decimals, None, None)
    seen = _seen(row, history.get((row.meter_id, row.register), ()))
    if not seen:
        return bare
    span = rules.expected(
        reads=seen,
        at=at,
        size=dials.modulus(bare),
        service=Service(row.service),
        by=rules.policy().expecting,
    )
    return Dial(row.register, unit, row.digits, row.decimals, seen[-1], span)


def _seen(row: Row, told: Sequence[DialView]) -> list[Seen]:
    """What is known of a dial since it was hung here: its opening value, and reads."""
    hung = start_of(row.installed_on)
    reads = [Seen(r.at, r.value) for r in told if r.at >= hung and r.quality != "estimated"]
    if row.opening is None or (reads and reads[0].at == hung):
        return reads
    base = Decimal(row.opening) * BASE_PER_UNIT[DialUnit(row.unit)]
    return [Seen(hung, round_half_up(*base.as_integer_ratio())), *reads]


def _all(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
