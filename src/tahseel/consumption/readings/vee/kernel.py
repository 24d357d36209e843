"""The rules of `reference` in one pass over each meter's month, compiled.

A first look at each day runs in plain loops that the compiler turns into vector code: its sum, its
peak, how much came, how much stayed equal, how much was zero. Almost every day of almost every
meter is done with it; only a day that shows something is looked at again, interval by interval.
"""

from __future__ import annotations

import numpy as np

from tahseel.consumption.readings.vee.batch import Int8, Int32, Int64
from tahseel.consumption.readings.vee.closing import add_up, estimate, on, runs, runs_likely, scale
from tahseel.consumption.readings.vee.layout import (
    ASIDE,
    BELOW,
    CAME,
    COLUMNS,
    EQUAL,
    F_ESTIMATED,
    F_MISSING,
    F_SUBSTITUTED,
    HIGH_OWN,
    HIGH_PERCENT,
    LEFT,
    LOW_PERCENT,
    MEASURED,
    NOTHING_CAME,
    PEAK,
    R_HIGH,
    R_LOW,
    R_MISSING,
    R_NEGATIVE,
    R_SPIKE,
    R_SUM,
    SPIKE_FLOOR,
    SPIKE_PEAK,
    SPIKE_THIRD,
    STANDS,
    SUM,
    SUM_FLOOR,
    SUM_PERCENT,
    TOP,
    ZEROS,
    Marks,
    MarksOf,
)
from tahseel.consumption.readings.vee.limits import WEEK
from tahseel.kernel.compiling import compiled


@compiled
def judge_rows(
    values: Int32,
    dial: Int64,
    usual: Int64,
    stretches: Int64,
    slots: int,
    limits: Int64,
    flags: Int8,
    fired: Int32,
    marks: Marks,
    totals: Int64,
    bands: Int64,
    peak: Int32,
    estimated: Int32,
    unknown: Int32,
) -> None:
    """Judge some meters; every array is that part of `Batch` or `Judged` (stretches: see
    `engine`)."""
    days = dial.shape[1] - 1
    table = np.zeros((days, COLUMNS), np.int64)
    ranked = np.zeros(days, np.int64)
    spots = np.zeros(days * slots, np.int32)
    for m in range(values.shape[0]):
        v, g, f, k = values[m], flags[m], fired[m], marks[m]
        _look(v, table, slots)
        limit = _usual_peak(table, ranked, limits)
        bad = _refuse(v, g, f, k, table, spots, dial[m], limit, limits, slots)
        whole, came = np.int64(0), np.int64(days * slots - bad)
        for d in range(days):
            whole += table[d, MEASURED]
        if runs_likely(table, limits, slots):
            runs(v, g, f, k, usual[m], whole, came, limits, slots)
        if bad > 0:
            estimate(v, g, table, spots[:bad], whole, came, limits, slots)
            scale(v, g, table, spots[:bad], dial[m], slots)
        add_up(v, g, table, spots[:bad], slots)
        _compare_days(f, k, table, ranked, usual[m], limits)
        if on(limits, R_SUM):
            _compare_spans(f, k, table, dial[m], limits)
        for d in range(days):
            estimated[m, d], unknown[m, d] = table[d, ASIDE], table[d, LEFT]
        peak[m] = _sum_up(v, g, table, stretches, totals[m], bands[m], slots)


@compiled
def _look(v: Int32, table: Int64, slots: int) -> None:
    """The day table of a meter as its values came in."""
    for d in range(table.shape[0]):
        q = v[d * slots : (d + 1) * slots]
        whole, high = np.int64(0), np.int32(0)
        below, zeros, equal = np.int32(0), np.int32(0), np.int32(0)
        for i in range(slots):
            whole += max(q[i], np.int32(0))
        for i in range(slots):
            high = max(high, q[i])
        for i in range(slots):
            below += np.int32(q[i] < 0)
        for i in range(slots):
            zeros += np.int32(q[i] == 0)
        for i in range(1, slots):
            equal += np.int32((q[i] == q[i - 1]) & (q[i] > 0))
        if d > 0 and q[0] == v[d * slots - 1] and q[0] > 0:
            equal += np.int32(1)
        table[d, SUM], table[d, PEAK], table[d, CAME] = whole, high, slots - below
        table[d, EQUAL], table[d, ZEROS], table[d, BELOW] = equal, zeros, below
        table[d, MEASURED], table[d, STANDS], table[d, TOP] = whole, whole, high
        table[d, ASIDE], table[d, LEFT] = 0, 0


