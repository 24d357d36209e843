"""Reading routes and rounds. Meters and addresses name nobody, so no purpose is asked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import keeping, rules, surveying
from tahseel.consumption.field.self_reads import (
    dial_of,
    self_read,
    self_reads_of,
    self_reads_since,
    self_reads_waiting,
)
from tahseel.consumption.field.values import (
    Dial,
    Fault,
    FileTaken,
    RoundState,
    RoundView,
    RouteView,
    Spot,
    Stop,
    StopState,
    Visit,
)
from tahseel.kernel import bulk
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import queries as premises

__all__ = ["self_read", "self_reads_of", "self_reads_since", "self_reads_waiting"]

ROWS_MAX = 500
_ROUTE = """
select r.id, r.area, r.number, r.reader,
  (select count(*) from field_stop s where s.route_id = r.id and s.from_day <= %(day)s::date
    and (s.until_day is null or s.until_day > %(day)s::date)), r.name
from field_route r
"""
_ROUND = """
select r.id, r.route_id, t.area, t.number, r.day, r.reader, r.device, r.state, c.stops, c.read,
  c.no_access, r.reason
from field_round r join field_route t on t.id = r.route_id
cross join lateral (
  select count(*) as stops, count(*) filter (where state = 'read') as read,
    count(*) filter (where state = 'no_access') as no_access
  from field_round_stop s where s.round_id = r.id
) c
"""
_STOPS = """
select s.sequence, s.meter_id, s.service_point_id, s.unit_id, s.serial, s.service, s.state,
  d.register, d.unit, d.digits, d.decimals, d.last_value, d.last_at, d.low, d.high
from field_round_stop s
join field_round_dial d on d.round_id = s.round_id and d.sequence = s.sequence
where s.round_id = %s and (%s::int is null or s.sequence = %s) order by s.sequence, d.register
"""
_VISITS = """
select v.id, v.round_id, v.sequence, v.at, v.no_access, v.note, v.latitude, v.longitude, v.photo,
  v.device, v.confirmed, v.actor,
  (select coalesce(json_object_agg(d.register, d.value), '{}')::text from field_visit_dial d
    where d.visit_id = v.id)
from field_visit v
"""
WORK_COLUMNS = (
    "round", "sequence", "meter", "service", "register", "unit", "digits", "decimals", "address",
    "last_value", "last_on", "expected_from", "expected_to",
)  # fmt: skip


def routes(*, day: date, area: str = "", limit: int = ROWS_MAX) -> list[RouteView]:
    """Routes with what stands on them on a day, by area and number."""
    rows = _all(
        f"{_ROUTE} where %(area)s = '' or r.area = %(area)s order by r.area, r.number"
        " limit %(most)s",
        {"day": day, "area": area, "most": min(limit, ROWS_MAX)},
    )
    return [RouteView(*row) for row in rows]


def route(*, route_id: UUID, day: date) -> RouteView | None:
    """One route, or None."""
    rows = _all(f"{_ROUTE} where r.id = %(id)s", {"day": day, "id": route_id})
    return RouteView(*rows[0]) if rows else None


def route_stops(*, route_id: UUID, day: date) -> list[Stop]:
    """The meters that stand on a route on a day, in the order in which they are read."""
    return surveying.stops(route_ids=[route_id], day=day).get(route_id, [])


def routes_by_id(*, route_ids: Collection[UUID]) -> dict[UUID, RouteView]:
    """Routes by id, their stops not counted."""
    rows = _all(
        "select id, area, number, reader, 0, name from field_route where id = any(%s::uuid[])",
        [bulk.uuid_array(route_ids)],
    )
    return {row[0]: RouteView(*row) for row in rows}


def areas_routed() -> set[str]:
    """Areas that have routes."""
    return {row[0] for row in _all("select distinct area from field_route", [])}


def routes_planned(*, day: date) -> set[UUID]:
    """Routes that have a round on a day."""
    return {row[0] for row in _all("select route_id from field_round where day = %s", [day])}


def routes_due(*, day: date) -> list[UUID]:
    """Routes whose turn in the month of a day has come, and that have no round in it yet."""
    month = BillingMonth.of(day)
    rows = _all(
        "select id, area, number from field_route r where not exists (select from field_round w"
        " where w.route_id = r.id and w.day >= %s and w.day < %s) order by area, number",
        [month.period.start, month.period.end],
    )
    areas = {area.code: area.governorate for area in premises.areas()}
    cycles, calendar = rules.policy().cycles, working_calendar()
    last = {n: rules.due_day(month=month, working_day=n, calendar=calendar) for n in range(1, 24)}
    return [
        route_id
        for route_id, area, number in rows
        if last[
            rules.turn(
                cycle=rules.cycle_of(area=area, governorate=areas[area], cycles=cycles),
                number=number,
            )
        ]
        <= day
    ]


def round_of(*, round_id: UUID) -> RoundView | None:
    """One round with what its stops came to, or None."""
    rows = _all(f"{_ROUND} where r.id = %s", [round_id])
    return _round(rows[0]) if rows else None


def rounds(
    *,
    since: date,
    until: date,
    reader: str = "",
    area: str = "",
    state: RoundState | None = None,
    limit: int = ROWS_MAX,
) -> list[RoundView]:
    """Rounds of days from `since` up to `until`, the latest day first."""
    rows = _all(
        f"{_ROUND} where r.day >= %(since)s and r.day < %(until)s"
        " and (%(reader)s = '' or r.reader = %(reader)s) and (%(area)s = '' or t.area = %(area)s)"
        " and (%(state)s::text is null or r.state = %(state)s)"
        " order by r.day desc, t.area, t.number limit %(most)s",
        {
            "since": since,
            "until": until,
            "reader": reader,
            "area": area,
            "state": None if state is None else str(state),
            "most": min(limit, ROWS_MAX),
        },
    )
    return [_round(row) for row in rows]


def stops(*, round_id: UUID) -> list[Stop]:
    """The meters of a round in the order of the route."""
    return list(_stops(_all(_STOPS, [round_id, None, None])))


def stop(*, round_id: UUID, sequence: int) -> Stop | None:
    """One meter of a round, or None."""
    return next(_stops(_all(_STOPS, [round_id, sequence, sequence])), None)


def visits(*, round_id: UUID, sequence: int | None = None) -> list[Visit]:
    """What readers said on a round, or at one of its stops; oldest first."""
    rows = _all(
        f"{_VISITS} where v.round_id = %s and (%s::int is null or v.sequence = %s)"
        " order by v.recorded_at, v.sequence, v.id",
        [round_id, sequence, sequence],
    )
    return [_visit(row) for row in rows]


def last_read_at(*, round_id: UUID, sequence: int) -> datetime | None:
    """The instant of the reads that a stop has on its round, or None."""
    told = visits(round_id=round_id, sequence=sequence)
    return next((visit.at for visit in reversed(told) if visit.dials), None)


def dials_at(*, meter_id: UUID, at: datetime) -> tuple[Dial, ...]:
    """The dials of a meter that hangs at an instant, with what is known of each; else none."""
    return surveying.dials_at(meter_id=meter_id, at=at)


def photo_type(*, sha256: str, actor_id: str | None = None) -> str | None:
    """The media type of a photograph that is kept, and by this person where one is named."""
    rows = _all(
        "select media_type from field_photo where sha256 = %s"
        " and (%s::text is null or actor = %s) limit 1",
        [sha256, actor_id, actor_id],
    )
    return rows[0][0] if rows else None


def photo_of_self_read(*, read_id: UUID) -> tuple[str, bytes] | None:
    """The photograph that came with a customer's read: its media type and its bytes."""
    found = self_read(read_id=read_id)
    media_type = photo_type(sha256=found.photo) if found else None
    body = keeping.kept(found.photo) if found else None
    return (media_type, body) if media_type and body is not None else None


