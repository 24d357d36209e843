"""What an old system billed for a month beside what we would bill, and why the two differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service


class DifferenceCause(StrEnum):
    """Why a line of the old system is not ours, in the order in which they are taken off."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    OTHER_CHARGES = "other_charges"
    DAYS = "days"
    READ_KIND = "read_kind"
    QUANTITY = "quantity"
    PRICE = "price"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class OldLine:
    """What the old system billed an account for a service, or beside any.

    account: the old system's word for it; account_id: ours, or None; near: how far a quantity of
    ours (base units) may be from the told one and be the same; rounding: so many fils a line are a
    matter of rounding. reading: "actual", "estimated", or "" where it does not say.
    """

    line: int
    account: str
    account_id: UUID | None
    service: Service | None
    amount: Money
    period: Period | None = None
    quantity: int = 0
    near: int = 0
    reading: str = ""
    rounding: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One service of one account as one of the two systems bills it."""

    amount: Money
    period: Period | None
    quantity: int
    reading: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; days half-open."""
        return {
            "amount_fils": self.amount.fils,
            "from": self.period.start.isoformat() if self.period else None,
            "until": self.period.end.isoformat() if self.period else None,
            "quantity": self.quantity,
            "reading": self.reading,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One service of one account that the two do not bill alike, and what each cause comes to.

    parts add up to ours less theirs. why: of a bill that we do not have, the reason.
    """

    account: str
    account_id: UUID | None
    service: str
    ours: Side | None
    theirs: Side | None
    parts: Mapping[DifferenceCause, int]
    line: int = 0
    why: str = ""

    @property
    def fils(self) -> int:
        """Ours less theirs."""
        ours = self.ours.amount.fils if self.ours else 0
        return ours - (self.theirs.amount.fils if self.theirs else 0)

    def as_dict(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "service": self.service,
            "line": self.line,
            "ours": self.ours.as_dict() if self.ours else None,
            "theirs": self.theirs.as_dict() if self.theirs else None,
            "difference_fils": self.fils,
            "causes": {str(cause): fils for cause, fils in self.parts.items()},
            "why": self.why,
        }


@dataclass(slots=True)
class Comparison:
    """A month in both systems. held: accounts whose bill a check would hold back here."""

    month: BillingMonth
    system: str
    equal: int = 0
    equal_fils: int = 0
    ours_fils: int = 0
    theirs_fils: int = 0
    held: int = 0
    differences: list[Difference] = field(default_factory=list)

    def causes(self) -> dict[DifferenceCause, tuple[int, int]]:
        """How many differences have each cause, and what it comes to in fils."""
        count = Counter(cause for one in self.differences for cause in one.parts)
        fils: Counter[DifferenceCause] = Counter()
        for one in self.differences:
            fils.update(one.parts)
        return {cause: (count[cause], fils[cause]) for cause in DifferenceCause if count[cause]}

    @property
    def reconciled(self) -> bool:
        """What the causes come to is the difference of both sums, to the fils."""
        told = sum(fils for _, fils in self.causes().values())
        return told == self.ours_fils - self.theirs_fils

    def as_dict(self, *, limit: int | None = None) -> dict[str, Any]:
        """As JSON values, with the first differences or all of them."""
        return {
            "month": str(self.month),
            "system": self.system,
            "equal": self.equal,
            "differing": len(self.differences),
            "held_here": self.held,
            "ours_fils": self.ours_fils,
            "theirs_fils": self.theirs_fils,
            "difference_fils": self.ours_fils - self.theirs_fils,
            "reconciled": self.reconciled,
            "causes": [
                {"cause": str(cause), "bills": count, "fils": fils}
                for cause, (count, fils) in self.causes().items()
            ],
            "differences": [one.as_dict() for one in self._largest()[:limit]],
        }

    def _largest(self) -> Sequence[Difference]:
        return sorted(self.differences, key=lambda one: (-abs(one.fils), one.account, one.service))
