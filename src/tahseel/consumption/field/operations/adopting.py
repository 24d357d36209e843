"""Takes over the routes that an old system had: who stands on them, and in which order."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.field.values import Laid
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

ROUTES = UUID("6f0b8f0e-8a53-5c1e-9d4f-3c7a51f0b2d6")
_GIVEN = """
create temp table field_given_stop on commit drop as
select g.service_point_id, g.name, p.area_id as area,
  row_number() over (partition by p.area_id, g.name order by g.position, g.line) as place
from ({given}) as g
join premises_point_at sp on sp.id = g.service_point_id
  and (sp.from_day is null or sp.from_day <= %(day)s::date)
  and (sp.until_day is null or sp.until_day > %(day)s::date)
join premises_unit u on u.id = sp.unit_id
join premises_premises p on p.id = u.premises_id
where g.name <> '' and not exists (
  select from field_stop f where f.service_point_id = g.service_point_id
    and (f.until_day is null or f.until_day > %(day)s::date))
"""
_LOCK = """
select pg_advisory_xact_lock(hashtextextended('field:' || area, 0))
from (select distinct area from field_given_stop order by area) as areas
"""
_NEW = """
select distinct g.area, g.name from field_given_stop g where not exists (
  select from field_route r where r.area = g.area and r.name = g.name) order by g.area, g.name
"""
_OPEN = """
insert into field_route (id, area, number, name, laid_at)
select t.id, t.area, coalesce((select max(number) from field_route r where r.area = t.area), 0)
  + row_number() over (partition by t.area order by t.n), t.name, %s
from unnest(%s::uuid[], %s::text[], %s::text[]) with ordinality as t(id, area, name, n)
"""
_PLACE = """
insert into field_stop (route_id, service_point_id, position, from_day)
select r.id, g.service_point_id, g.place + coalesce(
  (select max(position) from field_stop s where s.route_id = r.id), 0), %(day)s
from field_given_stop g join field_route r on r.area = g.area and r.name = g.name
"""


@audited("field.adopt_routes", subject="batch")
def adopt_routes(*, actor: Actor, at: datetime, batch: str, stops: bulk.Lines) -> Laid:
    """Lay an old system's routes under their names, today's stops in their order; all or none.

    stops: service_point_id, name (of the route), position, line (the order of equal positions). A
    route of theirs that passes through several areas becomes one in each; one that is known there
    goes on behind its last stop. Who stands on a route already stays. A job's act:
    raises NotAllowed for a person.
    """
    require(actor)
    day = local_day(at)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.field_given_stop")
        cursor.execute(_GIVEN.format(given=stops.statement), {**stops.values, "day": day})
        cursor.execute("analyze field_given_stop")
        cursor.execute(_LOCK)
    opened = _open(at)
    laid = _place(day)
    note(routes=opened, stops=laid.stops, areas=laid.areas)
    return Laid(laid.areas, opened, laid.stops)


def _open(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEW)
        new = cursor.fetchall()
        ids = [derived_id(ROUTES, area, name) for area, name in new]
        areas, names = [area for area, _ in new], [name for _, name in new]
        cursor.execute(_OPEN, [at, ids, areas, names])
        return int(cursor.rowcount)


def _place(day: date) -> Laid:
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"day": day})
        stops = int(cursor.rowcount)
        cursor.execute("select count(distinct area) from field_given_stop")
        row = cursor.fetchone()
    return Laid(int(row[0]) if row else 0, 0, stops)
