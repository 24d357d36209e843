"""The words of collections: the strategy as data, and notices of debt with the claims they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.books.claims.values import Claim
from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money

ClaimKey = tuple[UUID, UUID]
"""(account id, claim id)"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the strategy: whom to tell what, how, and how long after the due date.

    threshold_fils: below this sum nothing is sent. Texts are templates over `amount` (dinars),
    `count` and `term_days`.
    """

    code: str
    customer_kinds: frozenset[str]
    days_after_due: int
    threshold_fils: int
    channel: str
    term_days: int
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str
    start: date


@dataclass(frozen=True, slots=True)
class Strategy:
    """Every step, in the order in which they are tried."""

    steps: tuple[Step, ...]

    def step_for(self, kind: str, day: date) -> Step | None:
        """The latest step in force on a day for a kind of customer, or None: no notice is sent."""
        found = [s for s in self.steps if kind in s.customer_kinds and s.start <= day]
        return max(found, key=lambda step: step.start) if found else None


@dataclass(frozen=True, slots=True)
class DebtNotice:
    """A notice of debt. `served_on` is the day of service that was proved, or None."""

    notice_id: UUID
    customer_id: UUID
    step: str
    issued_on: date
    served_on: date | None
    fils: int
    claims: frozenset[ClaimKey]


@dataclass(frozen=True, slots=True)
class Naming:
    """A notice and those of its claims that were asked about; `served_on` as in `DebtNotice`."""

    notice_id: UUID
    customer_id: UUID
    served_on: date | None
    claims: frozenset[ClaimKey]


@dataclass(frozen=True, slots=True)
class ServiceProof:
    """That a notice reached its person: when, and the carrier's evidence."""

    notice_id: UUID
    served_at: datetime
    evidence: dict[str, str]


@dataclass(frozen=True, slots=True)
class ServeReport:
    """What a run of notices did."""

    debtors: int
    notices: int
    fils: int
    notice_ids: tuple[UUID, ...]

    def audit_facts(self) -> dict[str, int]:
        return {"debtors": self.debtors, "notices": self.notices, "fils": self.fils}


class PlanState(StrEnum):
    """What became of an instalment plan."""

    RUNNING = "running"
    PAID = "paid"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewInstalment:
    """One instalment of a plan: how much is due on a day, and what of it had been paid."""

    due_on: date
    amount: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class NewPlan:
    """An instalment plan that was agreed elsewhere, with its instalments by their days.

    reference: what the debtor knows the agreement by.
    """

    id: UUID
    account_id: UUID
    customer_id: UUID
    reference: str
    agreed_on: date
    amount: Money
    instalments: tuple[NewInstalment, ...]

    def __post_init__(self) -> None:
        if sum(one.amount.fils for one in self.instalments) != self.amount.fils:
            raise ValueError("the instalments add up to the plan")


@dataclass(frozen=True, slots=True)
class Plan:
    """An instalment plan on record. `missed_on`: the first day that passed with its part unpaid."""

    id: UUID
    account_id: UUID
    customer_id: UUID
    reference: str
    agreed_on: date
    amount: Money
    paid: Money
    state: PlanState
    missed_on: date | None

    @property
    def left(self) -> Money:
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class TakenNotice:
    """A notice of debt that another system issued and served, with the claims that it names."""

    id: UUID
    customer_id: UUID
    reference: str
    channel: str
    issued_on: date
    served_on: date
    proof: Mapping[str, str]
    claims: tuple[Claim, ...]


HANGING = (Hanging("collections_notice", "customer_id"), Hanging("collections_plan", "customer_id"))
"""What moves with a customer when two records of one person are merged."""
