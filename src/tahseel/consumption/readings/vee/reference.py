"""The interval rules written out plainly, one meter at a time, in Python's own numbers.

Nothing here is quick. It is what the rules mean; kernel and twin are held to it bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.batch import BANDS_MAX, MISSING
from tahseel.consumption.readings.vee.limits import RUN_DAYS, WEEK, Limits, Rule

FITS = 2**31


@dataclass
class Meter:
    """One meter's month: what came in, and what became of it."""

    values: list[int]
    dial: list[int]
    usual: int
    bands: list[int]
    limits: Limits
    flags: list[int] = field(default_factory=list)
    fired: dict[Rule, int] = field(default_factory=dict)
    marks: list[set[Rule]] = field(default_factory=list)

    @property
    def slots(self) -> int:
        return len(self.bands)

    @property
    def days(self) -> int:
        return len(self.dial) - 1

    def day(self, number: int) -> range:
        return range(number * self.slots, (number + 1) * self.slots)

    def standing(self, at: range) -> list[int]:
        """Values of a range that are known, measured or estimated."""
        return [self.values[i] for i in at if self.flags[i] != Flag.MISSING]

    def fire(self, rule: Rule, times: int, days: Iterator[int] | range) -> None:
        self.fired[rule] += times
        for one in days:
            self.marks[one].add(rule)

    @property
    def totals(self) -> list[int]:
        return [sum(self.standing(self.day(d))) for d in range(self.days)]

    @property
    def peak(self) -> int:
        return max([0, *self.standing(range(len(self.values)))])

    @property
    def by_band(self) -> list[int]:
        found = [0] * BANDS_MAX
        for i, value in enumerate(self.values):
            if self.flags[i] != Flag.MISSING:
                found[self.bands[i % self.slots]] += value
        return found

    @property
    def estimated(self) -> list[int]:
        return [sum(self.flags[i] != Flag.ACTUAL for i in self.day(d)) for d in range(self.days)]

    @property
    def unknown(self) -> list[int]:
        return [sum(self.flags[i] == Flag.MISSING for i in self.day(d)) for d in range(self.days)]


def judge(meter: Meter) -> Meter:
    """Judge a meter: mark, estimate, compare. It is changed in place and given back."""
    meter.flags = [Flag.ACTUAL] * len(meter.values)
    meter.fired = dict.fromkeys(Rule, 0)
    meter.marks = [set() for _ in range(meter.days)]
    raw = list(meter.values)
    _refuse(meter, raw)
    _runs(meter)
    _estimate(meter)
    _scale(meter)
    _compare(meter)
    return meter


def _refuse(meter: Meter, raw: list[int]) -> None:
    """Values that never came, that are negative, or that stand out as a spike."""
    spikes = set(_spikes(meter, raw)) if meter.limits.has(Rule.SPIKE) else set()
    for i, value in enumerate(raw):
        if value == MISSING:
            _set_aside(meter, i, Rule.MISSING, Flag.ESTIMATED)
        elif value < 0 and meter.limits.has(Rule.NEGATIVE):
            _set_aside(meter, i, Rule.NEGATIVE, Flag.SUBSTITUTED)
        elif i in spikes:
            _set_aside(meter, i, Rule.SPIKE, Flag.SUBSTITUTED)


