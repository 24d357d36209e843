"""What the screens of staff show, and what the border desk remembers of a check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tahseel.channels.pages.values import Step
from tahseel.kernel.ids import CivilId
from tahseel.kernel.money import Money
from tahseel.recovery.clearance.values import Gate

GATE_NAMES = {
    Gate.EXIT: ("المغادرة", "Exit"),
    Gate.RESIDENCY: ("الإقامة", "Residency"),
    Gate.DRIVING_LICENCE: ("رخصة القيادة", "Driving licence"),
    Gate.VEHICLE: ("المركبات", "Vehicle"),
    Gate.OTHER: ("معاملة أخرى", "Other transaction"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gateway's answer for one person at one gate.

    age_ms: how old the replica was when it answered; asked_us: how long the answer took.
    """

    answer: str
    amount: Money
    reference: str | None
    as_of: datetime
    as_of_sequence: int
    age_ms: int
    asked_us: int
    masked: str
    gate: Gate

    @property
    def held(self) -> bool:
        return self.answer == "held"

    @property
    def clear(self) -> bool:
        return self.answer == "clear"

    @property
    def gate_ar(self) -> str:
        return GATE_NAMES[self.gate][0]

    @property
    def gate_en(self) -> str:
        return GATE_NAMES[self.gate][1]


@dataclass(frozen=True, slots=True)
class Collision:
    """What two records each have and one person has once; settled before their merge.

    number: of the account, or of the agreement that goes; other: of the one that stays. end_at,
    set_aside_at: where the earlier one is ended and where the one that goes is set aside.
    who_ends, who_sets_aside: the roles that may, where the reader may not.
    """

    what: str
    number: str
    other: str
    day: date
    ends: bool
    end_at: str
    who_ends: str
    set_aside_at: str
    who_sets_aside: str


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The instrument that lets a gate hold, by its name."""

    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Why:
    """What holds a person at one gate; sums and days, no bill. `customer_id` is never shown."""

    reference: str
    gate: Gate
    amount: Money
    bills: int
    oldest_due: date | None
    served_on: date | None
    basis: tuple[LegalBasis, ...]
    customer_id: UUID
    claims: frozenset[UUID]

    @property
    def gate_ar(self) -> str:
        return GATE_NAMES[self.gate][0]

    @property
    def gate_en(self) -> str:
        return GATE_NAMES[self.gate][1]


@dataclass(frozen=True, slots=True)
class Released:
    """The course of one release. clear_ms: from the posted payment to the answer "clear"."""

    reference: str
    clear_ms: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """What the screen last saw of whom; travels sealed, bound to the officer who asked."""

    actor_id: str
    civil_id: CivilId
    gate: Gate
    since: datetime
    answer: str = ""
    fils: int = 0
    reference: str | None = None
    customer_id: UUID | None = None

    def same(self, verdict: Verdict) -> bool:
        """Whether the answer is the one that the screen shows already."""
        now = (verdict.answer, verdict.amount.fils, verdict.reference)
        return now == (self.answer, self.fils, self.reference if self.answer == "held" else None)


@dataclass(frozen=True, slots=True)
class Screen:
    """One state of the border screen. token: the sealed `Watched` that stands for it."""

    verdict: Verdict
    why: Why | None
    released: Released | None
    token: str
