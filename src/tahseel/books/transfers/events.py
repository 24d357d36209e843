"""What the slice announces: a debt that moved, and one that was given back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from tahseel.books.transfers.values import Transfer
from tahseel.kernel import outbox

MOVED = "transfers:debt:moved"
RETURNED = "transfers:debt:returned"


def announce(name: str, done: Transfer, *, customer_ids: Collection[UUID], at: datetime) -> None:
    """Facts: `customer_ids` of both debtors, the accounts, `amount_fils`, `reference`."""
    facts = {
        "customer_ids": sorted(str(one) for one in customer_ids),
        "from_account_id": str(done.from_account_id),
        "to_account_id": str(done.to_account_id),
        "amount_fils": done.amount.fils,
        "reference": done.reference,
    }
    outbox.announce(
        name=name, subject=str(done.id), account_id=done.from_account_id, at=at, facts=facts
    )