def photo_of_round(*, round_id: UUID, sha256: str) -> tuple[str, bytes] | None:
    """A photograph that belongs to a visit of a round: its media type and its bytes."""
    shown = _all(
        "select 1 from field_visit where photo = %s and round_id = %s limit 1", [sha256, round_id]
    )
    media_type = photo_type(sha256=sha256) if shown else None
    body = keeping.kept(sha256) if media_type else None
    return (media_type, body) if media_type and body is not None else None


def file_taken(*, round_id: UUID, sha256: str) -> FileTaken | None:
    """What became of a result file that came to this round before, or None."""
    found = _files("round_id = %s and sha256 = %s", [round_id, sha256])
    return replace(found[0][1], state="known") if found else None


def files(*, round_id: UUID) -> list[tuple[str, datetime, FileTaken]]:
    """The result files of a round with their names, the latest first."""
    found = _files("round_id = %s order by received_at desc, sha256", [round_id])
    return [(name, at, taken) for (name, at), taken in found]


def work_file(*, round_id: UUID, language: str = "ar") -> str:
    """The work of a round as CSV for a handheld: a row a dial, and nothing about any person.

    Values as the dials show them; empty where nothing is known.
    """
    found = stops(round_id=round_id)
    places = premises.addresses(unit_ids={one.unit_id for one in found}, language=language)
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(WORK_COLUMNS)
    for one in found:
        for dial in one.dials:
            last = dial.last
            out.writerow(
                (
                    round_id, one.sequence, one.serial, one.service, dial.register, dial.unit,
                    dial.digits, dial.decimals, places.get(one.unit_id, ""),
                    rules.shown(last.value, dial) if last else "",
                    local_day(last.at) if last else "", *rules.range_shown(dial),
                )
            )  # fmt: skip
    return written.getvalue()


def _files(condition: str, values: list[object]) -> list[tuple[tuple[str, datetime], FileTaken]]:
    rows = _all(
        "select name, received_at, sha256, state, stops, faults::text from field_file"  # noqa: S608
        f" where {condition}",
        values,
    )
    return [
        ((name, at), FileTaken(digest, state, count, tuple(Fault(**f) for f in json.loads(told))))
        for name, at, digest, state, count, told in rows
    ]


def _stops(rows: list[tuple[Any, ...]]) -> Iterator[Stop]:
    for _, of_stop in groupby(rows, key=lambda row: row[0]):
        some = list(of_stop)
        sequence, meter, point, unit, serial, service, state = some[0][:7]
        yield Stop(
            sequence, meter, point, unit, serial, Service(service), StopState(state),
            tuple(dial_of(row[7:]) for row in some),
        )  # fmt: skip


def _round(row: tuple[Any, ...]) -> RoundView:
    return replace(RoundView(*row), state=RoundState(row[7]))


def _visit(row: tuple[Any, ...]) -> Visit:
    spot = None if row[6] is None else Spot(row[6], row[7])
    cells: list[Any] = [*row[:6], spot, *row[8:12], json.loads(row[12])]
    return Visit(*cells)


def _all(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
