"""What is looked at before a bill goes out, and bills held back until a person has seen them.

A check compares what an account used with what the same customer used there before: the median of
his last months, and the same month of last year, each brought to the days of the bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine

RELEASE = "billing.release_held"


class Check(StrEnum):
    """Why a bill is held back, the gravest first: a run counts a bill under its first one."""

    NEGATIVE = "negative"
    UNIT_SUSPECT = "unit_suspect"
    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"
    LONG_ESTIMATE = "long_estimate"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One check as it stands for one sector.

    percent: of what was usual (too high, too low), how far from a factor (unit suspect), or the
    estimated share from which on a month counts (long estimate). least: a difference below which
    nobody is asked. months: estimates in a row, this month's among them.
    """

    on: bool
    percent: int
    least: Money
    months: int


@dataclass(frozen=True, slots=True)
class HoldingPolicy:
    """The country's checks. A sector without a threshold of its own has that of "".

    factors: per mille, what a wrong unit or multiplier multiplies by. recent_months: how far back
    the last months go; least_months: how many of them must be known. large: an amount from which
    on a second person agrees before a held bill is issued as it is.
    """

    thresholds: Mapping[tuple[Check, str], Threshold]
    factors: tuple[int, ...]
    recent_months: int
    least_months: int
    large: Money
    source: str
    confidence: str

    def of(self, check: Check, sector: str) -> Threshold:
        return self.thresholds.get((check, sector)) or self.thresholds[check, ""]


@dataclass(frozen=True, slots=True)
class Past:
    """What a customer was billed for a service of an account in an earlier month.

    quantity, estimated: Wh or litres, the second is the part of the first that was estimated.
    """

    customer_id: UUID
    service: Service
    month: int
    days: int
    quantity: int
    estimated: int
    fils: int


@dataclass(frozen=True, slots=True)
class HeldFor:
    """One check that holds, with what it saw. Quantities are Wh or litres for the bill's days.

    recent, last_year: what was usual, None where it is not known; usual: in money; factor: per
    mille, of a suspected unit (1000 over it where too little was measured); months: in a row.
    """

    check: Check
    service: Service | None
    quantity: int
    amount: Money
    recent: int | None = None
    last_year: int | None = None
    usual: Money | None = None
    factor: int | None = None
    share: int | None = None
    months: int | None = None

    @property
    def stake(self) -> Money:
        """The money that is in doubt."""
        if self.usual is None:
            return Money(abs(self.amount.fils))
        return Money(abs(self.amount.fils - self.usual.fils))

    def as_dict(self) -> dict[str, str | int | None]:
        return {
            "check": str(self.check),
            "service": str(self.service) if self.service else None,
            "quantity": self.quantity,
            "amount_fils": self.amount.fils,
            "recent": self.recent,
            "last_year": self.last_year,
            "usual_fils": self.usual.fils if self.usual is not None else None,
            "factor": self.factor,
            "share": self.share,
            "months": self.months,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, str | int | None]) -> HeldFor:
        """See `as_dict`."""
        service, usual = plain["service"], plain["usual_fils"]
        known = {
            name: None if plain[name] is None else int(plain[name] or 0)
            for name in ("recent", "last_year", "factor", "share", "months")
        }
        return cls(
            check=Check(str(plain["check"])),
            service=Service(str(service)) if service else None,
            quantity=int(plain["quantity"] or 0),
            amount=Money(int(plain["amount_fils"] or 0)),
            usual=None if usual is None else Money(int(usual)),
            **known,
        )


class HeldState(StrEnum):
    """HELD: waits. RELEASED: a person had it issued as it is. CLEARED: no check holds any more.

    OVERTAKEN: the bill would be another one now, or the month was billed or parked instead.
    """

    HELD = "held"
    RELEASED = "released"
    CLEARED = "cleared"
    OVERTAKEN = "overtaken"


HELD_LIFE: StateMachine[HeldState] = StateMachine(
    name="held bill",
    initial=HeldState.HELD,
    moves={
        HeldState.HELD: frozenset({HeldState.RELEASED, HeldState.CLEARED, HeldState.OVERTAKEN}),
        HeldState.RELEASED: frozenset(),
        HeldState.CLEARED: frozenset(),
        HeldState.OVERTAKEN: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class Held:
    """A month's bill of an account that is held back: what it would be, and why it is not issued.

    stake: the most money that one check has in doubt; digest: of what the bill would say; days: of
    a final bill, None for the bill of a month.
    """

    account_id: UUID
    id: UUID
    month: BillingMonth
    digest: str
    total: Money
    stake: Money
    found: tuple[HeldFor, ...]
    held_at: datetime
    state: HeldState
    reason: str = ""
    days: Period | None = None

    @property
    def about(self) -> UUID:
        """What a crew is sent for: the month of the account, however often it is held anew."""
        return derived_id(self.account_id, "held", str(self.month))

    @property
    def check(self) -> Check:
        return self.found[0].check


@dataclass(frozen=True, slots=True)
class Released:
    """A held bill that was issued as it is."""

    account_id: UUID
    held_id: UUID
    numbers: tuple[str, ...]
    total: Money

    def audit_facts(self) -> dict[str, object]:
        return {
            "held": str(self.held_id),
            "bills": list(self.numbers),
            "total_fils": self.total.fils,
        }
