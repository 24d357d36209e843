"""Bodies with their figures, and agreements that hold for a body and everything under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import ZERO, Money
from tahseel.registry.customers.values import Body


class AgreementKind(StrEnum):
    """SUPPLY: how a body is supplied and billed. SETTLEMENT: how an old debt is paid."""

    SUPPLY = "supply"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """An agreement with a body; it holds for everything under the body that has none of its own."""

    id: UUID
    body_id: UUID
    kind: AgreementKind
    number: str
    subject_ar: str
    subject_en: str
    from_day: date
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement on record."""

    id: UUID
    body_id: UUID
    kind: AgreementKind
    number: str
    subject_ar: str
    subject_en: str
    from_day: date
    until_day: date | None
    annulled_because: str = ""

    @property
    def annulled(self) -> bool:
        """Set aside, as if it had never held."""
        return bool(self.annulled_because)

    def __contains__(self, day: date) -> bool:
        return (
            not self.annulled
            and self.from_day <= day
            and (self.until_day is None or day < self.until_day)
        )


@dataclass(frozen=True, slots=True)
class Collision:
    """Agreements of two records that cannot both be one body's, from a day on.

    ends: ending the earlier one before that day is enough; else one of them is set aside.
    """

    goes: Agreement
    stays: Agreement
    day: date

    @property
    def earlier(self) -> Agreement:
        return min(self.goes, self.stays, key=lambda one: one.from_day)

    @property
    def ends(self) -> bool:
        return self.goes.from_day != self.stays.from_day


@dataclass(frozen=True, slots=True)
class Figures:
    """How a body stood at the end of a day.

    accounts: those it was liable for. claims: open ones. owed, overdue: in fils, credit: money held
    on its accounts. oldest: the oldest due date that is overdue.
    """

    accounts: int = 0
    claims: int = 0
    owed: Money = ZERO
    overdue: Money = ZERO
    credit: Money = ZERO
    oldest: date | None = None

    @property
    def balance(self) -> Money:
        """What is owed less what is held."""
        return self.owed - self.credit

    def __add__(self, other: Figures) -> Figures:
        days = [day for day in (self.oldest, other.oldest) if day is not None]
        return Figures(
            self.accounts + other.accounts,
            self.claims + other.claims,
            self.owed + other.owed,
            self.overdue + other.overdue,
            self.credit + other.credit,
            min(days, default=None),
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A body in its tree: its own figures, and those of everything under it with its own.

    agreements: the ones in force for it, its own or the nearest one's above.
    """

    body: Body
    depth: int
    own: Figures
    whole: Figures
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account of a body at the end of a day."""

    account_id: UUID
    number: str
    address_ar: str
    address_en: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class AccountNode:
    """An account in the tree of a main account: its own figures, and those with all under it."""

    account_id: UUID
    number: str
    unit_id: UUID
    depth: int
    customer_id: UUID | None
    own: Figures
    whole: Figures


HANGING = (Hanging("government_agreement", "body_id"),)
"""What moves with a body when two records of it are merged."""
