"""The interval rules by name, and the limits they judge by.

Every limit is a whole number, so that the compiled kernel, its NumPy twin and the plain reference
come to the same bits. The figures themselves are data of a country (`validation.toml`), each with
its source; here is only what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Rule(IntEnum):
    """One interval rule; the number is its column in `Judged.fired` and its bit in a day's mark.

    MISSING, NEGATIVE, SPIKE, STUCK and ZERO count intervals, HIGH and LOW days, SUM spans between
    two dial reads.
    """

    MISSING = 0
    NEGATIVE = 1
    SPIKE = 2
    STUCK = 3
    ZERO = 4
    HIGH = 5
    LOW = 6
    SUM = 7


WEEK = 7
RUN_DAYS = 2  # a value that stands for so long stands whatever the meter is used to
ALL_RULES = (1 << len(Rule)) - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules of one customer class allow, for intervals of one length.

    rules: bits of the rules that are switched on. A rule that is off tells nothing and replaces
    nothing; a value that never came is estimated all the same.
    spike_peak_percent: a spike is above this share of the usual daily peak (the peak that three
    days of four stay within) ...
    spike_third_percent: ... and above this share of the third highest value of its own day ...
    spike_floor: ... and above this many base units.
    stuck_slots, stuck_percent: so many equal values in a row, each at least this share of the
    meter's mean, where this meter is not used to it: at the times that the run goes over it moves
    otherwise (stuck_moves: so often in all, by the mean of its days; or at stuck_steps of them on
    stuck_step_percent of its days), or it has there, from day to day on stuck_level_percent of its
    days, a level that is not this one; or the run is of two days.
    zero_slots: so many zeros in a row where there was use.
    high_percent, low_percent: a day's use against the meter's usual day; a high one also against
    the middle day of its own month (high_own_percent), once a week of it is known, unless that
    middle is itself far above the usual: a season turns, a leak stays.
    sum_percent, sum_floor: how far intervals and dial may differ over a span, the larger of both.
    linear_slots: the longest gap that a straight line closes; like days fill a longer one. Neither
    is scaled to a dial that would make them more, in the mean, than was ever measured.
    """

    rules: int
    spike_peak_percent: int
    spike_third_percent: int
    spike_floor: int
    stuck_slots: int
    stuck_percent: int
    zero_slots: int
    high_percent: int
    low_percent: int
    sum_percent: int
    sum_floor: int
    linear_slots: int
    stuck_moves: int
    stuck_steps: int
    stuck_step_percent: int
    stuck_level_percent: int
    high_own_percent: int

    def __post_init__(self) -> None:
        if min(self.stuck_slots, self.zero_slots) < 2:
            raise ValueError("a run is of two intervals at least")
        if min(self.numbers()) < 0:
            raise ValueError("a limit is never negative")

    def numbers(self) -> tuple[int, ...]:
        """All limits in the order of their fields, as the kernel takes them."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def has(self, rule: Rule) -> bool:
        return bool(self.rules >> rule & 1)
