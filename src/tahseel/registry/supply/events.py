"""What the slice announces."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.registry.supply.models import Stop

BATCH_OPENED = "supply:batch:opened"
OPENED = "supply:account:opened"
CLOSED = "supply:account:closed"
PAYER_CHANGED = "supply:payer:changed"
ASSUMPTION_SIGNED = "supply:assumption:signed"
STOP_ORDERED = "supply:stop:ordered"
STOP_IN_FORCE = "supply:stop:in_force"
STOP_ENDED = "supply:stop:ended"


def batch_opened(*, batch: str, count: int, digest: str, at: datetime) -> None:
    """One event for a whole batch; `digest` is the SHA-256 of its rows in hexadecimal."""
    facts = {"count": count, "digest": digest}
    outbox.announce(name=BATCH_OPENED, subject=batch, at=at, facts=facts)


def opened(*, account_id: UUID, number: str, opened_on: date, at: datetime) -> None:
    facts = {"number": number, "opened_on": opened_on.isoformat()}
    outbox.announce(name=OPENED, subject=str(account_id), account_id=account_id, at=at, facts=facts)


def closed(*, account_id: UUID, closed_on: date, at: datetime) -> None:
    facts = {"closed_on": closed_on.isoformat()}
    outbox.announce(name=CLOSED, subject=str(account_id), account_id=account_id, at=at, facts=facts)


def payer_changed(
    *, account_id: UUID, customer_id: UUID | None, from_day: date, at: datetime
) -> None:
    """`customer_id` is null when the account falls vacant."""
    facts = {
        "customer_id": str(customer_id) if customer_id else None,
        "from_day": from_day.isoformat(),
    }
    outbox.announce(
        name=PAYER_CHANGED, subject=str(account_id), account_id=account_id, at=at, facts=facts
    )


def stop_changed(name: str, *, account_id: UUID | None, stop: Stop, at: datetime) -> None:
    """A reason for which a service is off was opened, came into force, or ended."""
    facts = {
        "unit_id": str(stop.unit_id),
        "service": stop.service,
        "reason": stop.reason,
        "state": stop.state,
    }
    outbox.announce(name=name, subject=str(stop.id), account_id=account_id, at=at, facts=facts)


def assumption_signed(*, assumption_id: UUID, account_id: UUID, fils: int, at: datetime) -> None:
    """Somebody has signed to take over a debt of the account."""
    facts = {"amount_fils": fils}
    outbox.announce(
        name=ASSUMPTION_SIGNED,
        subject=str(assumption_id),
        account_id=account_id,
        at=at,
        facts=facts,
    )
