"""Bills that have to be looked at again: whom they name, their price, or what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tahseel.charging.billing.values.bills import Bill
from tahseel.kernel.money import Money
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine


class Cause(StrEnum):
    """Why bills have to be looked at again: whom they name, the price of their days, a meter that
    was wrong, or a quantity that reads have corrected.
    """

    LIABLE = "liable"
    PAYER = "payer"
    ESTATE = "estate"
    SECTOR = "sector"
    CERTIFICATE = "certificate"
    SHAPE = "shape"
    SHARING = "sharing"
    METER = "meter"
    QUANTITY = "quantity"


PRICED = frozenset({Cause.SECTOR, Cause.CERTIFICATE, Cause.SHAPE, Cause.SHARING})
"""The bill names the right person; its days have another price."""


RECKONED = PRICED | {Cause.QUANTITY}
"""What a bill would come to today can be reckoned."""


class MisdirectedState(StrEnum):
    """OPEN: somebody has to look at it. DONE: somebody has, and said what was done."""

    OPEN = "open"
    DONE = "done"


MISDIRECTED_LIFE: StateMachine[MisdirectedState] = StateMachine(
    name="misdirected bills",
    initial=MisdirectedState.OPEN,
    moves={
        MisdirectedState.OPEN: frozenset({MisdirectedState.DONE}),
        MisdirectedState.DONE: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class Remeasured:
    """What a meter measured in a month: billed, as the bills say, and quantity, as is known now.

    Wh or litres.
    """

    meter_id: UUID
    service: Service
    billed: int
    quantity: int

    @property
    def difference(self) -> int:
        return self.quantity - self.billed


@dataclass(frozen=True, slots=True)
class Misdirected:
    """Bills of days with another debtor, price or quantity than was known when they went out.

    A bill whose price is another is a piece of work of its own, and so is a meter's month whose
    quantity is another (`corrected`).
    """

    account_id: UUID
    id: UUID
    cause: Cause
    days: Period
    bills: tuple[Bill, ...]
    found_at: datetime
    found_by: str
    state: MisdirectedState
    reason: str
    corrected: Remeasured | None = None

    @property
    def total(self) -> Money:
        return Money(sum(bill.total.fils for bill in self.bills))
