"""The words of appointments: half-days with places, bookings, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.states import StateMachine


class State(StrEnum):
    """Where a booking stands. MISSED: somebody came and nobody opened."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    KEPT = "kept"
    MISSED = "missed"


_ENDS = frozenset({State.CANCELLED, State.KEPT, State.MISSED})
MACHINE: StateMachine[State] = StateMachine(
    "booking", State.BOOKED, {State.BOOKED: _ENDS, **{end: frozenset() for end in _ENDS}}
)


@dataclass(frozen=True, slots=True)
class Half:
    """A part of a working day in which a crew comes; hours of Kuwait."""

    code: str
    name_ar: str
    name_en: str
    from_hour: int
    until_hour: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody comes."""

    code: str
    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message on the working day before; `{day}`, `{half}` and `{account}` are filled in."""

    channel: str
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str


class AccessState(StrEnum):
    """ENDED: somebody was let in. SETTLED: a person has dealt with the charge."""

    APPOINTMENT = "appointment"
    NOTICE = "notice"
    CHARGE = "charge"
    ENDED = "ended"
    SETTLED = "settled"


ACCESS_LIFE: StateMachine[AccessState] = StateMachine(
    "refused access",
    AccessState.APPOINTMENT,
    {
        AccessState.APPOINTMENT: frozenset({AccessState.NOTICE, AccessState.ENDED}),
        AccessState.NOTICE: frozenset({AccessState.CHARGE, AccessState.ENDED}),
        AccessState.CHARGE: frozenset({AccessState.SETTLED}),
        AccessState.ENDED: frozenset(),
        AccessState.SETTLED: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class AccessLetter:
    """What is written at a step, and how many days its proof of delivery leaves."""

    channel: str
    days: int
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """After how many refusals within how many days it begins, its letters and its fee."""

    refusals: int
    window_days: int
    fee: Money
    letters: Mapping[AccessState, AccessLetter]


@dataclass(frozen=True, slots=True)
class Refused:
    """A meter that nobody got to, so often since it was read last."""

    meter_id: UUID
    times: int


@dataclass(frozen=True, slots=True)
class Access:
    """Refused access to one meter. notice_id: the letter whose proof the running term waits for."""

    id: UUID
    account_id: UUID
    meter_id: UUID
    state: AccessState
    refusals: int
    opened_on: date
    notice_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What the country's data say. places: area code -> places a half-day, "*" for all others.

    first_days, last_days: how many days ahead a slot may be booked, moved or cancelled at the
    earliest, and booked at the latest.
    """

    halves: Mapping[str, Half]
    reasons: Mapping[str, Reason]
    places: Mapping[str, int]
    first_days: int
    last_days: int
    reminder: Reminder
    access: AccessPolicy

    def places_in(self, area: str) -> int:
        """How many visits fit into a half-day of an area."""
        return self.places.get(area, self.places["*"])


@dataclass(frozen=True, slots=True)
class Slot:
    """A half-day of an area with the places that are left."""

    day: date
    half: str
    left: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One booked visit. place: which of the half-day's places it takes, from 1."""

    id: UUID
    account_id: UUID
    customer_id: UUID | None
    unit_id: UUID
    area: str
    day: date
    half: str
    place: int
    reason: str
    state: State
    made_at: datetime
    made_by: str
    changed_at: datetime


HANGING = (Hanging("appointments_booking", "customer_id"),)
"""What moves with a customer when two records of one person are merged."""
