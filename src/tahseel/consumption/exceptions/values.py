"""What an exception is, and the states it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine

EDIT = "exceptions.edit"


class State(StrEnum):
    """Where an exception stands. Cleared: the rule found nothing any more."""

    OPEN = "open"
    ACCEPTED = "accepted"
    EDITED = "edited"
    ESTIMATED = "estimated"
    CLEARED = "cleared"


_ENDS = frozenset({State.ACCEPTED, State.EDITED, State.ESTIMATED, State.CLEARED})
MACHINE: StateMachine[State] = StateMachine(
    "exception", State.OPEN, {State.OPEN: _ENDS, **{state: frozenset() for state in _ENDS}}
)


class PricedBy(StrEnum):
    """Whose average price made the money at risk."""

    ACCOUNT = "account"
    SERVICE = "service"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Price:
    """So many fils for so many base units (Wh, litres). quantity is above zero."""

    fils: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that one rule names. quantity: base units; version: of the newest block."""

    days: Period
    quantity: int
    version: int


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """One exception. fils: None where no bill has told a price yet; that is not zero."""

    id: UUID
    account_id: UUID
    meter_id: UUID
    register: str
    service: Service
    sector: str
    area: str
    rule: str
    month: BillingMonth
    days: Period
    quantity: int
    version: int
    at_risk: Money | None
    priced_by: PricedBy
    state: State
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    closed_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a rule found of an exception at one instant."""

    found_at: datetime
    days: Period
    quantity: int
    version: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging some accounts of a month did to the work-list."""

    month: BillingMonth
    opened: int
    changed: int
    cleared: int

    def audit_facts(self) -> dict[str, int]:
        return {"opened": self.opened, "changed": self.changed, "cleared": self.cleared}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the work-list is asked for; an empty text is no condition."""

    rule: str = ""
    sector: str = ""
    area: str = ""
    service: str = ""
    state: State = State.OPEN


@dataclass(frozen=True, slots=True)
class WorkList:
    """A page of exceptions, dearest first, and how many there are and what they put at risk."""

    rows: tuple[ExceptionView, ...]
    count: int
    at_risk: Money


class OrderKind(StrEnum):
    """What a crew is asked to do."""

    INVESTIGATE = "investigate"
    TEST = "test"
    DISCONNECT = "disconnect"
    RECONNECT = "reconnect"


class OrderState(StrEnum):
    """Where a field order stands."""

    ORDERED = "ordered"
    DONE = "done"
    NOT_DONE = "not_done"
    WITHDRAWN = "withdrawn"


_REPORTS = frozenset({OrderState.DONE, OrderState.NOT_DONE, OrderState.WITHDRAWN})
ORDER_LIFE: StateMachine[OrderState] = StateMachine(
    "field order",
    OrderState.ORDERED,
    {OrderState.ORDERED: _REPORTS, **{state: frozenset() for state in _REPORTS}},
)


@dataclass(frozen=True, slots=True)
class FieldOrder:
    """An order to a crew, and its result. done_on: the day on which the crew was there.

    exception_id, about: what it is sent for, an exception or something that only the sender knows.
    """

    id: UUID
    exception_id: UUID | None
    about: UUID | None
    meter_id: UUID
    kind: OrderKind
    task: str
    state: OrderState
    ordered_at: datetime
    ordered_by: str
    done_on: date | None
    result: str
    closed_at: datetime | None
    closed_by: str
