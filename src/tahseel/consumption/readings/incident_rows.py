"""The table of what happened to meters: written once each, whoever tells it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.consumption.readings import incidents
from tahseel.consumption.readings.values import Incident, IncidentView
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id

ROWS_AT_ONCE = 10_000
_TAKE = """
insert into readings_meter_event
  (id, meter_id, at, until, code, kind, drift_s, details, source, recorded_at, actor)
select i, m, a, u, c, k, d, t::jsonb, %(source)s, %(at)s, %(actor)s
from unnest(%(ids)s::uuid[], %(meters)s::uuid[], %(ats)s::timestamptz[],
  %(untils)s::timestamptz[], %(codes)s::text[], %(kinds)s::text[], %(drifts)s::bigint[],
  %(details)s::text[]) as told (i, m, a, u, c, k, d, t)
on conflict do nothing
"""
_NEWEST = """
select at, until, code, kind, drift_s, source, recorded_at from readings_meter_event
where meter_id = %s order by at desc, id desc limit %s
"""
_OF_METERS = """
select meter_id, at, until, code, kind, drift_s, details::text,
  extract(epoch from recorded_at)::bigint
from readings_meter_event
where meter_id = any(%s::uuid[]) and at < %s and coalesce(until, at) >= %s and kind = any(%s)
order by meter_id, at, id
"""


def store(events: Iterable[Incident], *, source: str, actor: Actor, at: datetime) -> int:
    """New ones; what is known is left alone, whatever file tells it again. Returns how many."""
    rows, stored, known = iter(events), 0, incidents.book()
    while some := list(islice(rows, ROWS_AT_ONCE)):
        told = [orjson.dumps(dict(one.details), option=orjson.OPT_SORT_KEYS) for one in some]
        facts: dict[str, Any] = {
            "source": source,
            "at": at,
            "actor": actor.id,
            "ids": [_id(one, text) for one, text in zip(some, told, strict=True)],
            "meters": [one.meter_id for one in some],
            "ats": [one.at for one in some],
            "untils": [one.until for one in some],
            "codes": [one.code for one in some],
            "kinds": [one.kind or known.kind_of(one.code) for one in some],
            "drifts": [one.drift_s for one in some],
            "details": [text.decode() for text in told],
        }
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, facts)
            stored += int(cursor.rowcount)
    return stored


def _id(one: Incident, details: bytes) -> UUID:
    """The same event told again has the same id."""
    until = one.until.timestamp() if one.until else 0
    return derived_id(one.meter_id, str(one.at.timestamp()), str(until), one.code, details.decode())


def newest(*, meter_id: UUID, limit: int) -> list[IncidentView]:
    """The events of a meter as they are shown, newest first."""
    kinds = incidents.book().kinds
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [meter_id, limit])
        return [
            IncidentView(
                at, until, code, kind, kinds[kind].name_ar if kind in kinds else "",
                kinds[kind].name_en if kind in kinds else "",
                kinds[kind].about if kind in kinds else "", drift_s, source, recorded_at,
            )
            for at, until, code, kind, drift_s, source, recorded_at in cursor.fetchall()
        ]  # fmt: skip


def of_meters(
    *, meter_ids: Collection[UUID], since: datetime, until: datetime, kinds: Collection[str]
) -> dict[UUID, list[tuple[Incident, int]]]:
    """Events by meter, in order of time, each with the second in which it was recorded."""
    found: dict[UUID, list[tuple[Incident, int]]] = {}
    if not meter_ids:
        return found
    with connection.cursor() as cursor:
        ids = bulk.uuid_array(meter_ids)
        cursor.execute(_OF_METERS, [ids, until, since, sorted(kinds)])
        for row in cursor.fetchall():
            one = Incident._make((*row[:6], orjson.loads(row[6])))
            found.setdefault(one.meter_id, []).append((one, int(row[7])))
    return found
