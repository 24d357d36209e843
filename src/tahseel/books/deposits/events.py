"""What the slice announces. No event carries a name or an account at a bank."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.deposits.values import Demand, DemandState, Settled
from tahseel.kernel import outbox

TAKEN = "deposits:deposit:taken"
BATCH_TAKEN = "deposits:batch:taken"
SETTLED = "deposits:deposits:settled"
REFUNDED = "deposits:deposit:refunded"
DEMANDED = "deposits:demand:opened"
DEMAND_ENDED = "deposits:demand:ended"
PROPOSED = "deposits:review:proposed"


def taken(*, account_id: UUID, deposit_id: UUID, kind: str, fils: int, at: datetime) -> None:
    facts = {"kind": kind, "amount_fils": fils}
    outbox.announce(name=TAKEN, subject=str(deposit_id), account_id=account_id, at=at, facts=facts)


def batch_taken(*, batch: str, count: int, fils: int, at: datetime) -> None:
    """One event for a whole batch."""
    facts = {"count": count, "amount_fils": fils}
    outbox.announce(name=BATCH_TAKEN, subject=batch, at=at, facts=facts)


def settled(*, account_id: UUID, customer_id: UUID, outcome: Settled, at: datetime) -> None:
    facts = {"customer_id": str(customer_id), **outcome.audit_facts()}
    outbox.announce(
        name=SETTLED, subject=str(account_id), account_id=account_id, at=at, facts=facts
    )


def refunded(*, account_id: UUID, deposit_id: UUID, fils: int, at: datetime) -> None:
    outbox.announce(
        name=REFUNDED, subject=str(deposit_id), account_id=account_id, at=at,
        facts={"amount_fils": fils},
    )  # fmt: skip


def proposed(*, reviewed_on: str, count: int, at: datetime) -> None:
    """One event a review."""
    facts = {"reviewed_on": reviewed_on, "count": count}
    outbox.announce(name=PROPOSED, subject=reviewed_on, at=at, facts=facts)


def demanded(found: Demand, *, at: datetime) -> None:
    facts = {
        "customer_id": str(found.customer_id),
        "amount_fils": found.amount.fils,
        "due_on": found.due_on.isoformat(),
    }
    outbox.announce(
        name=DEMANDED, subject=str(found.id), account_id=found.account_id, at=at, facts=facts
    )


def demand_ended(found: Demand, *, state: DemandState, at: datetime) -> None:
    """What was demanded is there, or is demanded no longer."""
    outbox.announce(
        name=DEMAND_ENDED, subject=str(found.id), account_id=found.account_id, at=at,
        facts={"state": str(state)},
    )  # fmt: skip
