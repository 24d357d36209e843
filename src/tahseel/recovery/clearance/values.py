"""What a clearance is made of: facts about one person, the policy, the decision with its reasons.

A hold is another agency's stop at one gate because of one notified debt. Nothing here is stored by
hand: a decision follows from claims, notices and policy, for any instant, past ones included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging


class PersonClass(StrEnum):
    """Who stands at the gate. The words are the register's kinds of customer."""

    CITIZEN = "citizen"
    GCC = "gcc"
    RESIDENT = "resident"
    STATELESS = "stateless"
    FOREIGN_OWNER = "foreign_owner"
    COMPANY = "company"
    GOVERNMENT = "government"
    MISSION = "mission"
    UNKNOWN = "unknown"


class Gate(StrEnum):
    """What another agency may refuse to do for a person."""

    EXIT = "exit"
    RESIDENCY = "residency"
    DRIVING_LICENCE = "driving_licence"
    VEHICLE = "vehicle"
    OTHER = "other"


NEVER_GATED = frozenset(
    {PersonClass.COMPANY, PersonClass.GOVERNMENT, PersonClass.MISSION, PersonClass.UNKNOWN}
)
"""Missions: Vienna Conventions on Diplomatic (1961) and Consular Relations (1963)."""


@dataclass(frozen=True, slots=True)
class DatedRange:
    """Days from `start` up to, not including, `end`; an open end means "until further decision"."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a range must end after it starts: {self.start} to {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, decision or arrangement by which a gate may hold; `in_force` None: only cited."""

    code: str
    name_ar: str
    name_en: str
    in_force: DatedRange | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One gate for some classes: from which sum, by which instrument. Without one, no hold."""

    gate: Gate
    classes: frozenset[PersonClass]
    threshold_fils: int
    instrument: Instrument | None
    valid: DatedRange


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A whole reading of the law. `term_days` run from the proved service of the notice."""

    code: str
    name_ar: str
    name_en: str
    term_days: int
    majority_years: int
    rows: tuple[PolicyRow, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """From which day the operator's lawyers apply which version, until the next adoption."""

    version: str
    start: date
    decided_by: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Every version, the adoptions in order of their days, and what "clear" speaks of."""

    versions: tuple[PolicyVersion, ...]
    adoptions: tuple[Adoption, ...]
    scope: tuple[str, ...]

    def version_on(self, day: date) -> PolicyVersion | None:
        """The version adopted on a day, or None when there is none: then nothing holds."""
        adopted = [a.version for a in self.adoptions if a.start <= day]
        return next((v for v in self.versions if adopted and v.code == adopted[-1]), None)


@dataclass(frozen=True, slots=True)
class Person:
    """The facts about a person that a policy asks for. Days are Kuwait's.

    A fact with its own instant or day counts from then on, so the past can be decided again.
    """

    customer_id: UUID
    person_class: PersonClass
    identity_verified_at: datetime | None
    born_on: date | None = None
    died_on: date | None = None
    merge_pending: bool = False


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What a claim stood at from an instant on."""

    at: datetime
    open_fils: int
    disputed_fils: int = 0


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """One claim of the person, with its states in order of time."""

    account_id: UUID
    claim_id: UUID
    reference: str
    due_date: date
    states: tuple[ClaimState, ...]

    def at(self, instant: datetime) -> ClaimState | None:
        """The state in force at an instant, or None before the claim was opened."""
        found = None
        for state in self.states:
            if state.at > instant:
                break
            found = state
        return found


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """One notice and the claims it named. `served_on` is the proved day of service, if proved."""

    notice_id: UUID
    claim_ids: frozenset[UUID]
    served_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision may look at."""

    person: Person
    claims: tuple[ClaimFact, ...] = ()
    notices: tuple[NoticeFact, ...] = ()


class Outcome(StrEnum):
    CLEAR = "clear"
    HELD = "held"


REASON_TEXTS: dict[str, tuple[str, str]] = {
    "nothing_owed": ("لا توجد مطالبات مستحقة", "Nothing is overdue"),
    "disputed": (
        "المبلغ المتظلم منه ({fils} فلس) موقوف لحين البت في التظلم",
        "The disputed part ({fils} fils) is frozen until the grievance is decided",
    ),
    "not_notified": (
        "لم يثبت تبليغ الإنذار بمطالبات قدرها {fils} فلس",
        "No notice has been proved to be served for {fils} fils",
    ),
    "term_running": (
        "مهلة الإنذار سارية حتى {until}",
        "The term of the notice runs until {until}",
    ),
    "below_threshold": (
        "المبلغ {fils} فلس أقل من الحد {threshold} فلس",
        "{fils} fils is below the threshold of {threshold} fils",
    ),
    "no_instrument": (
        "لا يوجد سند قانوني نافذ يجيز الإيقاف في هذه المعاملة لهذه الفئة",
        "No legal instrument in force lets this gate hold this class of person",
    ),
    "never_gated": (
        "هذه الفئة لا توقف معاملاتها",
        "This class of person is never held at a gate",
    ),
    "identity_not_verified": (
        "الرقم المدني غير موثق لدينا",
        "The civil id has not been verified",
    ),
    "merge_pending": ("دمج السجل قيد المراجعة", "A merge of this record is pending"),
    "person_died": ("صاحب المطالبة متوفى", "The person has died"),
    "person_is_minor": ("الشخص قاصر", "The person is a minor"),
    "held": (
        "مطالبات مستحقة قدرها {fils} فلس، بُلّغ بها وانقضت مهلتها، بموجب: {instrument_ar}",
        "{fils} fils overdue, notified, and the term has passed; under: {instrument_en}",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in a stable code, with the facts that fill its two texts."""

    code: str
    facts: tuple[tuple[str, str | int], ...] = ()

    def in_language(self, language: str) -> str:
        """The text for a person, in "ar" or "en"."""
        arabic, english = REASON_TEXTS[self.code]
        return (arabic if language.startswith("ar") else english).format(**dict(self.facts))


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """The undisputed open part of one claim, in fils (> 0)."""

    account_id: UUID
    claim_id: UUID
    reference: str
    fils: int


@dataclass(frozen=True, slots=True)
class HeldNotice:
    """One hold to be: the claims of one notice whose term has passed."""

    notice_id: UUID
    claims: tuple[HeldClaim, ...]
    term_ended_on: date

    @property
    def fils(self) -> int:
        return sum(claim.fils for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one person and gate at an instant. `holds` is empty exactly when clear."""

    gate: Gate
    outcome: Outcome
    as_of: datetime
    reasons: tuple[Reason, ...]
    instrument: str | None = None
    policy: str | None = None
    holds: tuple[HeldNotice, ...] = field(default=())

    @property
    def fils(self) -> int:
        """What must be paid to pass this gate, in fils."""
        return sum(hold.fils for hold in self.holds)


@dataclass(frozen=True, slots=True)
class HoldView:
    """A stored hold. `fils` is what it asks for now, or asked for last."""

    id: UUID
    customer_id: UUID
    gate: Gate
    notice_id: UUID
    reference: str
    fils: int
    policy: str
    instrument: str
    opened_at: datetime
    closed_at: datetime | None
    claims: tuple[HeldClaim, ...]


@dataclass(frozen=True, slots=True)
class Payable:
    """What a reference asks for; `customer_id` is for machines and is never shown."""

    reference: str
    gate: Gate
    customer_id: UUID
    fils: int
    claims: tuple[HeldClaim, ...]

    @property
    def account_ids(self) -> tuple[UUID, ...]:
        return tuple(sorted({claim.account_id for claim in self.claims}))


class Step(StrEnum):
    """What became of a hold."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HoldChange:
    """One hold that a new decision opened, changed or closed; `index` finds the person."""

    hold_id: UUID
    customer_id: UUID
    gate: Gate
    reference: str
    fils: int
    step: Step
    index: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What a run over the debtors did."""

    customers: int
    opened: int
    changed: int
    closed: int

    def audit_facts(self) -> dict[str, int]:
        counts = {"opened": self.opened, "changed": self.changed, "closed": self.closed}
        return {"customers": self.customers, **counts}

    def __add__(self, other: OpenReport) -> OpenReport:
        """Two parts of one run."""
        return OpenReport(
            self.customers + other.customers,
            self.opened + other.opened,
            self.changed + other.changed,
            self.closed + other.closed,
        )


HANGING = (
    Hanging("clearance_hold", "customer_id"),
    Hanging("clearance_release", "customer_id", key=("hold_id",)),
)
"""What moves with a customer when two records of one person are merged."""
