"""Laying routes: every meter of an area stands on one of them, in the order of the addresses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import queries, rules, surveying
from tahseel.consumption.field.values import Laid
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.trust.access import queries as access
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

SUPERVISORS = ("office_head", "revenue_manager")
READER = "meter_reader"
_STOP = {
    "route_id": "uuid", "service_point_id": "uuid", "position": "int4", "from_day": "date",
}  # fmt: skip
_PLACES = """
update field_stop s set position = t.position
from unnest(%s::uuid[], %s::int[]) as t(point, position)
where s.service_point_id = t.point and s.route_id = %s and s.position <> t.position
  and s.from_day <= %s and (s.until_day is null or s.until_day > %s)
"""
# What began on the very day gives way; what began before it ends there.
_LEAVE = """
update field_stop set until_day = %(day)s where service_point_id = any(%(points)s::uuid[])
  and from_day < %(day)s and (until_day is null or until_day > %(day)s)
"""
_JOIN = """
insert into field_stop (route_id, service_point_id, position, from_day)
select %(route)s, t.point, %(last)s + t.number, %(day)s
from unnest(%(points)s::uuid[]) with ordinality as t(point, number)
on conflict (service_point_id, from_day)
do update set route_id = excluded.route_id, position = excluded.position
"""


class RouteUnknown(NotFound):
    """No such route."""

    code = "field_route_unknown"
    text_ar = "لا يوجد خط قراءة بهذا الرقم"
    text_en = "There is no such route"


class StopsElsewhere(Refusal):
    """What is moved stands on no route of the same area."""

    code = "field_stops_elsewhere"
    text_ar = "لا تُنقل إلا عدادات المنطقة نفسها"
    text_en = "Only meters of the same area can be moved to a route"


class RouteFull(Refusal):
    """A route has an end: a reader walks it in a day."""

    code = "field_route_full"
    text_ar = "لا يتسع خط القراءة لأكثر من {stops_max} عدادًا"
    text_en = "A route has room for {stops_max} meters"


class RouteDayPassed(Refusal):
    """Who stood on a route yesterday stays as it was."""

    code = "field_route_day_passed"
    text_ar = "لا يبدأ التغيير قبل اليوم"
    text_en = "A change of routes begins today at the earliest"


class ReaderUnknown(Refusal):
    """Whoever is named reads meters."""

    code = "field_reader_unknown"
    text_ar = "الشخص المحدد ليس قارئ عدادات"
    text_en = "The person named is no meter reader"


@audited("field.lay_routes", subject="day")
def lay_routes(
    *, actor: Actor, at: datetime, day: date, areas: Collection[str] | None = None
) -> Laid:
    """Give every meter that hangs on a day and stands on no route its place. Raises NotAllowed.

    Who has a place keeps it; a new one comes behind its neighbour while the route has room.
    """
    require(actor, *SUPERVISORS)
    found = surveying.areas_unplaced(day=day, areas=areas)
    laid = [_lay_area(area, day, at) for area in found]
    return Laid(len(found), sum(routes for routes, _ in laid), sum(stops for _, stops in laid))


def _lay_area(area: str, day: date, at: datetime) -> tuple[int, int]:
    """How many routes were opened in an area, and how many stops found their place."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"field:{area}"])
    known = surveying.routes(area=area, day=day)
    changed = rules.lay(
        routes=known,
        points=surveying.points(area=area, day=day),
        stops_max=rules.policy().stops_max,
        new_id=partial(new_id, at),
    )
    opened = [route for route in changed if route not in known]
    _open(area, opened, at)
    return len(opened), _place(known, changed, day)


def _open(area: str, opened: Sequence[UUID], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into field_route (id, area, number, laid_at)"
            " select t.id, %s, coalesce((select max(number) from field_route where area = %s), 0)"
            " + t.n, %s from unnest(%s::uuid[]) with ordinality as t(id, n)",
            [area, area, at, list(opened)],
        )


