"""What a meter file says, as facts: channels of intervals, register reads, parked records.

A channel keeps the file's own numbers as integers and one exact scale, so that a sum is exact and
rounded once, however the file wrote its decimals and whatever unit it used.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise

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
class Channel:
    """Intervals of one register of one usage point, in the order of the file.

    starts: UTC epoch seconds; durations: seconds (a sender may write 0); mantissas: the file's
    numbers as integers, one of them being `scale` base units; flags: one `Flag` each; lines: where
    each was read.
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
    mantissas: list[int]
    flags: bytearray
    lines: array[int]

    @property
    def reads(self) -> int:
        return len(self.mantissas)

    @property
    def missing(self) -> int:
        return self.flags.count(Flag.MISSING)

    @property
    def interval_s(self) -> int:
        """The one length of all intervals, or 0 when they differ."""
        lengths = set(self.durations)
        return lengths.pop() if len(lengths) == 1 else 0

    @property
    def first(self) -> int:
        """Start of the earliest interval, epoch seconds."""
        return min(self.starts)

    @property
    def last(self) -> int:
        """End of the latest interval, epoch seconds."""
        return max(s + d for s, d in zip(self.starts, self.durations, strict=True))

    def total(self) -> int:
        """The exact sum in base units, rounded once, halves away from zero."""
        exact = sum(self.mantissas) * self.scale
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
    """What a meter's register showed at an instant, in whole base units (Wh, litres)."""

    serial: str
    register: str
    at: datetime
    value: int
    unit: str
    quality: str
    line: int


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A sound file. `reads` counts every value in it, sold or not, null ones included."""

    file: str
    format: str
    sha256: str
    channels: tuple[Channel, ...]
    register_reads: tuple[RegisterRead, ...]
    parked: tuple[ParkedRecord, ...]

    @property
    def reads(self) -> int:
        return sum(c.reads for c in self.channels) + len(self.register_reads)

    @property
    def missing(self) -> int:
        return sum(c.missing for c in self.channels)
