"""The parts of the kernel that few meters need: runs of equal values, and closing gaps."""

from __future__ import annotations

import numpy as np

from tahseel.consumption.readings.vee.batch import Int8, Int32, Int64
from tahseel.consumption.readings.vee.layout import (
    ASIDE,
    EQUAL,
    F_ACTUAL,
    F_ESTIMATED,
    F_MISSING,
    FITS,
    LEFT,
    LINEAR,
    NOTHING_CAME,
    R_STUCK,
    R_ZERO,
    RULES,
    STANDS,
    STUCK_LEVEL_PERCENT,
    STUCK_MOVES,
    STUCK_PERCENT,
    STUCK_SLOTS,
    STUCK_STEP_PERCENT,
    STUCK_STEPS,
    TOP,
    ZERO_SLOTS,
    ZEROS,
    MarksOf,
)
from tahseel.consumption.readings.vee.limits import RUN_DAYS
from tahseel.kernel.compiling import compiled


@compiled
def on(limits: Int64, rule: int) -> bool:
    """True where the rule is switched on."""
    return bool(limits[RULES] >> rule & 1)


@compiled
def runs_likely(table: Int64, limits: Int64, slots: int) -> bool:
    """False only where no day holds the larger part of a run long enough to be told."""
    stuck = (min(limits[STUCK_SLOTS] - 1, slots) + 1) // 2
    zeros = (min(limits[ZERO_SLOTS], slots) + 1) // 2
    likely = False
    for d in range(table.shape[0]):
        likely |= table[d, EQUAL] >= stuck or table[d, ZEROS] >= zeros
    return likely


