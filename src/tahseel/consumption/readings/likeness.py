"""A month that nobody read, by what is like it: the same month a year ago, or the neighbours. Pure.

An account's own history first: last year's month at the account's own trend, or its last months
at the season that its area had. Without a history of its own, the median of a day's use of meters
of the same area, sector and service. A guess is an exact rate a day, rounded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tahseel.kernel.money import round_half_up

YEAR = 12
HISTORY, SEASON, NEIGHBOURS = "history", "season", "neighbours"


@dataclass(frozen=True, slots=True)
class GapRule:
    """How a month without reads is guessed. done_for: sectors where no person is asked.

    trend_months: so many months before it tell the trend, within percents of last year's.
    wait_days: so long after its end the night guesses it, whatever the sector; 0: never. Only the
    last `wait_months` months.
    """

    trend_months: int
    trend_percent_min: int
    trend_percent_max: int
    own_months_min: int
    neighbours_min: int
    done_for: frozenset[str]
    wait_days: int = 0
    wait_months: int = 1


@dataclass(frozen=True, slots=True)
class Use:
    """What was measured of a month, base units, and over how many days."""

    quantity: int
    days: int

    @property
    def per_day(self) -> Fraction:
        return Fraction(self.quantity, self.days)


@dataclass(frozen=True, slots=True)
class Guess:
    """how: which method; rate: base units a day; number: of months or meters it rests on."""

    how: str
    rate: Fraction
    number: int

    def over(self, days: int) -> int:
        """Base units over some days, rounded once."""
        exact = self.rate * days
        return round_half_up(exact.numerator, exact.denominator)


def guess(
    *,
    month: int,
    own: Mapping[int, Use],
    area: Mapping[int, Sequence[Use]],
    rule: GapRule,
) -> Guess | None:
    """The best there is, or None. month: its ordinal; own: the meter's measured months; area: the
    measured months of meters like it, none of them its own.
    """
    by_own = _last_year(month, own, rule) or _season(month, own, area, rule)
    return by_own or _others(month, area, rule)


def _last_year(month: int, own: Mapping[int, Use], rule: GapRule) -> Guess | None:
    before = own.get(month - YEAR)
    if before is None:
        return None
    pairs = [
        (own[one], own[one - YEAR])
        for one in range(month - rule.trend_months, month)
        if one in own and one - YEAR in own
    ]
    trend = Fraction(1)
    then = _together([pair[1] for pair in pairs])
    if then is not None and then.quantity > 0:
        now = _together([pair[0] for pair in pairs])
        assert now is not None
        trend = now.per_day / then.per_day
    low, high = Fraction(rule.trend_percent_min, 100), Fraction(rule.trend_percent_max, 100)
    trend = max(low, min(trend, high))
    return Guess(HISTORY, before.per_day * trend, 1 + 2 * len(pairs))


def _season(
    month: int, own: Mapping[int, Use], area: Mapping[int, Sequence[Use]], rule: GapRule
) -> Guess | None:
    """The meter's last months, by how the same months and this one lay to each other a year ago."""
    known = [one for one in range(month - rule.trend_months, month) if one in own]
    index = {one: _index(area.get(one - YEAR, ()), rule) for one in (*known, month)}
    if len(known) < rule.own_months_min or None in index.values():
        return None
    mine = _together([own[one] for one in known])
    assert mine is not None
    weighed = [(index[one] or Fraction(0)) * own[one].days for one in known]
    usual = sum(weighed, Fraction(0)) / mine.days
    season = index[month]
    if not usual or season is None:
        return None
    return Guess(SEASON, mine.per_day * season / usual, len(known))


def _index(uses: Sequence[Use], rule: GapRule) -> Fraction | None:
    """What a day of a month came to in an area."""
    whole = _together(uses)
    return whole.per_day if whole is not None and len(uses) >= rule.neighbours_min else None


def _others(month: int, area: Mapping[int, Sequence[Use]], rule: GapRule) -> Guess | None:
    """The median, which one great consumer in the street does not move."""
    rates = sorted(one.per_day for one in area.get(month, ()))
    if len(rates) < rule.neighbours_min:
        return None
    middle = len(rates) // 2
    median = rates[middle] if len(rates) % 2 else (rates[middle - 1] + rates[middle]) / 2
    return Guess(NEIGHBOURS, median, len(rates))


def _together(uses: Sequence[Use]) -> Use | None:
    days = sum(one.days for one in uses)
    return Use(sum(one.quantity for one in uses), days) if days else None
