"""A round from its plan to its end: planned by the cycle, named, sent out, brought back, closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import queries, surveying
from tahseel.consumption.field.operations.routing import READER, SUPERVISORS, require_reader
from tahseel.consumption.field.values import ROUND_LIFE, Planned, RoundState, RoundView, Stop
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.states import WrongState
from tahseel.trust.access.rules import may, require
from tahseel.trust.audit.operations import audited, note

WALKERS = (READER, *SUPERVISORS)
DEVICE_MAX = 40
_ROUND = {
    "id": "uuid", "route_id": "uuid", "day": "date", "reader": "text", "state": "text",
    "planned_at": "timestamptz",
}  # fmt: skip
_STOP = {
    "round_id": "uuid", "sequence": "int4", "meter_id": "uuid", "service_point_id": "uuid",
    "unit_id": "uuid", "serial": "text", "service": "text", "state": "text",
}  # fmt: skip
_DIAL = {
    "round_id": "uuid", "sequence": "int4", "register": "text", "unit": "text", "digits": "int4",
    "decimals": "int4", "last_value": "int8", "last_at": "timestamptz", "low": "int8",
    "high": "int8",
}  # fmt: skip


class RoundUnknown(NotFound):
    """No such round, or it is another reader's."""

    code = "field_round_unknown"
    text_ar = "لا توجد جولة قراءة بهذا الرقم"
    text_en = "There is no such round"


class ReaderMissing(Refusal):
    """A round is walked by somebody."""

    code = "field_reader_missing"
    text_ar = "لم يُحدد قارئ لهذه الجولة"
    text_en = "Nobody is named to read this round"


class RoundReasonMissing(Refusal):
    """Whoever closes a round with meters left says why."""

    code = "field_round_reason_missing"
    text_ar = "يجب ذكر سبب إغلاق الجولة وفيها {left} من العدادات لم تُقرأ"
    text_en = "Say why the round is closed with {left} meters that nobody went to"


class DeviceNameWrong(Refusal):
    """The handheld that carries the work is named, shortly."""

    code = "field_device_wrong"
    text_ar = "اسم الجهاز مطلوب ولا يزيد على {device_max} حرفًا"
    text_en = "The device has a name of up to {device_max} characters"


@audited("field.plan_rounds", subject="day")
def plan_rounds(*, actor: Actor, at: datetime, day: date, route_ids: Collection[UUID]) -> Planned:
    """Plan a round of each route on a day, with every meter there and what is known.

    A route that has a round on that day keeps it; one without a meter gets none. Raises NotAllowed.
    """
    require(actor, *SUPERVISORS)
    known = queries.routes_planned(day=day)
    routes = queries.routes_by_id(route_ids=[r for r in route_ids if r not in known])
    stops = surveying.stops(route_ids=list(routes), day=day)
    ids = {route: derived_id(route, str(day)) for route in stops}
    bulk.append_rows(
        table="field_round",
        columns=_ROUND,
        rows=[(ids[r], r, day, routes[r].reader, "planned", at) for r in stops],
    )
    bulk.append_rows(table="field_round_stop", columns=_STOP, rows=list(_stop_rows(ids, stops)))
    bulk.append_rows(table="field_round_dial", columns=_DIAL, rows=list(_dial_rows(ids, stops)))
    return Planned(len(stops), sum(len(found) for found in stops.values()))


def _stop_rows(
    ids: Mapping[UUID, UUID], stops: Mapping[UUID, list[Stop]]
) -> Iterable[tuple[object, ...]]:
    for route, found in stops.items():
        for one in found:
            yield (
                ids[route], one.sequence, one.meter_id, one.service_point_id, one.unit_id,
                one.serial, str(one.service), str(one.state),
            )  # fmt: skip


def _dial_rows(
    ids: Mapping[UUID, UUID], stops: Mapping[UUID, list[Stop]]
) -> Iterable[tuple[object, ...]]:
    for route, found in stops.items():
        for one in found:
            for dial in one.dials:
                last, span = dial.last, dial.expected
                yield (
                    ids[route], one.sequence, dial.register, str(dial.unit), dial.digits,
                    dial.decimals, last.value if last else None, last.at if last else None,
                    span.low if span else None, span.high if span else None,
                )  # fmt: skip


