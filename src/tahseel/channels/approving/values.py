"""What the work-list shows of an approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tahseel.charging.billing.values import Bill
from tahseel.kernel.money import Money
from tahseel.trust.approvals.values import ApprovalState, ApprovalView, Proposal


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff by name in both languages."""

    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Row:
    """An approval as somebody sees it. lapsed: nobody decided in time, and no job said so yet."""

    view: ApprovalView
    proposal: Proposal
    maker: Person
    checker: Person | None
    own: bool
    may_decide: bool
    lapsed: bool

    @property
    def open(self) -> bool:
        return self.view.state is ApprovalState.PENDING and not self.lapsed

    @property
    def state(self) -> str:
        return ApprovalState.EXPIRED if self.lapsed else self.view.state

    @property
    def decided_at(self) -> datetime | None:
        return self.view.decided_at


@dataclass(frozen=True, slots=True)
class Touched:
    """Bills that charge for the days of a change, the oldest first, with their accounts' numbers.

    count and total are of all of them, the rows of the first.
    """

    rows: tuple[tuple[str, Bill], ...]
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class Worklist:
    """yours: to decide now; others: waiting for somebody else; decided: the last answers."""

    yours: tuple[Row, ...]
    others: tuple[Row, ...]
    decided: tuple[Row, ...]
