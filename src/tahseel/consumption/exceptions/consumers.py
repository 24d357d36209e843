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
BATCH_MAX = 2_000


def step(*, at: datetime) -> bool:
    """Take the events that follow the cursor; True when there may be more."""
    with transaction.atomic():
        batch = outbox.events_after(outbox.cursor_of(NAME), limit=BATCH_MAX)
        if not batch:
            return False
        prices = told(batch)
        if prices:
            operations.take_prices(actor=ACTOR, at=at, prices=prices)
        outbox.move_cursor(consumer=NAME, sequence=batch[-1].sequence, at=at)
    return len(batch) == BATCH_MAX


def told(batch: Sequence[Event]) -> list[tuple[str, str, int, int, int]]:
    """Account, service, month, quantity and fils of every price in a batch, the last one each."""
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    rows = (
        (BillingMonth.parse(event.facts["month"]).ordinal, *row)
        for event in batch
        if event.name == PRICES_AVERAGED
        for row in event.facts["prices"]
    )
    for month, account, service, quantity, fils in rows:
        before = found.get((account, service))
        if before is None or before[0] <= month:
            found[account, service] = month, quantity, fils
    return [(*key, *value) for key, value in found.items()]
