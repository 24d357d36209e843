"""What the slice announces. No event carries a name or an identifier of a person."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.registry.customers.values import (
    ContactKind,
    CustomerKind,
    DocumentKind,
    Evidence,
)

REGISTERED = "customers:customer:registered"
BATCH_REGISTERED = "customers:batch:registered"
VERIFIED = "customers:customer:verified"
DOUBTED = "customers:customer:doubted"
DIED = "customers:customer:died"
DEATH_REVOKED = "customers:customer:death_revoked"
DEPARTED = "customers:customer:departed"
RETURNED = "customers:customer:returned"
NAME_CORRECTED = "customers:customer:name_corrected"
CIVIL_ID_CORRECTED = "customers:customer:civil_id_corrected"
DOCUMENTED = "customers:customer:documented"
MERGED = "customers:customer:merged"
UNMERGED = "customers:customer:unmerged"
PROTECTED = "customers:customer:protected"
CONTACT_VERIFIED = "customers:contact:verified"


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


def death_revoked(*, customer_id: UUID, at: datetime) -> None:
    outbox.announce(name=DEATH_REVOKED, subject=str(customer_id), at=at)


def departed(*, customer_id: UUID, departed_on: date, at: datetime) -> None:
    facts = {"departed_on": departed_on.isoformat()}
    outbox.announce(name=DEPARTED, subject=str(customer_id), at=at, facts=facts)


def returned(*, customer_id: UUID, returned_on: date, at: datetime) -> None:
    facts = {"returned_on": returned_on.isoformat()}
    outbox.announce(name=RETURNED, subject=str(customer_id), at=at, facts=facts)


def name_corrected(*, customer_id: UUID, effective_on: date, at: datetime) -> None:
    facts = {"effective_on": effective_on.isoformat()}
    outbox.announce(name=NAME_CORRECTED, subject=str(customer_id), at=at, facts=facts)


def civil_id_corrected(*, customer_id: UUID, effective_on: date, at: datetime) -> None:
    """The number itself is read from the register; whoever keys by it asks for the former ones."""
    facts = {"effective_on": effective_on.isoformat()}
    outbox.announce(name=CIVIL_ID_CORRECTED, subject=str(customer_id), at=at, facts=facts)


def documented(*, customer_id: UUID, kind: DocumentKind, at: datetime) -> None:
    facts = {"kind": str(kind)}
    outbox.announce(name=DOCUMENTED, subject=str(customer_id), at=at, facts=facts)


def merged(*, merged_id: UUID, into_id: UUID, at: datetime) -> None:
    """`customer_ids` in the facts of both events names the two of them."""
    facts = {"into": str(into_id), "customer_ids": [str(merged_id), str(into_id)]}
    outbox.announce(name=MERGED, subject=str(merged_id), at=at, facts=facts)


def unmerged(*, merged_id: UUID, from_id: UUID, at: datetime) -> None:
    facts = {"from": str(from_id), "customer_ids": [str(merged_id), str(from_id)]}
    outbox.announce(name=UNMERGED, subject=str(merged_id), at=at, facts=facts)


def protected(*, customer_id: UUID, at: datetime) -> None:
    """A protection began, or ended before its day; which and why is read from the register."""
    outbox.announce(name=PROTECTED, subject=str(customer_id), at=at)


def contact_verified(*, customer_id: UUID, kind: ContactKind, at: datetime) -> None:
    facts = {"kind": str(kind)}
    outbox.announce(name=CONTACT_VERIFIED, subject=str(customer_id), at=at, facts=facts)
