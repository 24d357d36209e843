"""What services listen to: a fee that was paid takes its application on to the inspection.

What comes after an application has ended is owed back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tahseel.books.payments import events as payments_events
from tahseel.channels.services import queries
from tahseel.channels.services.operations import confirm_paid, owe_late
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.outbox import Event

NAME = "services"
ACTOR = system("services")
BATCH_MAX = 2_000


def step(*, at: datetime) -> bool:
    """Take the events that follow the cursor; True when there may be more."""
    with transaction.atomic():
        batch = outbox.events_after(outbox.cursor_of(NAME), limit=BATCH_MAX)
        if not batch:
            return False
        accounts = paid_accounts(batch)
        for application_id in queries.awaiting_payment(account_ids=accounts) if accounts else []:
            confirm_paid(actor=ACTOR, at=at, application_id=application_id)
        for application_id in queries.ended_unsupplied(account_ids=accounts) if accounts else []:
            owe_late(actor=ACTOR, at=at, application_id=application_id)
        outbox.move_cursor(consumer=NAME, sequence=batch[-1].sequence, at=at)
    return len(batch) == BATCH_MAX


def paid_accounts(batch: Iterable[Event]) -> set[UUID]:
    """The accounts to which a batch posted a payment."""
    return {
        UUID(event.facts["account_id"])
        for event in batch
        if event.name == payments_events.PAYMENT_POSTED
    }
