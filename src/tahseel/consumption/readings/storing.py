"""Rows of readings: what operations write, in bulk, into the running transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from tahseel.consumption.readings import basis, profiles
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Determinant, DialRead
from tahseel.kernel import bulk, keeping
from tahseel.kernel.actor import Actor

_STAGED_READ = {
    "meter_id": "uuid",
    "register": "text",
    "at": "timestamptz",
    "value": "int8",
    "quality": "text",
}
_STAGE_READS = """
create temp table readings_staged_read (
  meter_id uuid, register text, at timestamptz, value bigint, quality text
) on commit drop
"""
_TAKE_READS = """
insert into readings_register_read
  (meter_id, register, at, version, value, quality, source, recorded_at, actor)
select s.meter_id, s.register, s.at, coalesce(l.version, 0) + 1, s.value, s.quality, %s, %s, %s
from (
  select distinct on (meter_id, register, at) * from readings_staged_read
  order by meter_id, register, at
) s
left join lateral (
  select r.version, r.value, r.quality from readings_register_read r
  where (r.meter_id, r.register, r.at) = (s.meter_id, s.register, s.at)
  order by r.version desc limit 1
) l on true
where l.version is null or (l.value, l.quality) <> (s.value, s.quality)
"""
DETERMINANT = {
    "account_id": "uuid",
    "meter_id": "uuid",
    "month": "int4",
    "version": "int4",
    "service": "text",
    "quantity": "int8",
    "method": "text",
    "from_at": "timestamptz",
    "to_at": "timestamptz",
    "from_value": "int8",
    "to_value": "int8",
    "days": "int4",
    "estimated_share": "numeric",
    "recorded_at": "timestamptz",
    "basis": "jsonb",
    "profile": "jsonb",
}
_PARKED = {
    "id": "uuid",
    "file_id": "uuid",
    "line": "int4",
    "channel": "text",
    "code": "text",
    "reads": "int8",
    "record": "jsonb",
    "state": "text",
    "parked_at": "timestamptz",
}


def json_of(value: object) -> Jsonb:
    return Jsonb(value)


def register_reads(rows: Iterable[DialRead], *, source: str, actor: Actor, at: datetime) -> int:
    """New reads, and new versions of those that differ from what stands; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.readings_staged_read")
        cursor.execute(_STAGE_READS)
        bulk.copy_rows(table="readings_staged_read", columns=_STAGED_READ, rows=rows)
        cursor.execute("analyze readings_staged_read")
        cursor.execute(_TAKE_READS, [source, at, actor.id])
        return int(cursor.rowcount)


def parked(rows: Iterable[tuple[Any, ...]]) -> int:
    """Parked records: id, file, line, channel, code, reads, record, state, instant."""
    return bulk.copy_rows(table="readings_parked", columns=_PARKED, rows=rows)


def determinants(rows: Iterable[Determinant], *, at: datetime) -> int:
    return bulk.copy_rows(
        table="readings_determinant",
        columns=DETERMINANT,
        rows=(determinant_row(one, at) for one in rows),
    )


def determinant_row(one: Determinant, at: datetime) -> tuple[object, ...]:
    """The values of `DETERMINANT`."""
    return (
        one.account_id,
        one.meter_id,
        one.month.ordinal,
        one.version,
        str(one.service),
        one.quantity,
        str(one.method),
        one.from_at,
        one.to_at,
        one.from_value,
        one.to_value,
        one.days,
        one.estimated_share,
        at,
        Jsonb(basis.as_lists(one.basis), dumps=orjson.dumps) if one.basis else None,
        Jsonb(profiles.as_list(one.profile), dumps=orjson.dumps) if one.profile else None,
    )


def file_row(
    *,
    id: UUID,  # noqa: A002 - the column's name
    sha256: str,
    name: str,
    file_format: str,
    refusal: dict[str, Any] | None,
    summary: dict[str, Any],
    stored: int,
    parked_reads: int,
    shift_weeks: int,
    actor: Actor,
    at: datetime,
) -> None:
    """The file itself; its content is under its hash in the folder of raw files."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into readings_file (id, sha256, name, format, state, refusal, summary, stored,"
            " parked, shift_weeks, received_at, actor)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                id,
                sha256,
                name,
                file_format,
                "refused" if refusal else "accepted",
                json.dumps(refusal) if refusal else None,
                json.dumps(summary),
                stored,
                parked_reads,
                shift_weeks,
                at,
                actor.id,
            ],
        )


def locked_lake() -> Lake:
    """The lake, for this transaction alone to append to: versions follow the order of commits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('readings_lake', 0))")
    return Lake(settings.LAKE)


def keep_raw(path: Path, sha256: str) -> Path:
    """Copy a file, unchanged and whole, under its hash; a copy that is there is not touched."""
    with path.open("rb") as source:
        return keeping.keep(source, digest=sha256, folder=Path(settings.RAW_FILES))


def raw(sha256: str) -> Path:
    """Where the content with this hash is kept."""
    return Path(settings.RAW_FILES) / sha256


def loads(text: str) -> Any:
    """The value of a JSON column read as text."""
    return json.loads(text)
