"""What exceptions listen to: what accounts paid, so that a quantity can be weighed in money.

Billing stands above this slice, so its event is known here by name only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tahseel.consumption.exceptions import operations
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.outbox import Event
from tahseel.kernel.period import BillingMonth

NAME = "exceptions"
PRICES_AVERAGED = "billing:prices:averaged"
ACTOR = system("exceptions")
BATCH_MAX = 200


def step(*, at: datetime) -> bool:
    """Take the prices that follow the cursor, past all other events; True: there may be more."""
    with transaction.atomic():
        cursor, head = outbox.cursor_of(NAME), outbox.last_sequence()
        if head == cursor:
            return False
        batch = outbox.events_after(cursor, limit=BATCH_MAX, name=PRICES_AVERAGED)
        prices = told(batch)
        if prices:
            operations.take_prices(actor=ACTOR, at=at, prices=prices)
        more = len(batch) == BATCH_MAX
        last = batch[-1].sequence if batch else head
        reached = last if more else max(head, last)
        outbox.move_cursor(consumer=NAME, sequence=reached, at=at)
    return more


def told(batch: Sequence[Event]) -> list[tuple[str, str, int, int, int]]:
    """Account, service, month, quantity and fils of every price in a batch, the last one each."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    rows = (
        (BillingMonth.parse(event.facts["month"]).ordinal, *row)
        for event in batch
        for row in event.facts["prices"]
    )
    for month, account, service, quantity, fils in rows:
        before = found.get((account, service))
        if before is None or before[0] <= month:
            found[account, service] = month, quantity, fils
    return [(*key, *value) for key, value in found.items()]
