"""Papers by which a debt moves from one customer to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.kernel.money import Money


@dataclass(frozen=True, slots=True)
class AssumptionView:
    """A standing agreement that a debt moves, up to a sum; the ledger moves it."""

    id: UUID
    from_account_id: UUID
    from_customer_id: UUID
    to_account_id: UUID
    to_customer_id: UUID
    amount: Money
    document: str
    signed_on: date
