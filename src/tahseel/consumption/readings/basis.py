"""What a determinant was made from, so that the same number can be made again. Pure.

A part is a stretch of days of one hanging: either the reads of the dial at its ends, each with the
version that stood, or the intervals of the lake up to a version, with the rule that estimated what
had not come; or the rate at which it was guessed; or what a sub-meter measured, which is taken off.
Kept as short lists, because there is one a meter
and month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from tahseel.kernel.money import round_half_up

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the dial. version: the one that stood, or 0 for a value given when the meter was
    hung or taken down, which is then kept here: base units before the multiplier.
    """

    at: datetime
    version: int
    value: int | None = None


Ends = tuple[Read | None, Read | None]


@dataclass(frozen=True, slots=True)
class ByRegister:
    """opened and closed: the read at or before each end, and the one at or after it."""

    first: date
    end: date
    register: str
    modulus: int
    multiplier: int
    opened: Ends
    closed: Ends


@dataclass(frozen=True, slots=True)
class ByIntervals:
    """All blocks up to `version`; the longest straight line and the largest share estimated."""

    first: date
    end: date
    version: int
    linear_s: int
    share_max_percent: int


@dataclass(frozen=True, slots=True)
class ByLikeness:
    """No read at all: a rate a day (base units) by a method of `likeness`, over so many days.

    number: how many months or meters it rests on.
    """

    first: date
    end: date
    days: int
    how: str
    numerator: int
    denominator: int
    number: int

    @property
    def rate(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Less:
    """What a sub-meter measured behind this one over some days, and is taken off.

    parts: what the sub-meter's own quantity was made from. Where the main meter was exchanged in
    these days the quantity is shared by what each device measured: of `whole`, from `before` to
    `upto`; so nothing is taken twice, and nothing is left.
    """

    first: date
    end: date
    meter_id: UUID
    parts: tuple[ByRegister | ByIntervals, ...]
    before: int
    upto: int
    whole: int

    def of(self, quantity: int) -> int:
        """This device's share of a quantity, in whole base units."""
        upto = round_half_up(quantity * self.upto, self.whole)
        return upto - round_half_up(quantity * self.before, self.whole)


Part = ByRegister | ByIntervals | ByLikeness | Less
Basis = tuple[Part, ...]


def as_lists(basis: Basis) -> list[list[Any]]:
    """For a JSON column."""
    return [_listed(part) for part in basis]


def from_lists(told: Sequence[Sequence[Any]]) -> Basis:
    """What `as_lists` gave."""
    return tuple(_part(row) for row in told)


def _listed(part: Part) -> list[Any]:
    days = [part.first.toordinal(), part.end.toordinal()]
    if isinstance(part, ByIntervals):
        return ["i", *days, part.version, part.linear_s, part.share_max_percent]
    if isinstance(part, ByLikeness):
        rate = str(part.numerator), str(part.denominator)  # beyond what a JSON number holds
        return ["g", *days, part.days, part.how, *rate, part.number]
    if isinstance(part, Less):
        parts = [_listed(one) for one in part.parts]
        return ["m", *days, str(part.meter_id), parts, part.before, part.upto, part.whole]
    ends = [_ends(part.opened), _ends(part.closed)]
    return ["r", *days, part.register, part.modulus, part.multiplier, *ends]


def _part(row: Sequence[Any]) -> Part:
    days = date.fromordinal(row[1]), date.fromordinal(row[2])
    if row[0] == "i":
        return ByIntervals(*days, row[3], row[4], row[5])
    if row[0] == "g":
        return ByLikeness(*days, row[3], row[4], int(row[5]), int(row[6]), row[7])
    if row[0] == "m":
        parts = (_part(one) for one in row[4])
        own = tuple(one for one in parts if isinstance(one, ByRegister | ByIntervals))
        return Less(*days, UUID(row[3]), own, row[5], row[6], row[7])
    return ByRegister(*days, row[3], row[4], row[5], _told(row[6]), _told(row[7]))


def _ends(ends: Ends) -> list[Any]:
    """Both reads, or the one that is both."""
    told = [None if one is None else _read(one) for one in ends]
    return told[:1] if told[0] == told[1] else told


def _read(one: Read) -> list[int]:
    at = (one.at - _EPOCH) // _TICK
    return [at, one.version] if one.value is None else [at, one.version, one.value]


def _told(row: Sequence[Any]) -> Ends:
    found = [None if one is None else Read(_EPOCH + one[0] * _TICK, *one[1:]) for one in row]
    return found[0], found[-1]
