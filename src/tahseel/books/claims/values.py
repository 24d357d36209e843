"""Claims, the payments that meet them, and the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money

BILL = "bill"
CREDIT_USED = "credit"
"""The source of entries by which an account's credit meets its claims."""


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to be opened. A bill's claim carries the bill's id and number.

    customer_id: who is liable on the day it is opened.
    """

    account_id: UUID
    id: UUID
    reference: str
    kind: str
    opened_on: date
    due_date: date
    amount: Money
    customer_id: UUID

    def __post_init__(self) -> None:
        if self.amount.fils <= 0:
            raise ValueError(f"a claim's amount is above zero, not {self.amount.fils} fils")
        if self.due_date < self.opened_on:
            raise ValueError("a claim is not due before it is opened")


@dataclass(frozen=True, slots=True)
class Claim:
    """An open item. `open` is what is still owed of it, `disputed` the contested part of that."""

    account_id: UUID
    id: UUID
    reference: str
    kind: str
    opened_on: date
    due_date: date
    amount: Money
    open: Money
    disputed: Money
    closed_at: datetime | None
    customer_id: UUID

    @property
    def payable(self) -> Money:
        """What a payment may close: open and not disputed."""
        return self.open - self.disputed

    def is_overdue(self, as_of: date) -> bool:
        """True from the day after the due date on, while something undisputed is open."""
        return self.due_date < as_of and self.payable.fils > 0


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """Money of one payment for one account; `quoted` claims come first, in the order given.

    at: its own instant, for histories that are taken on in bulk.
    """

    account_id: UUID
    payment_id: UUID
    amount: Money
    quoted: tuple[UUID, ...] = ()
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.amount.fils <= 0:
            raise ValueError(f"a payment's amount is above zero, not {self.amount.fils} fils")


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment paid of one claim; `closed` when nothing of the claim stayed open."""

    claim_id: UUID
    reference: str
    amount: Money
    closed: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of a payment on one account. `fresh` is False when it had been applied before."""

    account_id: UUID
    payment_id: UUID
    allocations: tuple[Allocation, ...]
    unapplied: Money
    fresh: bool

    @property
    def applied(self) -> Money:
        return Money(sum(part.amount.fils for part in self.allocations))

    def audit_facts(self) -> dict[str, object]:
        return {
            "account_id": self.account_id,
            "applied_fils": self.applied.fils,
            "unapplied_fils": self.unapplied.fils,
            "claims": [part.claim_id for part in self.allocations],
            "fresh": self.fresh,
        }


@dataclass(frozen=True, slots=True)
class Reopened:
    """What undoing a payment gave back: claims that are owed again, and money not applied."""

    account_id: UUID
    payment_id: UUID
    claims: tuple[UUID, ...]
    amount: Money
    unapplied: Money

    def audit_facts(self) -> dict[str, object]:
        return {
            "account_id": self.account_id,
            "claims": list(self.claims),
            "reopened_fils": self.amount.fils,
            "unapplied_fils": self.unapplied.fils,
        }


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer with overdue claims: how much, how many, since when."""

    customer_id: UUID
    overdue: Money
    claims: int
    oldest_due: date


@dataclass(frozen=True, slots=True)
class ClaimsFault:
    """An invariant that does not hold: which one, on which account."""

    invariant: str
    account_id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class ClaimsCheck:
    """The verdict of a recomputation of the claims from allocations and balances."""

    claims: int
    open: Money
    faults: tuple[ClaimsFault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Owed:
    """What one customer owed on one account when a day ended."""

    customer_id: UUID
    account_id: UUID
    claims: int
    owed: Money
    overdue: Money
    oldest: date | None


class CreditOrder(StrEnum):
    """Which of a customer's claims his credit meets first."""

    OLDEST_DUE = "oldest_due"
    OLDEST_OPENED = "oldest_opened"


@dataclass(frozen=True, slots=True)
class CreditPolicy:
    """How credit meets claims. at_once: when a claim opens, else in the night; left_alone: kinds of
    claims that it never meets.
    """

    order: CreditOrder = CreditOrder.OLDEST_DUE
    at_once: bool = True
    left_alone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CreditUse:
    """Credit that met claims: the application's id, its entry, how much."""

    use_id: UUID
    entry_id: UUID
    amount: Money


HANGING = (
    Hanging("claims_claim", "customer_id", key=("account_id", "id")),
    Hanging("claims_credit", "customer_id", key=("account_id", "id")),
)
"""What moves with a customer when two records of one person are merged."""
