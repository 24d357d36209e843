"""What waits for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.trust.approvals import rules
from tahseel.trust.approvals.models import Approval
from tahseel.trust.approvals.values import ApprovalState, ApprovalView

PENDING_MAX = 500


def pending(*, actor: Actor, as_of: datetime, operation: str | None = None) -> list[ApprovalView]:
    """What this actor may decide now: made by others, in a tier of the actor's; oldest first."""
    waiting = Approval.objects.filter(state=ApprovalState.PENDING, expires_at__gt=as_of)
    if operation is not None:
        waiting = waiting.filter(operation=operation)
    waiting = waiting.exclude(maker_id=actor.id).order_by("made_at", "id")
    return [view_of(row) for row in waiting[:PENDING_MAX] if _fits(actor, row)]


def _fits(actor: Actor, row: Approval) -> bool:
    try:
        operation = rules.registered(row.operation)
    except LookupError:
        return False
    return rules.may_check(actor, operation, row.tier)


def made_by(*, actor: Actor, limit: int = 100) -> list[ApprovalView]:
    """What this actor asked for, newest first."""
    made = Approval.objects.filter(maker_id=actor.id).order_by("-made_at", "-id")
    return [view_of(row) for row in made[: min(limit, PENDING_MAX)]]


def by_id(approval_id: UUID) -> ApprovalView:
    """One approval. Raises NotFound."""
    row = Approval.objects.filter(id=approval_id).first()
    if row is None:
        raise NotFound
    return view_of(row)


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
