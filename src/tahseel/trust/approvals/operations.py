"""Asking and deciding. The approved act runs in the deciding transaction: both or neither."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, NotAllowed, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.trust.approvals import events, rules
from tahseel.trust.approvals.models import Approval
from tahseel.trust.approvals.rules import register
from tahseel.trust.approvals.values import MACHINE, ApprovalState, Payload
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.operations import audited

__all__ = ["approve", "expire_due", "register", "reject", "submit", "withdraw"]

EXPIRE_BATCH_MAX = 1_000


class ReasonMissing(Refusal):
    code = "reason_missing"
    text_ar = "يجب ذكر السبب"
    text_en = "A reason must be given"


class ApprovalExpired(Refusal):
    code = "approval_expired"
    text_ar = "انتهت مهلة اعتماد هذا الطلب"
    text_en = "The time to approve this request has passed"
    http_status = 409


@audited("approvals.submit", subject="approval_id")
def submit(
    *,
    actor: Actor,
    at: datetime,
    operation: str,
    payload: Payload,
    reason: str,
    approval_id: UUID | None = None,
) -> UUID:
    """Ask that a registered operation be run with exactly this input; returns the approval's id.

    payload: JSON of text, whole numbers, booleans, lists, maps; ids of persons, not persons.
    approval_id: made by the caller where a retry may come; same id and input changes nothing.
    Raises NotAllowed, ReasonMissing, InputDiffers.
    """
    registered = rules.registered(operation)
    rules.require_maker(actor, registered)
    if not reason.strip():
        raise ReasonMissing
    frozen = rules.freeze(payload)
    made, is_new = Approval.objects.get_or_create(
        id=approval_id or new_id(at),
        defaults={
            "operation": operation,
            "payload": frozen,
            "payload_hash": rules.payload_hash(frozen),
            "tier": rules.tier(registered, payload),
            "reason": reason.strip(),
            "state": MACHINE.initial,
            "maker_id": actor.id,
            "maker_label": actor.label,
            "made_at": at,
            "expires_at": at + registered.expires_after,
        },
    )
    if is_new:
        _announce(events.SUBMITTED, made, at)
    elif (made.operation, made.payload, made.maker_id) != (operation, frozen, actor.id):
        raise InputDiffers(operation=operation)
    _note(made)
    return made.id


@audited("approvals.approve", subject="approval_id")
def approve(*, actor: Actor, at: datetime, approval_id: UUID) -> object:
    """Agree, and run the operation on its frozen input in this transaction; returns its result.

    Raises OwnApproval, NotAllowed, WrongState, ApprovalExpired, NotFound, whatever refusal the
    operation itself raises (the approval then stays pending), and Broken when the input is not
    the one that was frozen.
    """
    made = _locked(approval_id)
    if rules.payload_hash(made.payload) != bytes(made.payload_hash):
        raise Broken(f"the input of approval {made.id} is not the one that was frozen")
    registered = rules.registered(made.operation)
    payload = rules.thaw(made.payload)
    tier = max(made.tier, rules.tier(registered, payload))
    rules.require_checker(actor, registered, tier, made.maker_id)
    _decide(made, ApprovalState.APPROVED, actor=actor, at=at, decision="")
    _announce(events.APPROVED, made, at)
    _note(made)
    return registered.perform(actor=actor, at=at, approval_id=made.id, payload=payload)


@audited("approvals.reject", subject="approval_id")
def reject(*, actor: Actor, at: datetime, approval_id: UUID, reason: str) -> None:
    """Say no, with the reason. Raises as `approve`, and ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    made = _locked(approval_id)
    rules.require_checker(actor, rules.registered(made.operation), made.tier, made.maker_id)
    _decide(made, ApprovalState.REJECTED, actor=actor, at=at, decision=reason.strip())
    _announce(events.REJECTED, made, at)
    _note(made)


@audited("approvals.withdraw", subject="approval_id")
def withdraw(*, actor: Actor, at: datetime, approval_id: UUID) -> None:
    """Take one's own request back. Raises NotAllowed, WrongState, NotFound."""
    made = _locked(approval_id)
    if made.maker_id != actor.id:
        raise NotAllowed(needs="maker")
    _decide(made, ApprovalState.WITHDRAWN, actor=None, at=at, decision="")
    _announce(events.WITHDRAWN, made, at)
    _note(made)


@audited("approvals.expire_due", subject="")
def expire_due(*, actor: Actor, at: datetime) -> int:
    """Close what nobody decided in time, up to EXPIRE_BATCH_MAX; returns how many."""
    due = Approval.objects.select_for_update(skip_locked=True).filter(
        state=ApprovalState.PENDING, expires_at__lte=at
    )
    expired = list(due.order_by("expires_at")[:EXPIRE_BATCH_MAX])
    for made in expired:
        made.state, made.decided_at = ApprovalState.EXPIRED, at
        made.save(update_fields=["state", "decided_at"])
        _announce(events.EXPIRED, made, at)
    audit.note(expired=[made.id for made in expired])
    return len(expired)


def _locked(approval_id: UUID) -> Approval:
    made = Approval.objects.select_for_update().filter(id=approval_id).first()
    if made is None:
        raise NotFound
    return made


def _decide(
    made: Approval, state: ApprovalState, *, actor: Actor | None, at: datetime, decision: str
) -> None:
    made.state = MACHINE.require(ApprovalState(made.state), state)
    if at >= made.expires_at:
        raise ApprovalExpired
    made.checker_id = actor.id if actor else None
    made.decided_at, made.decision = at, decision
    made.save(update_fields=["state", "checker_id", "decided_at", "decision"])


def _announce(name: str, made: Approval, at: datetime) -> None:
    outbox.announce(
        name=name,
        subject=str(made.id),
        at=at,
        facts={"operation": made.operation, "tier": made.tier, "maker_id": made.maker_id},
    )


def _note(made: Approval) -> None:
    audit.note(
        approval=made.id,
        operation=made.operation,
        tier=made.tier,
        maker=made.maker_id,
        payload_hash=bytes(made.payload_hash),
        about=rules.ids_in(made.payload),
    )
