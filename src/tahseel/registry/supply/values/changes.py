"""That somebody else pays from a day on, as those are told who have acted on what stood before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Part(StrEnum):
    """What changed hands: who is liable, who pays what another owes, or that he who is has died."""

    LIABLE = "liable"
    PAYER = "payer"
    ESTATE = "estate"


@dataclass(frozen=True, slots=True)
class PayerChange:
    """From a day on (up to another, None: until further notice) this customer has the part.

    customer_id: None when nobody has it any more.
    """

    account_id: UUID
    part: Part
    customer_id: UUID | None
    from_day: date
    until_day: date | None = None