@compiled
def _usual_peak(table: Int64, ranked: Int64, limits: Int64) -> np.int64:
    """What three days of four stay within; -1 where no peak can be a spike against it."""
    n, top, near = 0, np.int64(0), 0
    for d in range(table.shape[0]):
        n += table[d, CAME] > 0
        top = max(top, table[d, PEAK])
    for d in range(table.shape[0]):
        near += table[d, PEAK] * limits[SPIKE_PEAK] >= top * 100
    if n < 3 or top == 0 or not on(limits, R_SPIKE) or near > n - (3 * n + 3) // 4:
        return np.int64(-1)
    return _ranked(table, ranked)


@compiled
def _ranked(table: Int64, ranked: Int64) -> np.int64:
    n = 0
    for d in range(table.shape[0]):
        if table[d, CAME] > 0:
            n = _put(ranked, n, table[d, PEAK])
    usual = ranked[(3 * n + 3) // 4 - 1]
    return usual if usual > 0 else np.int64(-1)


@compiled
def _put(ranked: Int64, count: int, value: np.int64) -> int:
    """One more among so many ranked values; returns how many there are now."""
    at = count
    while at > 0 and ranked[at - 1] > value:
        ranked[at] = ranked[at - 1]
        at -= 1
    ranked[at] = value
    return count + 1


@compiled
def _refuse(
    v: Int32,
    g: Int8,
    f: Int32,
    k: MarksOf,
    table: Int64,
    spots: Int32,
    dial: Int64,
    usual: np.int64,
    limits: Int64,
    slots: int,
) -> int:
    """Set aside what never came, is negative or stands out: their places, and how many they are."""
    bad = 0
    for d in range(table.shape[0]):
        high = table[d, PEAK]
        spiky = usual > 0 and high > limits[SPIKE_FLOOR]
        spiky = spiky and high * 100 > usual * limits[SPIKE_PEAK] and table[d, CAME] >= 3
        spiky = spiky and not _confirmed(d, table, dial, limits, slots)
        if table[d, BELOW] == 0 and not spiky:
            continue
        third = _third(v, d * slots, slots) if spiky else np.int64(0)
        measured, stands, top, before = np.int64(0), np.int64(0), np.int32(0), bad
        for i in range(d * slots, (d + 1) * slots):
            rule = _broken(v[i], spiky, usual, third, limits)
            if rule < 0:
                stands += v[i]
                measured += max(v[i], np.int32(0))
                top = max(top, v[i])
                continue
            spots[bad] = i
            bad += 1
            g[i] = F_ESTIMATED if rule == R_MISSING else F_SUBSTITUTED
            if on(limits, rule):
                f[rule] += 1
                k[d] |= 1 << rule
        table[d, MEASURED], table[d, STANDS], table[d, TOP] = measured, stands, top
        table[d, ASIDE] = bad - before
    return bad


@compiled
def _broken(
    value: np.int32, spiky: bool | np.bool, usual: np.int64, third: np.int64, limits: Int64
) -> int:
    """The rule that sets a value aside, or -1."""
    x = np.int64(value)
    if value == NOTHING_CAME:
        return R_MISSING
    if x < 0:
        return R_NEGATIVE if on(limits, R_NEGATIVE) else -1
    if not spiky or x <= limits[SPIKE_FLOOR] or x * 100 <= usual * limits[SPIKE_PEAK]:
        return -1
    return R_SPIKE if x * 100 > third * limits[SPIKE_THIRD] else -1


@compiled
def _third(v: Int32, first: int, slots: int) -> np.int64:
    """The third highest value of a day."""
    one, two, three = np.int64(-1), np.int64(-1), np.int64(-1)
    for i in range(first, first + slots):
        x = np.int64(v[i])
        if x > one:
            one, two, three = x, one, two
        elif x > two:
            two, three = x, two
        elif x > three:
            three = x
    return three


@compiled
def _confirmed(day: int, table: Int64, dial: Int64, limits: Int64, slots: int) -> bool:
    """True where the values around a day came whole and agree with the dial as they are."""
    first, end = day, day + 1
    while first > 0 and dial[first] < 0:
        first -= 1
    while end < table.shape[0] and dial[end] < 0:
        end += 1
    if dial[first] < 0 or dial[end] < 0:
        return False
    whole = np.int64(0)
    for d in range(first, end):
        if table[d, CAME] < slots:
            return False
        whole += table[d, SUM]
    advance = dial[end] - dial[first]
    slack = max(limits[SUM_FLOOR], advance * limits[SUM_PERCENT] // 100)
    return bool(advance >= 0 and abs(whole - advance) <= slack)


@compiled
def _compare_days(
    f: Int32, k: MarksOf, table: Int64, ranked: Int64, usual: np.int64, limits: Int64
) -> None:
    """Days against the usual day; high ones also against the middle day of their month."""
    own = np.int64(-2)
    for d in range(table.shape[0]):
        if usual <= 0 or table[d, LEFT] > 0:
            continue
        hundred = table[d, STANDS] * 100
        high = hundred > usual * limits[HIGH_PERCENT] and on(limits, R_HIGH)
        if high and own == -2:
            own = _own(table, ranked, usual, limits)
        if high and hundred > own:
            f[R_HIGH] += 1
            k[d] |= 1 << R_HIGH
        if hundred < usual * limits[LOW_PERCENT] and on(limits, R_LOW):
            f[R_LOW] += 1
            k[d] |= 1 << R_LOW


@compiled
def _own(table: Int64, ranked: Int64, usual: np.int64, limits: Int64) -> np.int64:
    """What a high day is above by its own month; -1 where that does not tell."""
    n = 0
    for d in range(table.shape[0]):
        if table[d, LEFT] == 0:
            n = _put(ranked, n, table[d, STANDS])
    middle = ranked[n // 2] if n > 0 else np.int64(0)
    if n < WEEK or middle * 100 > usual * limits[HIGH_PERCENT]:
        return np.int64(-1)
    return np.int64(middle * limits[HIGH_OWN])


@compiled
def _compare_spans(f: Int32, k: MarksOf, table: Int64, dial: Int64, limits: Int64) -> None:
    """Spans against the dial."""
    first, whole = -1, np.int64(0)
    for d in range(dial.shape[0]):
        if dial[d] >= 0:
            advance = dial[d] - dial[max(first, 0)]
            slack = max(limits[SUM_FLOOR], max(advance, 0) * limits[SUM_PERCENT] // 100)
            if first >= 0 and (abs(whole - advance) > slack or advance < 0):
                f[R_SUM] += 1
                k[first:d] |= 1 << R_SUM
            first, whole = d, np.int64(0)
        if d < table.shape[0]:
            whole += table[d, STANDS]


@compiled
def _sum_up(
    v: Int32, g: Int8, table: Int64, stretches: Int64, totals: Int64, bands: Int64, slots: int
) -> np.int64:
    """Totals by day and by band; the highest interval. The first band is what the others leave."""
    whole, high = np.int64(0), np.int64(0)
    for d in range(table.shape[0]):
        totals[d] = table[d, STANDS]
        whole += table[d, STANDS]
        high = max(high, table[d, TOP])
    for n in range(stretches.shape[0]):
        first, end, part = stretches[n, 1], stretches[n, 2], np.int64(0)
        for d in range(table.shape[0]):
            if table[d, LEFT] > 0:
                part += _known(v, g, d * slots + first, d * slots + end)
                continue
            q = v[d * slots + first : d * slots + end]
            for i in range(q.shape[0]):
                part += q[i]
        bands[stretches[n, 0]] += part
        whole -= part
    bands[0] = whole
    return high


@compiled
def _known(v: Int32, g: Int8, first: np.int64, end: np.int64) -> np.int64:
    """The sum of the values that are known."""
    part = np.int64(0)
    for i in range(first, end):
        if g[i] != F_MISSING:
            part += v[i]
    return part
