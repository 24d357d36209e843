"""Why a service is off: the reasons, their lives, and what they make of supply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine


class StopState(StrEnum):
    """The life of one reason for which a service is off."""

    ORDERED = "ordered"
    IN_FORCE = "in_force"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"


STOP: StateMachine[StopState] = StateMachine(
    name="stop",
    initial=StopState.ORDERED,
    moves={
        StopState.ORDERED: frozenset({StopState.IN_FORCE, StopState.WITHDRAWN}),
        StopState.IN_FORCE: frozenset({StopState.LIFTED}),
        StopState.LIFTED: frozenset(),
        StopState.WITHDRAWN: frozenset(),
    },
)


class SupplyState(StrEnum):
    """Whether a service is on. It is on only when no reason to be off is open."""

    CONNECTED = "connected"
    STOP_ORDERED = "stop_ordered"
    DISCONNECTED = "disconnected"


class BoundTo(StrEnum):
    """With what a reason ends by itself: with the payer's liability, or never."""

    PAYER = "payer"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class StopReason:
    """One of the country's reasons for which a service may be off.

    order, lift: the roles that may. on_vacancy: it opens by itself when the account falls vacant.
    spares_protected: not where a person lives or owes whose supply is protected.
    """

    code: str
    name_ar: str
    name_en: str
    bound_to: BoundTo
    on_vacancy: bool
    order: tuple[str, ...]
    lift: tuple[str, ...]
    source: str
    confidence: str
    spares_protected: bool = False


@dataclass(frozen=True, slots=True)
class StopView:
    """An open or ended reason. account_id is None for one that stays with the place."""

    id: UUID
    unit_id: UUID
    account_id: UUID | None
    service: Service
    reason: StopReason
    state: StopState
    reference: str
    ordered_at: datetime
    ordered_by: str
    off_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service of an account: its state and the open reasons, oldest first."""

    service: Service
    state: SupplyState
    stops: tuple[StopView, ...]
