"""What became of files and reads: dials, months, gaps and what a rule found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from tahseel.consumption.readings.basis import Basis, ByLikeness, Less
from tahseel.consumption.readings.profiles import Profile
from tahseel.kernel.errors import NotFound
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service


class Method(StrEnum):
    """How a billing determinant was found."""

    REGISTER = "register"
    INTERVAL = "interval"
    ESTIMATED = "estimated"


METHODS = tuple(Method)


class DialRead(NamedTuple):
    """One register read to store. value: base units (Wh, litres) before the multiplier."""

    meter_id: UUID
    register: str
    at: datetime
    value: int
    quality: str = "actual"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file. state: accepted, refused or known (imported before)."""

    file: str
    file_id: UUID | None
    state: str
    summary: dict[str, Any]
    stored: int
    parked: int

    def audit_facts(self) -> dict[str, Any]:
        return {"state": self.state, "stored": self.stored, "parked": self.parked}

    def as_dict(self) -> dict[str, Any]:
        """The file's summary with what became of it."""
        return {**self.summary, **self.audit_facts()}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every file given; one refused file never stops the others."""

    files: tuple[FileOutcome, ...]

    @property
    def stored(self) -> int:
        """Reads newly stored by this import."""
        return sum(f.stored for f in self.files if f.state == "accepted")

    @property
    def parked(self) -> int:
        """Reads newly parked by this import."""
        return sum(f.parked for f in self.files if f.state == "accepted")


@dataclass(frozen=True, slots=True)
class Determinant:
    """What an account used through one meter in one month, and how that is known.

    quantity: Wh or litres; from_value, to_value: dial values (base units) where registers decided;
    basis: the versions it was made from, empty where they were not kept; profile: demand and bands,
    where its intervals tell them.
    """

    account_id: UUID
    meter_id: UUID
    month: BillingMonth
    version: int
    service: Service
    quantity: int
    method: Method
    from_at: datetime
    to_at: datetime
    from_value: int | None
    to_value: int | None
    days: int
    estimated_share: Decimal
    basis: Basis = field(default=(), compare=False)
    profile: Profile | None = None

    @property
    def method_told(self) -> str:
        """The method, and of a guess which one."""
        told = [part.how for part in self.basis if isinstance(part, ByLikeness)]
        return ", ".join(told) or str(self.method)

    @property
    def sub_meters(self) -> tuple[UUID, ...]:
        """The sub-meters behind this meter whose quantities were taken off; needs the basis."""
        return tuple(dict.fromkeys(p.meter_id for p in self.basis if isinstance(p, Less)))


@dataclass(frozen=True, slots=True)
class Gap:
    """A meter without a determinant for a month. No data is never zero: it is told with a reason.

    reason: no_reads, no_opening_read, no_closing_read, register_went_back, intervals_incomplete,
    negative_quantity; of a main meter also sub_meter_unread, sub_meters_beyond_main.
    """

    account_id: UUID
    meter_id: UUID
    service: Service
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """Days of one register of a meter for an account, inside a month. sector: by whose rules."""

    account_id: UUID
    meter_id: UUID
    register: str
    sector: str
    days: Period

    @property
    def month(self) -> BillingMonth:
        return BillingMonth.of(self.days.start)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that fired on a register. times: intervals, days or spans, as the rule counts.

    For each day: amounts, base units in question; versions, of the newest block judged, 0 without.
    """

    account_id: UUID
    meter_id: UUID
    register: str
    service: Service
    sector: str
    rule: str
    times: int
    days: tuple[date, ...]
    amounts: tuple[int, ...]
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DetermineReport:
    """What a run over one month found. unchanged: determinants that were already so."""

    month: BillingMonth
    written: int
    unchanged: int
    by_method: Mapping[Method, int]
    gaps: tuple[Gap, ...]

    def audit_facts(self) -> dict[str, Any]:
        methods = {str(m): n for m, n in self.by_method.items()}
        return {
            "written": self.written,
            "unchanged": self.unchanged,
            "gaps": len(self.gaps),
            "methods": methods,
        }


@dataclass(frozen=True, slots=True)
class DialView:
    """What a dial showed at an instant, in base units (Wh, VArh, litres), and how it is known."""

    register: str
    at: datetime
    version: int
    value: int
    quality: str
    source: str


class NoIntervals(NotFound):
    """The lake has no interval of an account's meters in some days."""

    code = "no_intervals"
    text_ar = "لا توجد قراءات تفصيلية لعدادات هذا الحساب في هذه الأيام"
    text_en = "The meters of this account have no interval readings in these days"
