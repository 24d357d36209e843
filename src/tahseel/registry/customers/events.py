"""What the slice announces. No event carries a name or an identifier of a person."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.registry.customers.values import CustomerKind, Evidence

REGISTERED = "customers:customer:registered"
BATCH_REGISTERED = "customers:batch:registered"
VERIFIED = "customers:customer:verified"
DOUBTED = "customers:customer:doubted"
DIED = "customers:customer:died"


def registered(*, customer_id: UUID, kind: CustomerKind, at: datetime) -> None:
    outbox.announce(name=REGISTERED, subject=str(customer_id), at=at, facts={"kind": str(kind)})


def batch_registered(*, batch: str, count: int, digest: str, at: datetime) -> None:
    """One event for a whole batch; `digest` is the SHA-256 of its rows in hexadecimal."""
    facts = {"count": count, "digest": digest}
    outbox.announce(name=BATCH_REGISTERED, subject=batch, at=at, facts=facts)


def verified(*, customer_id: UUID, evidence: Evidence, at: datetime) -> None:
    facts = {"evidence": str(evidence)}
    outbox.announce(name=VERIFIED, subject=str(customer_id), at=at, facts=facts)


def doubted(*, customer_id: UUID, at: datetime) -> None:
    outbox.announce(name=DOUBTED, subject=str(customer_id), at=at)


def died(*, customer_id: UUID, died_on: date, at: datetime) -> None:
    facts = {"died_on": died_on.isoformat()}
    outbox.announce(name=DIED, subject=str(customer_id), at=at, facts=facts)