@audited("field.name_reader", subject="round_id")
def name_reader(*, actor: Actor, at: datetime, round_id: UUID, reader: str) -> None:
    """Say who walks a round that is not out.

    Raises NotAllowed, RoundUnknown, WrongState, ReaderUnknown.
    """
    require(actor, *SUPERVISORS)
    found = locked(round_id)
    if found.state not in (RoundState.PLANNED, RoundState.BACK):
        raise WrongState(machine=ROUND_LIFE.name, current=str(found.state), wanted="named")
    require_reader(reader)
    _change(found.id, {"reader": reader})
    note(reader=reader)


@audited("field.send_out", subject="round_id")
def send_out(*, actor: Actor, at: datetime, round_id: UUID, device: str) -> None:
    """Give a round to its reader with a device; the work file may be fetched from now on.

    The same device again changes nothing. Raises NotAllowed, RoundUnknown, ReaderMissing,
    DeviceNameWrong, WrongState.
    """
    found = walked_by(actor, round_id)
    device = device.strip()
    if not device or len(device) > DEVICE_MAX:
        raise DeviceNameWrong(device_max=DEVICE_MAX)
    if not found.reader:
        raise ReaderMissing()
    note(reader=found.reader, device=device)
    if found.state is RoundState.OUT and found.device == device:
        return
    ROUND_LIFE.require(found.state, RoundState.OUT)
    _change(found.id, {"state": "out", "device": device, "out_at": at})


@audited("field.bring_back", subject="round_id")
def bring_back(*, actor: Actor, at: datetime, round_id: UUID) -> None:
    """The reader is back. Raises NotAllowed, RoundUnknown, WrongState."""
    come_back(walked_by(actor, round_id), at)


def come_back(found: RoundView, at: datetime) -> None:
    """The round is back, with what its stops came to. Raises WrongState."""
    ROUND_LIFE.require(found.state, RoundState.BACK)
    _change(found.id, {"state": "back", "back_at": at})


@audited("field.close_round", subject="round_id")
def close_round(*, actor: Actor, at: datetime, round_id: UUID, reason: str) -> None:
    """End a round; with meters left it says why. Never by whoever walked it.

    Raises NotAllowed, RoundUnknown, RoundReasonMissing, WrongState.
    """
    require(actor, *SUPERVISORS)
    found = locked(round_id)
    if actor.id == found.reader:
        raise NotAllowed(needs="another person")
    if found.left and not reason.strip():
        raise RoundReasonMissing(left=found.left)
    ROUND_LIFE.require(found.state, RoundState.CLOSED)
    told = {"state": "closed", "closed_at": at, "closed_by": actor.id, "reason": reason.strip()}
    _change(found.id, told)
    note(read=found.read, no_access=found.no_access, left=found.left, reason=reason.strip())


def walked_by(actor: Actor, round_id: UUID) -> RoundView:
    """The locked round for whoever walks it or supervises. Raises NotAllowed, RoundUnknown."""
    require(actor, *WALKERS)
    found = locked(round_id)
    if found.reader != actor.id and not may(actor, *SUPERVISORS):
        raise NotAllowed(needs="the reader of this round")
    return found


def locked(round_id: UUID) -> RoundView:
    """The round under its row's lock. Raises RoundUnknown."""
    with connection.cursor() as cursor:
        cursor.execute("select id from field_round where id = %s for update", [round_id])
    found = queries.round_of(round_id=round_id)
    if found is None:
        raise RoundUnknown()
    return found


def _change(round_id: UUID, told: Mapping[str, Any]) -> None:
    columns = ", ".join(f"{name} = %s" for name in told)
    with connection.cursor() as cursor:
        cursor.execute(
            f"update field_round set {columns} where id = %s",  # noqa: S608 - our words
            [*told.values(), round_id],
        )
