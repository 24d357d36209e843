"""Orders to crews: somebody who decides sends one, somebody in the field reports its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.exceptions import queries
from tahseel.consumption.exceptions.operations.deciding import DECIDERS, locked
from tahseel.consumption.exceptions.values import (
    ORDER_LIFE,
    FieldOrder,
    OrderKind,
    OrderState,
    State,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.period import local_day
from tahseel.kernel.states import WrongState
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

SENDERS = ("clerk", *DECIDERS)
CREW = ("inspector", "supply_engineer")


class OrderUnknown(NotFound):
    """No such field order."""

    code = "field_order_unknown"
    text_ar = "لا يوجد أمر ميداني بهذا الرقم"
    text_en = "There is no such field order"


class OrderTextMissing(Refusal):
    """A crew must know what to look for, and must say what it found."""

    code = "field_order_text_missing"
    text_ar = "يجب كتابة المطلوب أو النتيجة"
    text_en = "The task or the result must be written down"


class OrderOut(Refusal):
    """A crew is on its way for this exception already."""

    code = "field_order_out"
    text_ar = "يوجد أمر ميداني قائم لهذه الحالة"
    text_en = "A field order is out for this exception already"
    http_status = 409


class DayNotPassed(Refusal):
    """A crew was there between the day of the order and today."""

    code = "field_order_day_wrong"
    text_ar = "يوم التنفيذ يقع بين يوم الأمر واليوم"
    text_en = "The day lies between that of the order and today"


@audited("exceptions.send_order", subject="order_id")
def send_order(
    *, actor: Actor, at: datetime, order_id: UUID, exception_id: UUID, kind: OrderKind, task: str
) -> None:
    """Send a crew for an open exception. order_id: the caller's; the same again changes nothing.

    Raises NotAllowed, ExceptionUnknown, WrongState, OrderTextMissing, OrderOut, InputDiffers.
    """
    require(actor, *SENDERS)
    if not task.strip():
        raise OrderTextMissing()
    found = locked(exception_id)
    order = _Order(order_id, exception_id, None, found.meter_id, kind, task.strip(), actor.id)
    if _sent_before(order, "exceptions.send_order"):
        return
    if found.state is not State.OPEN:
        raise WrongState(machine="exception", current=str(found.state), wanted="ordered")
    _send(order, queries.orders_of(exception_id=exception_id), at)
    note(exception=str(exception_id))


@audited("exceptions.send_to_meter", subject="order_id")
def send_to_meter(
    *,
    actor: Actor,
    at: datetime,
    order_id: UUID,
    meter_id: UUID,
    about: UUID,
    kind: OrderKind,
    task: str,
) -> None:
    """Send a crew to a meter for what is no exception. about: what for; the caller knows it.

    One crew at a time is out for it, and the same again changes nothing. Whoever calls has looked
    whether the meter is one of what it is sent for. Raises NotAllowed, OrderTextMissing, OrderOut,
    InputDiffers.
    """
    require(actor, *SENDERS)
    if not task.strip():
        raise OrderTextMissing()
    order = _Order(order_id, None, about, meter_id, kind, task.strip(), actor.id)
    if not _sent_before(order, "exceptions.send_to_meter"):
        _send(order, queries.orders_about(about=[about]).get(about, []), at)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for, by which the same order is known again."""

    id: UUID
    exception_id: UUID | None
    about: UUID | None
    meter_id: UUID
    kind: OrderKind
    task: str
    ordered_by: str


def _sent_before(order: _Order, operation: str) -> bool:
    before = queries.field_order(order_id=order.id)
    if before is None:
        return False
    if any(getattr(before, name) != getattr(order, name) for name in _Order.__slots__):
        raise InputDiffers(operation=operation)
    return True


def _send(order: _Order, known: Sequence[FieldOrder], at: datetime) -> None:
    if any(one.state is OrderState.ORDERED for one in known):
        raise OrderOut()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into exceptions_field_order"
            " (id, exception_id, about, meter_id, kind, task, state, ordered_at, ordered_by)"
            " values (%s, %s, %s, %s, %s, %s, 'ordered', %s, %s)",
            [
                order.id,
                order.exception_id,
                order.about,
                order.meter_id,
                str(order.kind),
                order.task,
                at,
                order.ordered_by,
            ],
        )
    note(meter=str(order.meter_id), kind=str(order.kind))


@audited("exceptions.report_order", subject="order_id")
def report_order(
    *, actor: Actor, at: datetime, order_id: UUID, done: bool, done_on: date, result: str
) -> None:
    """Say what a crew found, or why it could do nothing. Never who sent it.

    Raises NotAllowed, OrderUnknown, OrderTextMissing, DayNotPassed, WrongState.
    """
    require(actor, *CREW)
    if not result.strip():
        raise OrderTextMissing()
    order = _locked(order_id)
    if actor.id == order.ordered_by:
        raise NotAllowed(needs="another person")
    if not local_day(order.ordered_at) <= done_on <= local_day(at):
        raise DayNotPassed()
    state = OrderState.DONE if done else OrderState.NOT_DONE
    _close(order, state, done_on, result, actor=actor, at=at)


@audited("exceptions.withdraw_order", subject="order_id")
def withdraw_order(*, actor: Actor, at: datetime, order_id: UUID, reason: str) -> None:
    """Call a crew back. Raises NotAllowed, OrderUnknown, OrderTextMissing, WrongState."""
    require(actor, *SENDERS)
    if not reason.strip():
        raise OrderTextMissing()
    _close(_locked(order_id), OrderState.WITHDRAWN, None, reason, actor=actor, at=at)


def _locked(order_id: UUID) -> FieldOrder:
    with connection.cursor() as cursor:
        cursor.execute("select id from exceptions_field_order where id = %s for update", [order_id])
    found = queries.field_order(order_id=order_id)
    if found is None:
        raise OrderUnknown()
    return found


def _close(
    order: FieldOrder,
    state: OrderState,
    done_on: date | None,
    result: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    ORDER_LIFE.require(order.state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update exceptions_field_order set state = %s, done_on = %s, result = %s,"
            " closed_at = %s, closed_by = %s where id = %s",
            [str(state), done_on, result.strip(), at, actor.id, order.id],
        )
    if order.exception_id is not None:
        note(exception=str(order.exception_id))
    note(
        meter=str(order.meter_id),
        kind=str(order.kind),
        state=str(state),
    )
