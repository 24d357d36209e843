"""A round of the street: meters with a history, a reader, and the round that is out today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tahseel.consumption.field import operations, queries
from tahseel.consumption.field.values import RoundView
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.actor import system
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import start_of
from tahseel.registry.meters import queries as meters
from tahseel.trust.access import operations as access
from tahseel.trust.access import queries as people
from tahseel.trust.access.values import UserKind

JOB = system("test")
SERIALS = ("E-00001", "W-00002", "E-00003", "W-00004")
MONTHS = 6
A_MONTH = 1_000_000  # Wh or litres


def reader(world: Any, username: str = "reader") -> str:
    """A meter reader's sign-in; returns the actor's id."""
    user = new_id(world.now)
    access.create_user(
        actor=JOB, at=world.now, id=user, username=username, password="Tell no one 4417",
        kind=UserKind.STAFF, label_ar="قارئ الحي", label_en="Reader of the street",
        roles=("meter_reader",),
    )  # fmt: skip
    return str(user)


def told(world: Any) -> None:
    """A thousand units a month, the last read a month ago at 6000."""
    found = meters.meters_by_serial(serials=SERIALS)
    rows = [
        DialRead(one.id, "1.8.0", start_of(world.today) - timedelta(days=30 * n), A_MONTH * (7 - n))
        for one in found.values()
        for n in range(1, MONTHS + 1)
    ]
    readings.store_register_reads(actor=JOB, at=world.now, rows=rows, source="before")


def out(world: Any) -> RoundView:
    """Today's round, under way with its reader."""
    told(world)
    who = reader(world)
    planned = plan(world, who)
    head = people.actor_for(people.user_named("office_head"))
    operations.send_out(actor=head, at=world.now, round_id=planned.id, device="phone")
    found = queries.round_of(round_id=planned.id)
    assert found is not None
    return found


def plan(world: Any, who: str) -> RoundView:
    """Today's round, planned for this reader."""
    operations.lay_routes(actor=JOB, at=world.now, day=world.today)
    [route] = queries.routes(day=world.today)
    operations.name_usual_reader(actor=JOB, at=world.now, route_id=route.id, reader=who)
    operations.plan_rounds(actor=JOB, at=world.now, day=world.today, route_ids=[route.id])
    [planned] = queries.rounds(since=world.today, until=world.today + timedelta(days=1))
    return planned
