"""Taking a handheld's results in: a file once by its content, and nothing of one that is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import keeping, queries, rules
from tahseel.consumption.field.operations.visiting import Checked, StopRead, check, store
from tahseel.consumption.field.operations.walking import come_back, walked_by
from tahseel.consumption.field.values import (
    ROUND_LIFE,
    Fault,
    FileTaken,
    Found,
    ResultRow,
    RoundState,
    RoundView,
    Stop,
    StopState,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.states import WrongState
from tahseel.trust.audit.operations import audited, note

NAME_MAX = 200
COLUMN_OF = {
    "field_dial_unread": "register",
    "field_visit_time_wrong": "at",
    "field_stop_unknown": "meter",
    "field_stop_read": "meter",
}


@audited("field.take_results", subject="round_id")
def take_results(
    *, actor: Actor, at: datetime, round_id: UUID, body: bytes, name: str
) -> FileTaken:
    """Take the results of a round in; the round is back with them.

    A file that is broken is refused whole and every fault told; in a sound one a meter whose rows
    cannot be used is told and left, and the others stand. The same content again changes nothing;
    what was sent to a wrong round first is taken in by its own.

    Raises NotAllowed, RoundUnknown, WrongState.
    """
    walked = walked_by(actor, round_id)
    digest = sha256(body).hexdigest()
    note(sha256=digest)
    known = queries.file_taken(round_id=round_id, sha256=digest)
    if known is not None:
        return known
    if walked.state not in (RoundState.OUT, RoundState.BACK):
        raise WrongState(machine=ROUND_LIFE.name, current=str(walked.state), wanted="results")
    if len(body) <= rules.FILE_BYTES_MAX:
        keeping.keep(body)
    rows, faults = rules.parse(body, round_id=round_id, no_access=rules.policy().no_access)
    state, stored = "refused", 0
    if not faults:
        visits, faults = _sorted(walked, rows, digest, at)
        store(walked, visits, actor=actor, at=at)
        state, stored = "accepted", len(visits)
        if walked.state is RoundState.OUT:
            come_back(walked, at)
    taken = FileTaken(digest, state, stored, tuple(faults))
    _file_row(walked, taken, name, actor=actor, at=at)
    return taken


def _sorted(
    walked: RoundView, rows: Sequence[ResultRow], digest: str, at: datetime
) -> tuple[list[Checked], list[Fault]]:
    """Meters whose rows may be stored, and why others may not."""
    stops = {stop.serial: stop for stop in queries.stops(round_id=walked.id)}
    visits, faults = [], []
    for serial, found in _by_meter(rows):
        answer = _checked(walked, stops.get(serial), found, digest, at)
        if isinstance(answer, Checked):
            visits.append(answer)
        else:
            faults.append(answer)
    return visits, faults


def _by_meter(rows: Sequence[ResultRow]) -> Iterator[tuple[str, list[ResultRow]]]:
    ordered = sorted(rows, key=lambda row: (row.meter, row.line))
    for serial, of_meter in groupby(ordered, key=lambda row: row.meter):
        yield serial, list(of_meter)


def _checked(
    walked: RoundView, stop: Stop | None, rows: Sequence[ResultRow], digest: str, at: datetime
) -> Checked | Fault:
    first = rows[0]
    if stop is None:
        return Fault(first.line, "meter", "field_stop_unknown")
    found = Found(
        at=max(row.at for row in rows),
        dials={row.register: row.value for row in rows if row.value},
        no_access=first.no_access,
        note=next((row.note for row in rows if row.note), ""),
        spot=next((row.spot for row in rows if row.spot), None),
        confirmed=all(row.confirmed for row in rows),
        seal=next((row.seal for row in rows if row.seal not in ("", "intact")), ""),
        clock_s=next((_off(row) for row in rows if row.clock is not None), None),
    )
    try:
        if stop.state is StopState.READ:
            raise StopRead()
        dials = check(walked, stop, found, at=at)
    except Refusal as refusal:
        return _fault(refusal, rows)
    return Checked(derived_id(walked.id, digest, stop.serial), stop, found, dials, digest)


def _off(row: ResultRow) -> int | None:
    """How far the meter's clock is ahead of the handheld's, in seconds."""
    return round((row.clock - row.at).total_seconds()) if row.clock else None


def _fault(refusal: Refusal, rows: Sequence[ResultRow]) -> Fault:
    register = refusal.facts.get("register")
    line = next((row.line for row in rows if row.register == register), rows[0].line)
    return Fault(line, COLUMN_OF.get(refusal.code, "value"), refusal.code)


def _file_row(
    walked: RoundView, taken: FileTaken, name: str, *, actor: Actor, at: datetime
) -> None:
    values: Mapping[str, Any] = {
        "sha256": taken.sha256,
        "round_id": walked.id,
        "name": name.strip()[-NAME_MAX:] or "results.csv",
        "device": walked.device,
        "state": taken.state,
        "stops": taken.stops,
        "faults": json.dumps([fault.as_dict() for fault in taken.faults]),
        "received_at": at,
        "actor": actor.id,
    }
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into field_file ({columns}) values ({marks})",  # noqa: S608 - our words
            list(values.values()),
        )
