"""Papers by which a debt moves from one customer to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.kernel.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class AssumptionView:
    """A standing agreement that a debt moves, up to a sum; the ledger moves it.

    moved_by: the transfer that moved it; moved: how much that was.
    """

    id: UUID
    from_account_id: UUID
    from_customer_id: UUID
    to_account_id: UUID
    to_customer_id: UUID
    amount: Money
    document: str
    signed_on: date
    moved_by: UUID | None = None
    moved: Money = ZERO

    @property
    def in_force(self) -> bool:
        """It still allows a transfer."""
        return self.moved_by is None
