"""What a meter file says, as facts: channels of intervals, register reads, parked records.

A channel keeps the file's own numbers as integers and one exact scale, so that a sum is exact and
rounded once, however the file wrote its decimals and whatever unit it used.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple
from uuid import UUID

from tahseel.consumption.readings.basis import Basis
from tahseel.consumption.readings.profiles import Profile
from tahseel.kernel.errors import NotFound
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service


class Kind(StrEnum):
    """What a channel or register counts, seen from the customer."""

    IMPORT = "import"
    EXPORT = "export"
    REACTIVE = "reactive"
    OTHER = "other"


class Flag(IntEnum):
    """How one interval value came to be; the lake stores the number."""

    ACTUAL = 0
    ESTIMATED = 1
    SUBSTITUTED = 2
    MISSING = 3
    EDITED = 4


class Method(StrEnum):
    """How a billing determinant was found."""

    REGISTER = "register"
    INTERVAL = "interval"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """One record that could not be used. `code` is stable; `facts` hold what the file said."""

    line: int
    channel: str
    code: str
    facts: dict[str, str | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """Intervals of which only this is known: how many, their exact sum, and when.

    first: start of the earliest, last: end of the latest, UTC epoch seconds.
    """

    reads: int = 0
    missing: int = 0
    exact: Fraction = Fraction(0)
    first: int | None = None
    last: int | None = None

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        firsts = [t for t in (self.first, other.first) if t is not None]
        lasts = [t for t in (self.last, other.last) if t is not None]
        return Tally(
            self.reads + other.reads,
            self.missing + other.missing,
            self.exact + other.exact,
            min(firsts, default=None),
            max(lasts, default=None),
        )

    def times(self, factor: Fraction) -> Tally:
        """The same intervals in units of which one of these is `factor`."""
        return replace(self, exact=self.exact * factor)


@dataclass(frozen=True, slots=True)
class Channel:
    """Intervals of one register of one usage point, in the order of the file.

    starts: UTC epoch seconds; durations: seconds (a sender may write 0); mantissas: the file's
    numbers as integers, one of them being `scale` base units; flags: one `Flag` each; lines: where
    each was read; counted: intervals that were only counted (`formats.survey`), in base units.
    """

    id: str
    usage_point: str
    serial: str
    register: str
    service: str | None
    unit: str
    kind: Kind
    scale: Fraction
    starts: array[int]
    durations: array[int]
    mantissas: Sequence[int]
    flags: bytearray
    lines: array[int]
    counted: Tally = Tally()

    @property
    def reads(self) -> int:
        return len(self.mantissas) + self.counted.reads

    @property
    def missing(self) -> int:
        return self.flags.count(Flag.MISSING) + self.counted.missing

    @property
    def interval_s(self) -> int:
        """The one length of all intervals, or 0 when they differ."""
        lengths = set(self.durations)
        return lengths.pop() if len(lengths) == 1 else 0

    @property
    def first(self) -> int:
        """Start of the earliest interval, epoch seconds."""
        counted = self.counted.first
        return min(chain(self.starts, () if counted is None else (counted,)))

    @property
    def last(self) -> int:
        """End of the latest interval, epoch seconds."""
        counted = self.counted.last
        ends = map(int.__add__, self.starts, self.durations)
        return max(chain(ends, () if counted is None else (counted,)))

    def total(self) -> int:
        """The exact sum in base units, rounded once, halves away from zero."""
        exact = sum(self.mantissas) * self.scale + self.counted.exact
        return round_half_up(exact.numerator, exact.denominator)

    def rounded(self) -> list[int]:
        """Whole base units per interval whose sum is exactly `total()`.

        Each value is the step between two rounded running sums: no value is off by more than one,
        and no remainder is lost however many intervals there are.
        """
        numerator, denominator = self.scale.numerator, self.scale.denominator
        if denominator == 1:
            return [m * numerator for m in self.mantissas]
        steps = [
            round_half_up(s * numerator, denominator) for s in accumulate(self.mantissas, initial=0)
        ]
        return [after - before for before, after in pairwise(steps)]


@dataclass(frozen=True, slots=True)
class RegisterRead:
    """What a meter's register showed at an instant, in whole base units (Wh, litres).

    usage_point, channel: the sender's names, where the serial is not the name he counts by.
    opening: a read told once more as the start of a later one's time; it is stored, not counted.
    advance: what the sender says was used from `since` until this read, exactly, in base units.
    """

    serial: str
    register: str
    at: datetime
    value: int
    unit: str
    quality: str
    line: int
    usage_point: str = ""
    channel: str = ""
    opening: bool = False
    advance: Fraction | None = None
    since: datetime | None = None

    @property
    def name(self) -> str:
        """The name its register has among the channels of a file."""
        return self.channel or f"{self.serial}/{self.register}"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A sound file. `reads` counts every value in it, sold or not, null ones included.

    warnings: oddities that change no value, by code, with their number.
    """

    file: str
    format: str
    sha256: str
    channels: tuple[Channel, ...]
    register_reads: tuple[RegisterRead, ...]
    parked: tuple[ParkedRecord, ...]
    warnings: Mapping[str, int] = field(default_factory=dict)

    @property
    def reads(self) -> int:
        registers = sum(not read.opening for read in self.register_reads)
        return sum(c.reads for c in self.channels) + registers

    @property
    def missing(self) -> int:
        return sum(c.missing for c in self.channels)


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


@dataclass(frozen=True, slots=True)
class Gap:
    """A meter without a determinant for a month. No data is never zero: it is told with a reason.

    reason: no_reads, no_opening_read, no_closing_read, register_went_back, intervals_incomplete,
    negative_quantity.
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
