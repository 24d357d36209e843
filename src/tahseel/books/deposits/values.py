"""The words of deposits: what is held of whom, what is wanted, and what a review proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.states import StateMachine
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply.values import Capacity

DEPOSIT = "deposit"
REFUND = "refund"
PAY_REFUND = "deposits.pay_refund"
"""The operation that needs two people."""


class DepositKind(StrEnum):
    """CASH is money, and a liability of ours. GUARANTEE is a bank's promise that ends one day."""

    CASH = "cash"
    GUARANTEE = "guarantee"


class DepositState(StrEnum):
    """What became of a deposit.

    SETTLED: used up by its owner's debts. REFUND_DUE: something is owed back. RELEASED and CALLED
    are a guarantee's: given back, or demanded from the bank.
    """

    HELD = "held"
    SETTLED = "settled"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    RELEASED = "released"
    CALLED = "called"


DEPOSIT_LIFE: StateMachine[DepositState] = StateMachine(
    name="deposit",
    initial=DepositState.HELD,
    moves={
        DepositState.HELD: frozenset(
            {
                DepositState.SETTLED,
                DepositState.REFUND_DUE,
                DepositState.RELEASED,
                DepositState.CALLED,
            }
        ),
        DepositState.REFUND_DUE: frozenset({DepositState.REFUNDED}),
        DepositState.SETTLED: frozenset(),
        DepositState.REFUNDED: frozenset(),
        DepositState.RELEASED: frozenset(),
        DepositState.CALLED: frozenset(),
    },
)


class ProposalKind(StrEnum):
    """RAISE: more is wanted. RETURN: too much is held. RENEW: a guarantee ends soon."""

    RAISE = "raise"
    RETURN = "return"
    RENEW = "renew"


class ProposalState(StrEnum):
    """OVERTAKEN: a later review, or a move-out, has made it pointless."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"


PROPOSAL_LIFE: StateMachine[ProposalState] = StateMachine(
    name="deposit proposal",
    initial=ProposalState.OPEN,
    moves={
        ProposalState.OPEN: frozenset(set(ProposalState) - {ProposalState.OPEN}),
        ProposalState.ACCEPTED: frozenset(),
        ProposalState.REFUSED: frozenset(),
        ProposalState.OVERTAKEN: frozenset(),
    },
)


class DemandState(StrEnum):
    """MET: what is held came to it. OVERTAKEN: a later demand, or a move-out, came instead."""

    OPEN = "open"
    MET = "met"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


DEMAND_LIFE: StateMachine[DemandState] = StateMachine(
    name="deposit demand",
    initial=DemandState.OPEN,
    moves={
        DemandState.OPEN: frozenset(set(DemandState) - {DemandState.OPEN}),
        DemandState.MET: frozenset(),
        DemandState.WITHDRAWN: frozenset(),
        DemandState.OVERTAKEN: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class DepositRate:
    """What the country asks for at move-in; an empty set means every kind."""

    capacities: frozenset[Capacity]
    units: frozenset[UnitKind]
    customers: frozenset[CustomerKind]
    amount: Money
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DemandLetter:
    """What is written when a deposit is too little, and how many days there are.

    The texts name account, amount, wanted and day in braces.
    """

    days: int
    channel: str
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str


@dataclass(frozen=True, slots=True)
class DepositPolicy:
    """Rates in their order, and how deposits are reviewed.

    A deposit should cover `months` of the use of the last `window_months`. A proposal is made
    when that is more than `tolerance_percent` away from what is held. iban: the country's letters
    and the length of its numbers. refund_large: from which sum on a refund is for higher approval.
    """

    rates: tuple[DepositRate, ...]
    months: int
    window_months: int
    months_known_min: int
    tolerance_percent: int
    step: Money
    renew_days: int
    iban: tuple[str, int]
    refund_large: Money
    demand: DemandLetter


@dataclass(frozen=True, slots=True)
class NewDeposit:
    """A deposit to be recorded. `tender` is how money came; a guarantee has the other three."""

    account_id: UUID
    id: UUID
    customer_id: UUID | None
    kind: DepositKind
    amount: Money
    taken_on: date
    tender: str = ""
    issuer: str = ""
    reference: str = ""
    expires_on: date | None = None

    def covers(self, day: date) -> bool:
        """It is money, or a guarantee that has not expired."""
        return self.expires_on is None or day < self.expires_on


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit as it stands. In the end it was netted, owed back, or carried into another.

    waits_since: its netting waits for a bill of its owner that is held back.
    """

    account_id: UUID
    id: UUID
    customer_id: UUID | None
    kind: DepositKind
    amount: Money
    taken_on: date
    tender: str
    issuer: str
    reference: str
    expires_on: date | None
    state: DepositState
    netted: Money
    refund: Money
    carried: Money
    ended_on: date | None
    refunded_on: date | None
    waits_since: datetime | None = None

    def covers(self, day: date) -> bool:
        """It is held, and a guarantee has not expired."""
        alive = self.expires_on is None or day < self.expires_on
        return self.state is DepositState.HELD and self.taken_on <= day and alive


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement did: met debts, money owed back, debts left, guarantees called."""

    netted: Money = ZERO
    refund: Money = ZERO
    left: Money = ZERO
    called: Money = ZERO
    released: Money = ZERO

    def audit_facts(self) -> dict[str, int]:
        return {
            "netted_fils": self.netted.fils,
            "refund_fils": self.refund.fils,
            "left_fils": self.left.fils,
            "called_fils": self.called.fils,
            "released_fils": self.released.fils,
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a review found for one account."""

    account_id: UUID
    id: UUID
    customer_id: UUID
    kind: ProposalKind
    reviewed_on: date
    held: Money
    wanted: Money
    monthly: Money
    months: int
    state: ProposalState = ProposalState.OPEN
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for on an account. wanted: what the deposit must come to; amount: what was
    missing when it was asked for.
    """

    account_id: UUID
    id: UUID
    customer_id: UUID
    kind: ProposalKind
    wanted: Money
    amount: Money
    demanded_on: date
    due_on: date
    notice_id: UUID
    state: DemandState = DemandState.OPEN
    ended_on: date | None = None
    reason: str = ""


HANGING = (
    Hanging("deposits_deposit", "customer_id", key=("account_id", "id")),
    Hanging("deposits_proposal", "customer_id", key=("account_id", "id")),
    Hanging("deposits_demand", "customer_id", key=("account_id", "id")),
)
"""What moves with a customer when two records of one person are merged."""
