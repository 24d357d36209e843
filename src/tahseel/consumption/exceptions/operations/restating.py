"""Other values for those that failed: estimated by one person, edited by two."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from tahseel.consumption.exceptions import queries
from tahseel.consumption.exceptions.operations.deciding import (
    DECIDERS,
    ExceptionReasonMissing,
    close,
    locked,
)
from tahseel.consumption.exceptions.values import EDIT, MACHINE, ExceptionView, State
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings import queries as readings_queries
from tahseel.consumption.readings.values import Part
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth
from tahseel.registry.meters import queries as meters
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit.operations import audited, note

MAKERS = ("clerk", *DECIDERS)
QUANTITY_MAX = 2**53 - 1
# Rules that name single intervals; the others doubt whole days.
BY_INTERVAL = frozenset({"missing", "negative", "spike"})
BY_POLICY = "validation.toml: estimated_for"


class EditWaits(Refusal):
    """Somebody has asked for an edit, and nobody has decided yet."""

    code = "exception_edit_waits"
    text_ar = "تعديل هذه القراءات بانتظار الاعتماد"
    text_en = "An edit of these reads waits for an approval"
    http_status = 409


class ExceptionMoved(Refusal):
    """Other reads came since the edit was asked for."""

    code = "exception_moved"
    text_ar = "وردت قراءات أخرى منذ طلب التعديل"
    text_en = "Other reads have come since the edit was asked for"
    http_status = 409


class QuantityWrong(Refusal):
    """What people say was used is a whole number of Wh or litres, never below zero."""

    code = "exception_quantity_wrong"
    text_ar = "الكمية غير صالحة"
    text_en = "The quantity is not valid"


@audited("exceptions.estimate", subject="exception_id")
def estimate(*, actor: Actor, at: datetime, exception_id: UUID, reason: str) -> None:
    """Let the rules' estimate stand for what failed; the month's determinant follows.

    Raises NotAllowed, ExceptionUnknown, ExceptionReasonMissing, WrongState, EditWaits, and
    NotEstimable.
    """
    require(actor, *DECIDERS)
    if not reason.strip():
        raise ExceptionReasonMissing()
    found = _undecided(exception_id, at)
    _estimate(found, actor=actor, at=at, reason=reason)


def _estimate(found: ExceptionView, *, actor: Actor, at: datetime, reason: str) -> None:
    version = readings.estimate(
        actor=actor,
        at=at,
        part=part_of(found),
        whole=found.rule not in BY_INTERVAL,
        source=f"exception:{found.id}",
    )
    close(found, State.ESTIMATED, actor=actor, at=at, reason=reason, version=version)
    readings.redetermine(actor=actor, at=at, month=found.month, account_ids=[found.account_id])


@audited("exceptions.estimate_by_policy", subject="month")
def estimate_by_policy(
    *, actor: Actor, at: datetime, month: BillingMonth, account_ids: Collection[UUID]
) -> int:
    """Estimate what the country's data say needs no person, in a month that is over; how many.

    What cannot be estimated stays open. Only for jobs.
    """
    require(actor)
    waiting = [
        found
        for rule in readings_queries.named_rules().values()
        if rule.estimated_for
        for found in queries.open_of(
            rule=rule.code, month=month, sectors=rule.estimated_for, account_ids=account_ids
        )
    ]
    done = sum(_by_policy(found, actor=actor, at=at) for found in waiting)
    note(estimated=done)
    return done


def _by_policy(found: ExceptionView, *, actor: Actor, at: datetime) -> int:
    try:
        estimate(actor=actor, at=at, exception_id=found.id, reason=BY_POLICY)
    except Refusal:
        return 0
    return 1


@audited("exceptions.propose_edit", subject="exception_id")
def propose_edit(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    exception_id: UUID,
    quantity: int,
    reason: str,
) -> UUID:
    """Ask that the days of an exception come to a quantity (Wh or litres); a second person decides.

    Returns the approval's id. The same again under it changes nothing. Raises NotAllowed,
    ExceptionUnknown, WrongState, QuantityWrong, EditWaits, and what `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    if not 0 <= quantity <= QUANTITY_MAX:
        raise QuantityWrong()
    found = locked(exception_id)
    MACHINE.require(found.state, State.EDITED)
    if queries.edits_waiting(as_of=at).get(exception_id, approval_id) != approval_id:
        raise EditWaits()
    note(quantity=quantity, rule=found.rule, meter=str(found.meter_id))
    payload = {
        "exception": str(exception_id),
        "quantity": quantity,
        "before": found.quantity,
        "ver": found.version,
        "reason": reason.strip(),
    }
    return approvals.submit(
        actor=actor,
        at=at,
        operation=EDIT,
        payload=payload,
        reason=reason,
        approval_id=approval_id,
    )


def edit_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> int:
    """What runs once the second person agrees; returns the version of the blocks written."""
    return _edit(
        actor=actor,
        at=at,
        exception_id=UUID(str(payload["exception"])),
        quantity=int(payload["quantity"]),
        seen=int(payload["ver"]),
        reason=str(payload["reason"]),
        approval_id=approval_id,
    )


@audited("exceptions.edit", subject="exception_id")
def _edit(
    *,
    actor: Actor,
    at: datetime,
    exception_id: UUID,
    quantity: int,
    seen: int,
    reason: str,
    approval_id: UUID,
) -> int:
    found = locked(exception_id)
    MACHINE.require(found.state, State.EDITED)
    if found.version != seen:
        raise ExceptionMoved()
    source = f"approval:{approval_id}"
    version = readings.edit(
        actor=actor, at=at, part=part_of(found), quantity=quantity, source=source
    )
    close(found, State.EDITED, actor=actor, at=at, reason=reason, version=version)
    note(edited_to=quantity, approval=str(approval_id))
    readings.redetermine(actor=actor, at=at, month=found.month, account_ids=[found.account_id])
    return version


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which meter, which days, and what they are to come to."""
    found = queries.exception(exception_id=UUID(str(payload["exception"])))
    if found is None:
        return Proposal("تعديل قراءات", "Edit reads", ())
    meter = meters.meters(meter_ids=[found.meter_id]).get(found.meter_id)
    rule = readings_queries.named_rules().get(found.rule)
    unit = ("واط ساعة", "Wh") if found.service == "electricity" else ("لتر", "litres")
    return Proposal(
        text_ar="تعديل قراءات لم تجتز التدقيق",
        text_en="Edit reads that failed validation",
        details=(
            Detail("العداد", "Meter", meter.serial if meter else None),
            Detail("السجل", "Register", found.register),
            Detail("القاعدة", "Rule", f"{rule.name_ar} / {rule.name_en}" if rule else found.rule),
            Detail("من", "From", found.days.start),
            Detail("حتى قبل", "Until before", found.days.end),
            Detail(f"محل الشك ({unit[0]})", f"In question ({unit[1]})", found.quantity),
            Detail(f"الكمية المقترحة ({unit[0]})", f"To be ({unit[1]})", int(payload["quantity"])),
        ),
    )


def part_of(found: ExceptionView) -> Part:
    """The days of its register as the readings know them."""
    return Part(found.account_id, found.meter_id, found.register, found.sector, found.days)


def _undecided(exception_id: UUID, at: datetime) -> ExceptionView:
    found = locked(exception_id)
    MACHINE.require(found.state, State.ESTIMATED)
    if exception_id in queries.edits_waiting(as_of=at):
        raise EditWaits()
    return found


def register() -> None:
    """Called when Django starts."""
    approvals.register(EDIT, edit_approved, roles=DECIDERS, makers=MAKERS, in_words=in_words)
