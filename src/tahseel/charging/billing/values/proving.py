"""What became of each active service point in a month: nothing that was measured is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service


class PointState(StrEnum):
    """What became of a service point in a month, the worst first where several are true.

    LEFT: nothing: neither a bill nor a reason; that must not be.
    """

    LEFT = "left"
    PARKED = "parked"
    HELD = "held"
    BILLED = "billed"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class ProvenPoint:
    """One service point. reason: why it is parked or held; no_meter, no_account, nobody_liable
    where it is excused; no_bill, days_missing where it is left. account_id: None without account.
    """

    point_id: UUID
    service: Service
    unit_id: UUID
    account_id: UUID | None
    state: PointState
    reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A month's active service points. active: counted apart from what became of each.

    sold: what became of what is sold without a meter.
    """

    month: BillingMonth
    active: int
    states: Mapping[PointState, int]
    reasons: Mapping[tuple[PointState, str], int] = field(default_factory=dict)
    sold: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Every active point was billed, held, parked or excused, and none was counted twice."""
        left = self.states.get(PointState.LEFT, 0) + self.sold.get(str(PointState.LEFT), 0)
        return sum(self.states.values()) == self.active and not left

    def as_dict(self) -> dict[str, object]:
        """Plain values; reasons as "state.reason"."""
        return {
            "active": self.active,
            **{str(state): self.states.get(state, 0) for state in PointState},
            "reasons": {f"{state}.{why}": n for (state, why), n in self.reasons.items()},
            "sold": dict(self.sold),
            "holds": self.holds,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is that works now."""

    run_id: UUID
    month: BillingMonth
    accounts: int
    done: int
    began_at: datetime

    @property
    def percent(self) -> int:
        return self.done * 100 // self.accounts if self.accounts else 100


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run that came to its end. holds: what its proof said; None before there were proofs."""

    run_id: UUID
    month: BillingMonth
    issued_on: date
    recorded_at: datetime
    bills: int
    total: Money
    parked: int
    held: int
    holds: bool | None
