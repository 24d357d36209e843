"""What a meter file says, as facts: channels of intervals, register reads, parked records.

A channel keeps the file's own numbers as integers and one exact scale, so that a sum is exact and
rounded once, however the file wrote its decimals and whatever unit it used.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from fractions import Fraction
from itertools import accumulate, chain, pairwise

from tahseel.kernel.money import round_half_up


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
class MeterEvent:
    """What a sender says happened to a meter. code: vocabulary and word of it, as `nem12:61`.

    at, until: UTC epoch seconds, of the time it holds for; details: what else is said, by name.
    """

    serial: str
    usage_point: str
    at: int
    code: str
    line: int
    until: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Under which name it is parked and replayed."""
        return f"{self.usage_point or self.serial}/events"


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
    events: tuple[MeterEvent, ...] = ()

    @property
    def reads(self) -> int:
        registers = sum(not read.opening for read in self.register_reads)
        return sum(c.reads for c in self.channels) + registers

    @property
    def missing(self) -> int:
        return sum(c.missing for c in self.channels)
