"""A debt that moved from one account to another, claim by claim, and the country's terms for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.money import Money

MOVE = "transfers.move"
RETURN = "transfers.return"
KIND = "assumed"
"""The kind of a claim that stems from another one, and the source of the entries."""
ASSUMED = "assumed"
"""The account of the chart over which a debt passes; empty but for a transfer's own instant."""


@dataclass(frozen=True, slots=True)
class Terms:
    """due_days: of the new claims, from the day of the transfer; large: from here on a manager."""

    due_days: int
    large: Money


@dataclass(frozen=True, slots=True)
class Part:
    """What one claim lost, and the claim that stands for it now. Kind and due day are the old."""

    account_id: UUID
    claim_id: UUID
    reference: str
    kind: str
    due_date: date
    amount: Money
    new_claim_id: UUID
    new_reference: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A debt that moved. returned_at: taken back, exactly."""

    id: UUID
    reference: str
    assumption_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    amount: Money
    moved_on: date
    recorded_at: datetime
    asked_by: str
    agreed_by: str
    parts: tuple[Part, ...]
    returned_at: datetime | None = None
    returned_by: str = ""
    reason: str = ""

    @property
    def stands(self) -> bool:
        return self.returned_at is None

    def audit_facts(self) -> dict[str, object]:
        return {
            "transfer": self.id,
            "reference": self.reference,
            "from_account": self.from_account_id,
            "to_account": self.to_account_id,
            "amount_fils": self.amount.fils,
            "claims": [part.claim_id for part in self.parts],
            "new_claims": [part.new_claim_id for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody asked for and nobody has decided; a return names its transfer."""

    approval_id: UUID
    assumption_id: UUID
    transfer_id: UUID | None
    amount: Money
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Leaving:
    """Claims that are about to leave an account: what a guard is asked about."""

    account_id: UUID
    customer_id: UUID
    parts: Mapping[UUID, Money]
