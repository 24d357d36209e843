"""What the slice announces. No event carries a name or an identifier of a person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.channels.services.values import State
from tahseel.kernel import outbox

APPLIED = "services:application:applied"
MOVED = "services:application:moved"
ENERGISED = "services:application:energised"


def applied(*, application_id: UUID, service: str, customer_id: UUID, at: datetime) -> None:
    facts = {"service": service, "customer_ids": [str(customer_id)]}
    outbox.announce(name=APPLIED, subject=str(application_id), at=at, facts=facts)


def moved(*, application_id: UUID, service: str, state: State, at: datetime) -> None:
    """An application has come to another state."""
    facts = {"service": service, "state": str(state)}
    outbox.announce(name=MOVED, subject=str(application_id), at=at, facts=facts)


def energised(*, application_id: UUID, account_id: UUID, at: datetime) -> None:
    """A place has supply: its account is open and its meters hang."""
    outbox.announce(
        name=ENERGISED,
        subject=str(application_id),
        at=at,
        account_id=account_id,
        facts={"account_id": str(account_id)},
    )
