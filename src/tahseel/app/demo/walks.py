"""Two rounds of the last morning: one is back with its handheld's file, one is under way.

What is read lies in the running month and follows each dial's own history, so no bill changes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.values import BUILDER, at_hour
from tahseel.consumption.field import operations, queries, rules
from tahseel.consumption.field.values import Dial, Found, RoundView, Stop
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.premises import queries as premises

AREAS = 2
HANDHELD, PHONE = "HH-07", "phone"
NO_ACCESS = ("nobody_home", "locked")
AWAY_EVERY = 9  # so seldom does nobody open
SPOKEN = 6  # stops of the round that is under way
COLUMNS = ("round", "meter", "at", "register", "value", "no_access", "note")


def plan(*, parties: Sequence[Party], as_of: date) -> None:
    """Lay the routes of the two areas with most homes, and plan a round in each."""
    at = at_hour(as_of, 4)
    areas = premises.area_of(unit_ids=[party.home.unit.id for party in parties])
    count = Counter(area.code for area in areas.values())
    chosen = sorted(count, key=lambda code: (-count[code], code))[:AREAS]
    operations.lay_routes(actor=BUILDER, at=at, day=as_of, areas=chosen)
    first = [route.id for route in queries.routes(day=as_of) if route.number == 1]
    operations.plan_rounds(actor=BUILDER, at=at, day=as_of, route_ids=first)


def walk(*, reader: str, as_of: date) -> None:
    """Give the rounds to the reader who signs in: one comes back, one goes on."""
    planned = queries.rounds(since=as_of, until=as_of + timedelta(days=1))
    for number, one in enumerate(planned):
        by: dict[str, Any] = {"actor": BUILDER, "at": at_hour(as_of, 5), "round_id": one.id}
        operations.name_usual_reader(
            actor=BUILDER, at=at_hour(as_of, 5), route_id=one.route_id, reader=reader
        )
        operations.name_reader(**by, reader=reader)
        operations.send_out(**by, device=PHONE if number else HANDHELD)
        if number:
            _speak(one, at_hour(as_of, 6))
        else:
            _bring(one, at_hour(as_of, 6))


def _bring(one: RoundView, at: datetime) -> None:
    """The handheld's file: most meters are read, some doors stay shut."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(COLUMNS)
    for stop in queries.stops(round_id=one.id):
        when = (at - timedelta(minutes=40) + timedelta(seconds=15 * stop.sequence)).isoformat()
        if stop.sequence % AWAY_EVERY == 0:
            why = NO_ACCESS[stop.sequence // AWAY_EVERY % 2]
            out.writerow((one.id, stop.serial, when, "", "", why, ""))
            continue
        for register, value in _dials(stop).items():
            out.writerow((one.id, stop.serial, when, register, value, "", ""))
    operations.take_results(
        actor=BUILDER,
        at=at,
        round_id=one.id,
        body=written.getvalue().encode(),
        name=f"{HANDHELD}-{one.day}.csv",
    )


def _speak(one: RoundView, at: datetime) -> None:
    """The first doors of the round with a phone."""
    for stop in queries.stops(round_id=one.id)[:SPOKEN]:
        away = stop.sequence == SPOKEN
        found = Found(
            at=at - timedelta(minutes=SPOKEN - stop.sequence),
            dials={} if away else _dials(stop),
            no_access=NO_ACCESS[0] if away else "",
        )
        try:
            operations.record_visit(
                actor=BUILDER,
                at=at,
                visit_id=_visit_id(one, stop),
                round_id=one.id,
                sequence=stop.sequence,
                found=found,
            )
        except Refusal:
            continue  # a dial that cannot be said here stays to be read


def _visit_id(one: RoundView, stop: Stop) -> UUID:
    return derived_id(one.id, "visit", str(stop.sequence))


def _dials(stop: Stop) -> dict[str, str]:
    return {dial.register: _shows(dial) for dial in stop.dials}


def _shows(dial: Dial) -> str:
    """In the middle of what is expected; a dial of which nothing is known stands where it stood."""
    last = dial.last.value if dial.last else 0
    moved = sum(dial.expected) // 2 if dial.expected else 0
    return rules.shown((last + moved) % rules.modulus(dial), dial)