def _place(
    known: Mapping[UUID, Sequence[UUID]], changed: Mapping[UUID, Sequence[UUID]], day: date
) -> int:
    rows = []
    for route, order in changed.items():
        had = set(known.get(route, ()))
        numbered = list(enumerate(order, start=1))
        rows += [(route, point, number, day) for number, point in numbered if point not in had]
        if had:
            _renumber(route, numbered, day)
    return bulk.append_rows(table="field_stop", columns=_STOP, rows=rows)


def _renumber(route: UUID, numbered: Sequence[tuple[int, UUID]], day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACES,
            [[point for _, point in numbered], [number for number, _ in numbered], route, day, day],
        )


@audited("field.move_stops", subject="route_id")
def move_stops(
    *, actor: Actor, at: datetime, route_id: UUID, point_ids: Sequence[UUID], from_day: date
) -> None:
    """Put some meters of an area at the end of one of its routes, from a day on.

    Raises NotAllowed, RouteUnknown, RouteDayPassed, StopsElsewhere, RouteFull.
    """
    require(actor, *SUPERVISORS)
    route = queries.route(route_id=route_id, day=from_day)
    if route is None:
        raise RouteUnknown()
    if from_day < local_day(at):
        raise RouteDayPassed()
    with connection.cursor() as cursor:
        lock = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
        cursor.execute(lock, [f"field:{route.area}"])
    known = surveying.routes(area=route.area, day=from_day)
    elsewhere = {point for one, order in known.items() if one != route_id for point in order}
    points = list(dict.fromkeys(point_ids))
    if not points or not set(points) <= elsewhere:
        raise StopsElsewhere()
    stands = len(known.get(route_id, ()))
    if stands + len(points) > rules.policy().stops_max:
        raise RouteFull(stops_max=rules.policy().stops_max)
    facts: dict[str, Any] = {"day": from_day, "points": points, "route": route_id, "last": stands}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, facts)
        cursor.execute(_JOIN, facts)
    _renumber(route_id, list(enumerate([*known.get(route_id, ()), *points], start=1)), from_day)
    note(stops=len(points), from_day=str(from_day), area=route.area)


class OrderIncomplete(Refusal):
    """An order names every meter of a route once."""

    code = "field_order_incomplete"
    text_ar = "يجب أن يشمل الترتيب كل عدادات الخط مرة واحدة"
    text_en = "An order names every meter of the route once"
    http_status = 409


@audited("field.order_stops", subject="route_id")
def order_stops(*, actor: Actor, at: datetime, route_id: UUID, point_ids: Sequence[UUID]) -> None:
    """Say in which order a route is read from today on; rounds that are planned keep theirs.

    Raises NotAllowed, RouteUnknown, OrderIncomplete: somebody else changed the route meanwhile.
    """
    require(actor, *SUPERVISORS)
    day = local_day(at)
    route = queries.route(route_id=route_id, day=day)
    if route is None:
        raise RouteUnknown()
    with connection.cursor() as cursor:
        lock = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
        cursor.execute(lock, [f"field:{route.area}"])
    stands = surveying.routes(area=route.area, day=day).get(route_id, [])
    if sorted(stands) != sorted(point_ids):
        raise OrderIncomplete()
    _renumber(route_id, list(enumerate(point_ids, start=1)), day)
    moved = sum(one != other for one, other in zip(stands, point_ids, strict=True))
    note(stops=len(stands), moved=moved, area=route.area)


@audited("field.name_usual_reader", subject="route_id")
def name_usual_reader(*, actor: Actor, at: datetime, route_id: UUID, reader: str) -> None:
    """Say who reads a route from its next round on; "" for nobody.

    Raises NotAllowed, RouteUnknown, ReaderUnknown.
    """
    require(actor, *SUPERVISORS)
    require_reader(reader)
    with connection.cursor() as cursor:
        cursor.execute("update field_route set reader = %s where id = %s", [reader, route_id])
        if not cursor.rowcount:
            raise RouteUnknown()
    note(reader=reader)


def require_reader(reader: str) -> None:
    """Raises ReaderUnknown for somebody who is no meter reader; "" is nobody."""
    if reader and reader not in access.holders_of(role=READER):
        raise ReaderUnknown()
