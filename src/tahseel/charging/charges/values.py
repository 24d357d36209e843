"""Kinds of charges and credits, and what became of each one on an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.states import StateMachine

POST = "charges.post"
REVERSE = "charges.reverse"
PAY_OVER = "charges.pay_over"
CLAIM = "charge"


class Sign(StrEnum):
    """A charge is owed by the customer, a credit is given to him. Amounts are never negative."""

    CHARGE = "charge"
    CREDIT = "credit"


class When(StrEnum):
    """On the account's next bill, or at once as a claim or credit of its own."""

    NEXT_BILL = "next_bill"
    AT_ONCE = "at_once"


class Beyond(StrEnum):
    """What happens to more credit than is owed: refused, or kept to the account's credit."""

    REFUSE = "refuse"
    CREDIT = "credit"


class ChargeState(StrEnum):
    """WAITING: agreed to, for the next bill. POSTED: in the books. REVERSED: taken back."""

    WAITING = "waiting"
    POSTED = "posted"
    REVERSED = "reversed"


LIFE: StateMachine[ChargeState] = StateMachine(
    name="charge",
    initial=ChargeState.WAITING,
    moves={
        ChargeState.WAITING: frozenset({ChargeState.POSTED, ChargeState.REVERSED}),
        ChargeState.POSTED: frozenset({ChargeState.REVERSED}),
        ChargeState.REVERSED: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class ChargeKind:
    """One record of the country's catalogue. least == most: the amount is fixed.

    ledger: the account that stands against the receivable; party: for whom it is collected; tier:
    the least tier of approval; cause: what names the reason, so that none is charged twice.
    """

    code: str
    sign: Sign
    name_ar: str
    name_en: str
    cause_ar: str
    cause_en: str
    when: When
    beyond: Beyond
    least: Money
    most: Money
    ledger: str
    party: str
    by_hand: bool
    asks: tuple[str, ...]
    tier: int
    source: str
    confidence: str

    @property
    def fixed(self) -> bool:
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class ApprovalTier:
    """From which value on who agrees."""

    start: Money
    approves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeakRule:
    """share_percent: of what was used beyond the usual; usual_months: looked at.

    least_months: must be known; months_max: of one account within period_months.
    """

    share_percent: int
    usual_months: int
    least_months: int
    months_max: int
    period_months: int


@dataclass(frozen=True, slots=True)
class Raised:
    """A kind that is asked for by itself when another slice announces that its cause is there.

    asked_within_days: how long before the customer may have asked for what is charged.
    """

    event: str
    kind: str
    asked_within_days: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The country's kinds by code, the tiers of approval, the terms of days, what is raised."""

    kinds: Mapping[str, ChargeKind]
    tiers: Sequence[ApprovalTier]
    due_days: int
    wait_days_max: int
    leak: LeakRule
    raised: tuple[Raised, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge or credit that two people agreed on. bill_id: the bill that carried it.

    met: of a credit, what lowered claims; the rest stands to the account's credit.
    """

    account_id: UUID
    id: UUID
    reference: str
    kind: str
    sign: Sign
    cause: str
    amount: Money
    evidence: str
    customer_id: UUID
    state: ChargeState
    asked_by: str
    agreed_by: str
    agreed_at: datetime
    posted_on: date | None = None
    due_on: date | None = None
    bill_id: UUID | None = None
    met: Money | None = None
    reversed_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A charge collected for somebody else: what was met of it, and what the party has got.

    unpaid: below zero where money came back after it was paid over.
    """

    charge: Charge
    collected: Money
    paid_over: Money

    @property
    def unpaid(self) -> Money:
        return self.collected - self.paid_over


@dataclass(frozen=True, slots=True)
class PaidOver:
    """One transfer to a party."""

    id: UUID
    party: str
    amount: Money
    charges: int
    reference: str
    paid_on: date


@dataclass(frozen=True, slots=True)
class Carrier:
    """A bill that is being issued: it takes along what waits for its customer on its account."""

    account_id: UUID
    bill_id: UUID
    customer_id: UUID
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A charge, or a reversal of one, that waits for the second person."""

    approval_id: UUID
    account_id: UUID
    kind: str
    cause: str
    amount: Money
    reverses: UUID | None
    asked_at: datetime
    asked_by: str


HANGING = (Hanging("charges_charge", "customer_id", key=("account_id", "id")),)
"""What moves with a customer when two records of one person are merged."""
