"""The words of a service: its definition as data, an application on its way, and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

EVIDENCE_SEAL = "services:evidence"
FEE = "connection_fee"
DEPOSIT_LINE = "deposit"


class State(StrEnum):
    """Where an application stands. Of those that end it, ENERGISED goes on when it is temporary.

    REFERRED: paid for, its inspection not passed and its time over; a supervisor decides.
    """

    APPLIED = "applied"
    STUDIED = "studied"
    QUOTED = "quoted"
    PAID = "paid"
    FAILED = "failed"
    REFERRED = "referred"
    PASSED = "passed"
    ENERGISED = "energised"
    REMOVAL_DUE = "removal_due"
    REMOVED = "removed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class Whose(StrEnum):
    """Whose turn it is: staff are late, an applicant's turn ends by itself."""

    STAFF = "staff"
    APPLICANT = "applicant"


class Ask(StrEnum):
    """What a definition asks of the applicant."""

    PLACE = "place"
    ACCOUNT = "account"
    SERVICES = "services"
    LOAD = "load"
    UNTIL = "until"
    PURPOSE = "purpose"


class Verdict(StrEnum):
    """What a study found: the network carries the load, carries it on conditions, or does not."""

    FEASIBLE = "feasible"
    CONDITIONAL = "conditional"
    NOT_FEASIBLE = "not_feasible"


class Basis(StrEnum):
    """What a fee is counted by."""

    FIXED = "fixed"
    PER_KILOWATT = "per_kilowatt"
    PER_SERVICE = "per_service"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A paper that a service asks for."""

    code: str
    name_ar: str
    name_en: str
    required: bool


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """A service as counter and web offer it."""

    code: str
    number: str
    prefix: str
    name_ar: str
    name_en: str
    summary_ar: str
    summary_en: str
    workflow: str
    channels: frozenset[str]
    asks: frozenset[Ask]
    documents: tuple[DocumentKind, ...]

    def document(self, code: str) -> DocumentKind | None:
        return next((kind for kind in self.documents if kind.code == code), None)


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a state may last: working days for staff, calendar days for an applicant.

    remind: how many days before the last one an applicant is reminded.
    """

    state: State
    whose: Whose
    days: int
    remind: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicantMessage:
    """What an applicant is told of an application; texts name `{reference}` and `{day}`."""

    code: str
    channel: str
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One line of a fee book."""

    code: str
    services: frozenset[str]
    name_ar: str
    name_en: str
    basis: Basis
    amount: Money
    refundable: bool


@dataclass(frozen=True, slots=True)
class FeeBook:
    """Fees from a day on. confidence: how sure the country's data is of them."""

    from_day: date
    rules: tuple[FeeRule, ...]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is data about services.

    awaiting_papers: the term of an application whose required papers are not all there.
    deposit_names: of the line by which a deposit is paid with the fee, Arabic and English.
    messages: what an applicant is told, by code. prolong_days_max: how far from its day a
    decision may put the last day of what was referred.
    """

    services: Mapping[str, ServiceDefinition]
    duties: Mapping[str, tuple[str, ...]]
    deadlines: Mapping[State, Deadline]
    awaiting_papers: Deadline
    demand_percent: Mapping[str, int]
    fee_books: tuple[FeeBook, ...]
    deposit_names: tuple[str, str]
    messages: Mapping[str, ApplicantMessage]
    prolong_days_max: int

    @property
    def staff_roles(self) -> tuple[str, ...]:
        """Every role that has a duty, or reads."""
        return tuple(dict.fromkeys(role for roles in self.duties.values() for role in roles))


@dataclass(frozen=True, slots=True)
class FeeLine:
    """A line of a quotation."""

    code: str
    name_ar: str
    name_en: str
    quantity: int
    unit_price: Money
    amount: Money
    refundable: bool


@dataclass(frozen=True, slots=True)
class Quotation:
    """What is to be paid, by which book, and until when."""

    lines: tuple[FeeLine, ...]
    book_from: date
    confidence: str
    valid_until: date

    @property
    def total(self) -> Money:
        return Money(sum(line.amount.fils for line in self.lines))

    @property
    def deposit(self) -> Money:
        """What of it secures the account once there is supply, and is no fee."""
        lines = (line for line in self.lines if line.code == DEPOSIT_LINE)
        return Money(sum(line.amount.fils for line in lines))

    @property
    def refundable(self) -> Money:
        return Money(sum(line.amount.fils for line in self.lines if line.refundable))


@dataclass(frozen=True, slots=True)
class NewApplication:
    """An application to be made. `account_id` of an open account for a load increase only.

    load_kw: what the applicant asks for; for a load increase the new whole, not the difference.
    """

    id: UUID
    service: str
    applicant_id: UUID
    unit_id: UUID
    services: frozenset[Service]
    load_kw: int
    account_id: UUID | None = None
    until_day: date | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A paper that comes with an application."""

    id: UUID
    kind: str
    file_name: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Study:
    """What an engineer found. available_kw: what the nearest point of the network can still give;
    current_kw: the load already connected there, for an increase.
    """

    network_point: str
    available_kw: int
    current_kw: int = 0
    conditions: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class MeterFit:
    """A meter from stock for one service, with the dial values on the day it is hung.

    closing: of the meter that it replaces, in a load increase.
    """

    service: Service
    serial: str
    opening: Mapping[str, str]
    closing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it stands. demand_kw: what the study counted with."""

    id: UUID
    reference: str
    service: str
    state: State
    applicant_id: UUID
    unit_id: UUID
    account_id: UUID
    services: frozenset[Service]
    load_kw: int
    added_kw: int | None
    until_day: date | None
    purpose: str
    verdict: Verdict | None
    demand_kw: int | None
    quotation: Quotation | None
    claim_id: UUID | None
    deadline: date | None
    state_since: datetime
    applied_at: datetime
    studied_by: str
    inspected_by: str
    energised_by: str
    inspections: int

    @property
    def temporary(self) -> bool:
        return self.until_day is not None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an application's course. facts are plain values for the page."""

    position: int
    step: str
    state: State
    at: datetime
    actor: str
    actor_label: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A paper on file."""

    id: UUID
    kind: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Energised:
    """What energising made: account, service points and installations."""

    account_number: str
    installed: tuple[str, ...]


HANGING = (Hanging("services_application", "applicant_id"),)
"""What moves with a customer when two records of one person are merged."""
