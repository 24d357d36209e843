"""What a person decides about an exception alone: that the value stands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.exceptions import queries
from tahseel.consumption.exceptions.values import MACHINE, ExceptionView, State
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

DECIDERS = ("office_head", "revenue_manager")


class ExceptionUnknown(NotFound):
    """No such exception."""

    code = "exception_unknown"
    text_ar = "لا توجد حالة قراءة بهذا الرقم"
    text_en = "There is no such exception"


class ExceptionReasonMissing(Refusal):
    """Whoever lets a value stand says why."""

    code = "exception_reason_missing"
    text_ar = "يجب ذكر سبب القرار"
    text_en = "The reason for the decision must be given"


@audited("exceptions.accept", subject="exception_id")
def accept(*, actor: Actor, at: datetime, exception_id: UUID, reason: str) -> None:
    """The value stands as it came, for this reason; nothing in the lake changes.

    Raises NotAllowed, ExceptionUnknown, ExceptionReasonMissing, WrongState.
    """
    require(actor, *DECIDERS)
    if not reason.strip():
        raise ExceptionReasonMissing()
    found = locked(exception_id)
    close(found, State.ACCEPTED, actor=actor, at=at, reason=reason, version=found.version)


def locked(exception_id: UUID) -> ExceptionView:
    """The exception under its row's lock. Raises ExceptionUnknown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from exceptions_exception where id = %s for update", [exception_id]
        )
    found = queries.exception(exception_id=exception_id)
    if found is None:
        raise ExceptionUnknown()
    note(meter=str(found.meter_id))
    return found


def close(
    found: ExceptionView, state: State, *, actor: Actor, at: datetime, reason: str, version: int
) -> None:
    """End a locked exception. version: the newest block the decision is about."""
    MACHINE.require(found.state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update exceptions_exception set state = %s, closed_at = %s, changed_at = %s,"
            " closed_by = %s, reason = %s, ver = %s where id = %s",
            [str(state), at, at, actor.id, reason.strip(), max(version, found.version), found.id],
        )
    note(
        meter=str(found.meter_id),
        rule=found.rule,
        first_day=str(found.days.start),
        until_day=str(found.days.end),
        quantity=found.quantity,
        state=str(state),
        reason=reason.strip(),
    )
