"""What billing listens to: quantities that were determined otherwise after they were billed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tahseel.charging.billing import operations
from tahseel.consumption.readings.events import DETERMINANT_CORRECTED
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.period import BillingMonth

NAME = "billing"
ACTOR = system("bill-corrections")
BATCH_MAX = 200


def step(*, at: datetime) -> bool:
    """Take the corrections that follow the cursor, past all other events; True: maybe more."""
    with transaction.atomic():
        cursor, head = outbox.cursor_of(NAME), outbox.last_sequence()
        if head == cursor:
            return False
        batch = outbox.events_after(cursor, limit=BATCH_MAX, name=DETERMINANT_CORRECTED)
        for event in batch:
            if event.account_id is not None:
                operations.take_correction(
                    actor=ACTOR,
                    at=at,
                    account_id=event.account_id,
                    month=BillingMonth.parse(event.facts["month"]),
                    meter_id=UUID(event.facts["meter_id"]),
                    quantity=int(event.facts["quantity"]),
                )
        more = len(batch) == BATCH_MAX
        last = batch[-1].sequence if batch else head
        outbox.move_cursor(consumer=NAME, sequence=last if more else max(head, last), at=at)
    return more
