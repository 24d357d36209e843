"""What waits for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.kernel.idempotency import InputDiffers
from tahseel.trust.approvals import rules
from tahseel.trust.approvals.models import Approval
from tahseel.trust.approvals.values import ApprovalState, ApprovalView, Payload, Proposal

PENDING_MAX = 500
OF_ONE_OPERATION_MAX = 50_000


def waiting(
    *, as_of: datetime, limit: int = PENDING_MAX, operation: str | None = None
) -> list[ApprovalView]:
    """Everything that waits for anybody, oldest first; of one operation all of it."""
    rows = Approval.objects.filter(state=ApprovalState.PENDING, expires_at__gt=as_of)
    if operation is not None:
        rows = rows.filter(operation=operation).order_by("made_at", "id")
        return [view_of(row) for row in rows[:OF_ONE_OPERATION_MAX]]
    return [view_of(row) for row in rows.order_by("made_at", "id")[: min(limit, PENDING_MAX)]]


def decided(*, limit: int = 100) -> list[ApprovalView]:
    """What was decided, taken back or left to lapse, the newest first."""
    rows = Approval.objects.exclude(state=ApprovalState.PENDING).order_by("-decided_at", "-id")
    return [view_of(row) for row in rows[: min(limit, PENDING_MAX)]]


def may_decide(actor: Actor, view: ApprovalView) -> bool:
    """True for another member of staff than the maker, with a role of the tier."""
    try:
        operation = rules.registered(view.operation)
    except LookupError:
        return False
    return actor.id != view.maker_id and rules.may_check(actor, operation, view.tier)


def proposal(*, actor: Actor, at: datetime, view: ApprovalView) -> Proposal:
    """What was asked for, in words. Raises LookupError for an operation that is not known now."""
    told = rules.registered(view.operation).in_words
    return told(actor=actor, at=at, payload=view.payload)


def pending(*, actor: Actor, as_of: datetime, operation: str | None = None) -> list[ApprovalView]:
    """What this actor may decide now: made by others, in a tier of the actor's; oldest first."""
    rows = Approval.objects.filter(state=ApprovalState.PENDING, expires_at__gt=as_of)
    if operation is not None:
        rows = rows.filter(operation=operation)
    rows = rows.exclude(maker_id=actor.id).order_by("made_at", "id")
    found = map(view_of, rows[:PENDING_MAX])
    return [view for view in found if may_decide(actor, view)]


def made_by(*, actor: Actor, limit: int = 100) -> list[ApprovalView]:
    """What this actor asked for, newest first."""
    made = Approval.objects.filter(maker_id=actor.id).order_by("-made_at", "-id")
    return [view_of(row) for row in made[: min(limit, PENDING_MAX)]]


def find(approval_id: UUID) -> ApprovalView | None:
    """One approval, or None where nobody has asked under this id."""
    row = Approval.objects.filter(id=approval_id).first()
    return view_of(row) if row is not None else None


def asked_before(
    *, approval_id: UUID, actor: Actor, operation: str, payload: Payload
) -> ApprovalView | None:
    """What this actor asked under an id; None where nobody has.

    payload: the parts by which the same request is known again. Raises InputDiffers where the id
    stands for another request, or for somebody else's.
    """
    found = find(approval_id)
    if found is None:
        return None
    same = all(found.payload.get(name) == value for name, value in payload.items())
    if (found.operation, found.maker_id) != (operation, actor.id) or not same:
        raise InputDiffers(operation=operation)
    return found


def by_id(approval_id: UUID) -> ApprovalView:
    """One approval. Raises NotFound."""
    found = find(approval_id)
    if found is None:
        raise NotFound
    return found


def view_of(row: Approval) -> ApprovalView:
    """The immutable view of a row."""
    return ApprovalView(
        id=row.id,
        operation=row.operation,
        payload=rules.thaw(row.payload),
        payload_hash=bytes(row.payload_hash),
        tier=row.tier,
        reason=row.reason,
        state=ApprovalState(row.state),
        maker_id=row.maker_id,
        maker_label=row.maker_label,
        made_at=row.made_at,
        expires_at=row.expires_at,
        checker_id=row.checker_id,
        decided_at=row.decided_at,
        decision=row.decision,
    )
