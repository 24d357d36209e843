"""A run that somebody asked for, and what became of it. Its id is the approval's and the run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.states import StateMachine

ORDER_RUN = "billing.order_run"


class OrderState(StrEnum):
    """WAITING: agreed, not begun. FAILED: begun, and given up after it broke too often."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


ORDER_LIFE: StateMachine[OrderState] = StateMachine(
    name="ordered run",
    initial=OrderState.WAITING,
    moves={
        OrderState.WAITING: frozenset({OrderState.RUNNING, OrderState.CANCELLED}),
        OrderState.RUNNING: frozenset({OrderState.DONE, OrderState.FAILED}),
        OrderState.DONE: frozenset(),
        OrderState.CANCELLED: frozenset(),
        OrderState.FAILED: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose month is billed. Empty means everybody; governorate and cycle are codes."""

    month: BillingMonth
    governorate: str = ""
    cycle: str = ""
    numbers: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not (self.governorate or self.cycle or self.numbers)

    def as_dict(self) -> dict[str, Any]:
        return {
            "month": str(self.month),
            "governorate": self.governorate,
            "cycle": self.cycle,
            "numbers": list(self.numbers),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Wanted:
        """See `as_dict`."""
        return cls(
            BillingMonth.parse(plain["month"]), plain["governorate"], plain["cycle"],
            tuple(plain["numbers"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What the run came to when it was tried out, before it was asked for."""

    accounts: int
    bills: int
    total_fils: int
    held: int
    parked: int

    @property
    def total(self) -> Money:
        return Money(self.total_fils)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OrderedRun:
    """A run that two people agreed on. fault: why it broke last; faults: how often it did.

    starts: how often a worker took it up; more than once where a worker was killed in between.
    """

    id: UUID
    wanted: Wanted
    expected: Expected
    state: OrderState
    asked_by: str
    agreed_by: str
    agreed_at: datetime
    begins_at: datetime
    issued_on: date | None
    began_at: datetime | None
    ended_at: datetime | None
    starts: int
    faults: int
    fault: str
    reason: str
    ended_by: str