def _set_aside(meter: Meter, at: int, rule: Rule, flag: Flag) -> None:
    meter.flags[at] = flag
    if meter.limits.has(rule):
        meter.fire(rule, 1, range(at // meter.slots, at // meter.slots + 1))


def _spikes(meter: Meter, raw: list[int]) -> Iterator[int]:
    limits = meter.limits
    peaks = []
    for d in range(meter.days):
        came = [raw[i] for i in meter.day(d) if raw[i] >= 0]
        if came:
            peaks.append(max(came))
    if len(peaks) < 3:
        return
    usual = sorted(peaks)[(3 * len(peaks) + 3) // 4 - 1]
    if usual == 0:
        return
    confirmed = set(_confirmed(meter, raw))
    for d in range(meter.days):
        came = sorted((raw[i] for i in meter.day(d) if raw[i] >= 0), reverse=True)
        if len(came) < 3 or d in confirmed:
            continue
        for i in meter.day(d):
            if (
                raw[i] > limits.spike_floor
                and raw[i] * 100 > usual * limits.spike_peak_percent
                and raw[i] * 100 > came[2] * limits.spike_third_percent
            ):
                yield i


def _confirmed(meter: Meter, raw: list[int]) -> Iterator[int]:
    """Days whose values came whole and agree with the dial as they are."""
    for first, end in _spans(meter):
        came = raw[first * meter.slots : end * meter.slots]
        advance = meter.dial[end] - meter.dial[first]
        if min(came) >= 0 and advance >= 0 and abs(sum(came) - advance) <= _slack(meter, advance):
            yield from range(first, end)


def _spans(meter: Meter) -> Iterator[tuple[int, int]]:
    """From each known dial to the next one."""
    known = [d for d, value in enumerate(meter.dial) if value >= 0]
    return pairwise(known)


def _slack(meter: Meter, advance: int) -> int:
    return max(meter.limits.sum_floor, advance * meter.limits.sum_percent // 100)


def _runs(meter: Meter) -> None:
    """Values that do not move, and zeros that last."""
    good = [v for v, flag in zip(meter.values, meter.flags, strict=True) if flag == Flag.ACTUAL]
    above = [v for v in good if v > 0]
    mean = sum(above) // len(good) if good else 0
    limits = meter.limits
    for first, end in _equal(meter):
        value, length = meter.values[first], end - first
        days = range(first // meter.slots, (end - 1) // meter.slots + 1)
        stuck = value > 0 and length >= limits.stuck_slots
        stuck = stuck and value * 100 >= mean * limits.stuck_percent
        if stuck and limits.has(Rule.STUCK) and _unlike(meter, first, end):
            meter.fire(Rule.STUCK, length, days)
        used = meter.usual > 0 or bool(above)
        if value == 0 and used and length >= limits.zero_slots and limits.has(Rule.ZERO):
            meter.fire(Rule.ZERO, length, days)


def _unlike(meter: Meter, first: int, end: int) -> bool:
    """The meter moves otherwise at the times at which this run stands, or it stands for days."""
    limits, slots = meter.limits, meter.slots
    came = [any(meter.flags[i] == Flag.ACTUAL for i in meter.day(d)) for d in range(meter.days)]
    moves = [0] * slots
    for i in range(1, len(meter.values)):
        both = meter.flags[i] == meter.flags[i - 1] == Flag.ACTUAL
        moves[i % slots] += both and meter.values[i] != meter.values[i - 1]
    steps = [moves[i % slots] for i in range(first + 1, end)]
    often = [one for one in steps if one * 100 >= sum(came) * limits.stuck_step_percent]
    return (
        end - first >= RUN_DAYS * slots
        or sum(steps) >= sum(came) * limits.stuck_moves
        or len(often) >= limits.stuck_steps
        or _strange(meter, first, end, sum(came)) >= limits.stuck_slots
    )


def _strange(meter: Meter, first: int, end: int, came: int) -> int:
    """Intervals of a run at whose times the meter keeps its level from day to day, and never has
    this one on a day that is not of the run.
    """
    found = 0
    for i in range(first, end):
        at = range(i % meter.slots, len(meter.values), meter.slots)
        level = {a: meter.values[a] for a in at if meter.flags[a] == Flag.ACTUAL}
        kept = sum(level[a] == level.get(a - meter.slots) for a in level)
        seen = any(value == meter.values[i] for a, value in level.items() if not first <= a < end)
        found += kept * 100 >= came * meter.limits.stuck_level_percent and not seen
    return found


def _equal(meter: Meter) -> Iterator[tuple[int, int]]:
    """Runs of equal measured values, from their first to behind their last."""
    first = 0
    for i in range(1, len(meter.values) + 1):
        goes_on = (
            i < len(meter.values)
            and meter.values[i] == meter.values[first]
            and meter.flags[i] == meter.flags[first] == Flag.ACTUAL
        )
        if not goes_on:
            if meter.flags[first] == Flag.ACTUAL:
                yield first, i
            first = i


def _estimate(meter: Meter) -> None:
    measured = [
        v if flag == Flag.ACTUAL else None
        for v, flag in zip(meter.values, meter.flags, strict=True)
    ]
    good = [max(v, 0) for v in measured if v is not None]
    for first, end in _gaps(meter):
        for i in range(first, end):
            if not good:
                meter.values[i], meter.flags[i] = MISSING, Flag.MISSING
            elif end - first <= meter.limits.linear_slots and first > 0 and end < len(measured):
                before, after = measured[first - 1] or 0, measured[end] or 0
                step = (after - before) * (i - first + 1) // (end - first + 1)
                meter.values[i] = before + step
            else:
                meter.values[i] = _like(meter, measured, i, sum(good) // len(good))


def _gaps(meter: Meter) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for i, flag in enumerate(meter.flags):
        if flag == Flag.ACTUAL:
            continue
        if found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _like(meter: Meter, measured: list[int | None], at: int, mean: int) -> int:
    """The mean at this time on the same day of other weeks, else on any day, else of the meter."""
    day, slot = divmod(at, meter.slots)
    for days in (range(day % 7, meter.days, 7), range(meter.days)):
        there = [v for d in days if (v := measured[d * meter.slots + slot]) is not None]
        if there:
            return sum(there) // len(there)
    return mean


def _scale(meter: Meter) -> None:
    """What the dial leaves for the estimated intervals of a span, shared out among them."""
    pairs = zip(meter.values, meter.flags, strict=True)
    top = max([0, *(value for value, flag in pairs if flag == Flag.ACTUAL)])
    for first, end in _spans(meter):
        at = range(first * meter.slots, end * meter.slots)
        guessed = [i for i in at if meter.flags[i] != Flag.ACTUAL]
        measured = sum(meter.values[i] for i in at if meter.flags[i] == Flag.ACTUAL)
        rest = meter.dial[end] - meter.dial[first] - measured
        parts = [0 if meter.flags[i] == Flag.MISSING else meter.values[i] for i in guessed]
        whole = sum(parts)
        if not guessed or min(parts) < 0 or not 0 <= rest < FITS or whole >= FITS:
            continue
        if top and rest > top * len(guessed):
            continue  # more than was ever measured: the dial and the values differ
        done = given = 0
        for i, part in zip(guessed, parts, strict=True):
            done += part if whole else 1
            value = done * rest // (whole or len(guessed)) - given
            given += value
            meter.values[i] = value
            if meter.flags[i] == Flag.MISSING:
                meter.flags[i] = Flag.ESTIMATED


def _compare(meter: Meter) -> None:
    """Days against the usual day, spans against the dial."""
    limits, totals = meter.limits, meter.totals
    known = sorted(total for total, left in zip(totals, meter.unknown, strict=True) if not left)
    middle = known[len(known) // 2] if known else 0
    turned = len(known) >= WEEK and middle * 100 <= meter.usual * limits.high_percent
    own = middle * limits.high_own_percent if turned else -1
    for d, total in enumerate(totals):
        if meter.usual <= 0 or any(meter.flags[i] == Flag.MISSING for i in meter.day(d)):
            continue
        high = total * 100 > meter.usual * limits.high_percent and total * 100 > own
        if high and limits.has(Rule.HIGH):
            meter.fire(Rule.HIGH, 1, range(d, d + 1))
        if total * 100 < meter.usual * limits.low_percent and limits.has(Rule.LOW):
            meter.fire(Rule.LOW, 1, range(d, d + 1))
    for first, end in _spans(meter):
        advance = meter.dial[end] - meter.dial[first]
        differs = abs(sum(totals[first:end]) - advance) > _slack(meter, max(advance, 0))
        if limits.has(Rule.SUM) and (differs or advance < 0):
            meter.fire(Rule.SUM, 1, range(first, end))
