"""A round in the field: its reader, what the meters showed before, and what is said of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import operations, queries
from tahseel.consumption.field.values import Found, StopState
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings import queries as readings_queries
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel import actor
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

JOB = actor.system("test")
AT = datetime(2026, 6, 10, 6, tzinfo=UTC)
DAY = date(2026, 6, 10)
THERE = AT + timedelta(hours=1)


def staff(name: str, *roles: str) -> Actor:
    return Actor(ActorKind.STAFF, name, name, frozenset(roles))


HEAD, CLERK = staff("head", "office_head"), staff("clerk", "clerk")


def reader(name: str = "salem") -> Actor:
    """A meter reader who can sign in."""
    user = new_id(AT)
    access.create_user(
        actor=JOB, at=AT, id=user, username=name, password="a long pass phrase 7",
        kind=UserKind.STAFF, label_ar="سالم", label_en=name, roles=("meter_reader",),
    )  # fmt: skip
    return staff(str(user), "meter_reader")


def dials_told(home: Any, last_kwh: int = 4_000) -> None:
    """Five months of reads: a thousand kWh and fifty cubic metres a month."""
    rows = [
        DialRead(meter, code, AT - timedelta(days=30 * n), top - step * n)
        for meter, code, top, step in (
            (home.electricity, "1.8.0", last_kwh * 1_000, 1_000_000),
            (home.water, "8.0.1", 45_461, 4_546),
        )
        for n in range(1, 5)
    ]
    readings.store_register_reads(actor=JOB, at=AT, rows=rows, source="before")


def out(street: Any, homes: int = 2) -> tuple[UUID, Actor, list[Any]]:
    """A round that is out, its reader, and the homes on it."""
    made = [street.home() for _ in range(homes)]
    for home in made:
        dials_told(home)
    operations.lay_routes(actor=JOB, at=AT, day=DAY)
    [route] = {stop.id for stop in queries.routes(day=DAY) if stop.stops}
    who = reader()
    operations.name_usual_reader(actor=HEAD, at=AT, route_id=route, reader=who.id)
    operations.plan_rounds(actor=JOB, at=AT, day=DAY, route_ids=[route])
    [planned] = queries.rounds(since=DAY, until=DAY + timedelta(days=1))
    operations.send_out(actor=who, at=AT, round_id=planned.id, device="HH-7")
    return planned.id, who, made


def read_of(round_id: UUID, meter: UUID) -> Any:
    return next(stop for stop in queries.stops(round_id=round_id) if stop.meter_id == meter)


def visit(round_id: UUID, who: Actor, sequence: int, **facts: Any) -> StopState:
    told: dict[str, Any] = {"visit_id": new_id(AT)} | {
        key: facts.pop(key) for key in ("visit_id",) if key in facts
    }
    return operations.record_visit(
        actor=who, at=THERE, round_id=round_id, sequence=sequence,
        found=Found(**{"at": THERE, "dials": {}, **facts}), **told,
    )  # fmt: skip


def outcomes(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox")
        return int((cursor.fetchone() or (0,))[0])


def results(round_id: UUID, *rows: dict[str, str]) -> bytes:
    written = io.StringIO()
    told = ("register", "value", "no_access", "note", "confirmed", "seal", "clock")
    columns = ("round", "meter", "at", *told)
    table = csv.DictWriter(written, columns, restval="")
    table.writeheader()
    table.writerows({"round": str(round_id), "at": THERE.isoformat(), **row} for row in rows)
    return written.getvalue().encode()


def stored(meter: UUID) -> list[tuple[int, str, int]]:
    """Value, quality and version of what was read at the visit."""
    return [
        (r.value, r.quality, r.version)
        for r in readings_queries.register_reads(meter_id=meter)
        if r.at >= AT
    ]