@compiled
def runs(
    v: Int32,
    g: Int8,
    f: Int32,
    k: MarksOf,
    usual: np.int64,
    whole: np.int64,
    came: np.int64,
    limits: Int64,
    slots: int,
) -> None:
    """Values that do not move, and zeros that last."""
    mean = whole // came if came > 0 else np.int64(0)
    used = usual > 0 or whole > 0
    first, total = 0, v.shape[0]
    while first < total:
        end = first + 1
        if g[first] != F_ACTUAL:
            first = end
            continue
        while end < total and v[end] == v[first] and g[end] == F_ACTUAL:
            end += 1
        x, length, rule = np.int64(v[first]), end - first, -1
        stuck = x > 0 and length >= limits[STUCK_SLOTS] and x * 100 >= mean * limits[STUCK_PERCENT]
        if stuck and on(limits, R_STUCK) and _unlike(v, g, first, end, limits, slots):
            rule = R_STUCK
        if x == 0 and used and length >= limits[ZERO_SLOTS]:
            rule = R_ZERO
        if rule >= 0 and on(limits, rule):
            f[rule] += length
            for d in range(first // slots, (end - 1) // slots + 1):
                k[d] |= 1 << rule
        first = end


@compiled
def _unlike(v: Int32, g: Int8, first: int, end: int, limits: Int64, slots: int) -> bool:
    """The meter moves otherwise at the times at which this run stands, or it stands for days."""
    if end - first >= RUN_DAYS * slots:
        return True
    days, came = v.shape[0] // slots, np.int64(0)
    for d in range(days):
        for i in range(d * slots, (d + 1) * slots):
            if g[i] == F_ACTUAL:
                came += 1
                break
    moves, often = np.int64(0), np.int64(0)
    for i in range(first + 1, end):
        here = np.int64(0)
        for d in range(days):
            at = d * slots + i % slots
            if at > 0 and g[at] == F_ACTUAL and g[at - 1] == F_ACTUAL and v[at] != v[at - 1]:
                here += 1
        moves += here
        often += here * 100 >= came * limits[STUCK_STEP_PERCENT]
        if often >= limits[STUCK_STEPS] or moves >= came * limits[STUCK_MOVES]:
            return True
    if often >= limits[STUCK_STEPS] or moves >= came * limits[STUCK_MOVES]:
        return True
    return bool(_strange(v, g, first, end, came, limits, slots) >= limits[STUCK_SLOTS])


@compiled
def _strange(
    v: Int32, g: Int8, first: int, end: int, came: np.int64, limits: Int64, slots: int
) -> np.int64:
    """Intervals of a run at whose times the meter keeps its level, and never has this one else."""
    found = np.int64(0)
    for i in range(first, end):
        kept, seen = np.int64(0), False
        for at in range(i % slots, v.shape[0], slots):
            if g[at] != F_ACTUAL:
                continue
            seen |= v[at] == v[first] and (at < first or at >= end)
            before = at - slots
            if before >= 0 and g[before] == F_ACTUAL and v[before] == v[at]:
                kept += 1
        found += kept * 100 >= came * limits[STUCK_LEVEL_PERCENT] and not seen
    return found


@compiled
def estimate(
    v: Int32,
    g: Int8,
    table: Int64,
    spots: Int32,
    whole: np.int64,
    came: np.int64,
    limits: Int64,
    slots: int,
) -> None:
    """Short gaps by a straight line, long ones by like days. spots: what was set aside."""
    first = 0
    for n in range(spots.shape[0]):
        if n + 1 == spots.shape[0] or spots[n + 1] != spots[n] + 1:
            _close(v, g, table, spots[first], spots[n] + 1, whole, came, limits, slots)
            first = n + 1


@compiled
def _close(
    v: Int32,
    g: Int8,
    table: Int64,
    first: int,
    end: int,
    whole: np.int64,
    came: np.int64,
    limits: Int64,
    slots: int,
) -> None:
    """One gap."""
    straight = end - first <= limits[LINEAR] and first > 0 and end < v.shape[0]
    before = np.int64(v[first - 1]) if first > 0 else np.int64(0)
    step = np.int64(v[end]) - before if straight else np.int64(0)
    for at in range(first, end):
        if came == 0:
            v[at], g[at] = NOTHING_CAME, F_MISSING
            table[at // slots, LEFT] += 1
        elif straight:
            v[at] = before + step * (at - first + 1) // (end - first + 1)
        else:
            v[at] = _like(v, g, at, whole // came, slots)


@compiled
def _like(v: Int32, g: Int8, at: int, mean: np.int64, slots: int) -> np.int64:
    """The mean at this time on the same day of other weeks, else on any day, else of the meter."""
    day, slot = at // slots, at % slots
    days = v.shape[0] // slots
    for start, step in ((day % 7, 7), (0, 1)):
        whole, came = np.int64(0), 0
        for d in range(start, days, step):
            there = d * slots + slot
            if g[there] == F_ACTUAL:
                whole += v[there]
                came += 1
        if came > 0:
            return whole // came
    return mean


@compiled
def scale(v: Int32, g: Int8, table: Int64, spots: Int32, dial: Int64, slots: int) -> None:
    """What the dial leaves for the estimated intervals of a span, shared out among them."""
    first, done, top = -1, np.int64(0), np.int64(0)
    for d in range(table.shape[0]):
        top = max(top, table[d, TOP])
    for end in range(dial.shape[0]):
        if dial[end] < 0:
            continue
        rest, until = dial[end] - dial[max(first, 0)], done
        for d in range(max(first, 0), end):
            rest -= table[d, STANDS]
            until += table[d, ASIDE]
        absorbed = top > 0 and rest > top * (until - done)
        if first >= 0 and until > done and not absorbed:
            _share_out(v, g, table, spots[done:until], rest, slots)
        first, done = end, until


@compiled
def _share_out(v: Int32, g: Int8, table: Int64, spots: Int32, rest: np.int64, slots: int) -> None:
    whole, negative = np.int64(0), False
    for i in spots:
        if g[i] != F_MISSING:
            whole += v[i]
            negative |= v[i] < 0
    if negative or rest < 0 or rest >= FITS or whole >= FITS:
        return
    parts = whole if whole > 0 else np.int64(spots.shape[0])
    done, given = np.int64(0), np.int64(0)
    for i in spots:
        done += np.int64(v[i]) if whole > 0 else np.int64(1)
        part = done * rest // parts - given
        given += part
        v[i] = part
        if g[i] == F_MISSING:
            g[i] = F_ESTIMATED
            table[i // slots, LEFT] -= 1


@compiled
def add_up(v: Int32, g: Int8, table: Int64, spots: Int32, slots: int) -> None:
    """Adds what was estimated to what stands of each day."""
    for i in spots:
        if g[i] != F_MISSING:
            d = i // slots
            table[d, STANDS] += v[i]
            table[d, TOP] = max(table[d, TOP], np.int64(v[i]))
