"""An approval's states, and what a slice registers to be run once somebody else agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.kernel.states import StateMachine


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


MACHINE: StateMachine[ApprovalState] = StateMachine(
    name="approval",
    initial=ApprovalState.PENDING,
    moves={
        ApprovalState.PENDING: frozenset(
            {
                ApprovalState.APPROVED,
                ApprovalState.REJECTED,
                ApprovalState.WITHDRAWN,
                ApprovalState.EXPIRED,
            }
        ),
        ApprovalState.APPROVED: frozenset(),
        ApprovalState.REJECTED: frozenset(),
        ApprovalState.WITHDRAWN: frozenset(),
        ApprovalState.EXPIRED: frozenset(),
    },
)

Payload = Mapping[str, Any]
TierOf = Callable[[Payload], int]


@dataclass(frozen=True, slots=True)
class Detail:
    """One line beside a proposal: its name in both languages, and a value shown in its format."""

    name_ar: str
    name_en: str
    value: str | int | Money | date | datetime | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What will happen if somebody agrees: one sentence in each language, and its details."""

    text_ar: str
    text_en: str
    details: tuple[Detail, ...] = ()


class InWords(Protocol):
    """Tells a frozen input to whoever decides; a read of a person in it is recorded for `actor`."""

    def __call__(self, *, actor: Actor, at: datetime, payload: Payload) -> Proposal: ...


class Perform(Protocol):
    """What runs inside the approving transaction. `actor` is the checker.

    Ids of what it makes derive from approval_id (`kernel.ids.derived_id`), so that a retry
    makes none twice.
    """

    def __call__(
        self, *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
    ) -> object: ...


@dataclass(frozen=True, slots=True)
class Registered:
    """An operation that needs two people.

    roles: who may approve, for each tier; makers: who may ask (empty: any member of staff).
    in_words: what the one who decides reads before.
    """

    name: str
    perform: Perform
    roles: Mapping[int, frozenset[str]]
    makers: frozenset[str]
    tier_of: TierOf
    expires_after: timedelta
    in_words: InWords


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """An approval as a checker sees it. `payload` is the frozen input; instants are UTC."""

    id: UUID
    operation: str
    payload: Payload
    payload_hash: bytes
    tier: int
    reason: str
    state: ApprovalState
    maker_id: str
    maker_label: str
    made_at: datetime
    expires_at: datetime
    checker_id: str | None
    decided_at: datetime | None
    decision: str
