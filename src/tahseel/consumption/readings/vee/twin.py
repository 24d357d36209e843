"""The rules of `reference` in NumPy: whole batches at a time, the same bits, nothing to compile.

It needs several times the memory of the batch, and is used for small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.batch import BANDS_MAX, MISSING, Batch, Int64, Judged
from tahseel.consumption.readings.vee.limits import RUN_DAYS, WEEK, Limits, Rule

FITS = 2**31
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Look:
    """A batch as it came in. raw, kept: int64 [N, D, S]; kept has 0 for what is negative."""

    raw: Int64
    kept: Int64
    came: Mask


@dataclass(frozen=True, slots=True)
class Spans:
    """From each known dial to the next: meter, first day, day behind the last, advance."""

    meter: Int64
    first: Int64
    end: Int64
    advance: Int64

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        columns = (self.meter, self.first, self.end, self.advance)
        return zip(*(column.tolist() for column in columns), strict=True)


def judge(batch: Batch, limits: Limits) -> Judged:
    """Validate, estimate and aggregate a batch; see `engine.judge`."""
    found = Judged.empty(batch)
    raw = batch.values.astype(np.int64).reshape(batch.meters, batch.days, batch.slots)
    look, spans = Look(raw, np.maximum(raw, 0), raw >= 0), _spans(batch.dial)
    _refuse(look, spans, found, limits)
    actual = found.flags == Flag.ACTUAL
    whole = np.where(actual, look.kept.reshape(actual.shape), 0).sum(axis=1)
    came = actual.sum(axis=1)
    mean: Int64 = whole // np.maximum(came, 1)
    _runs(batch, found, limits, mean, (batch.usual > 0) | (whole > 0))
    _estimate(batch, found, limits, mean, came)
    _scale(batch, found, spans)
    _count(batch, found)
    _sum_up(batch, found)
    _compare(batch, found, limits, spans)
    return found


def _count(batch: Batch, found: Judged) -> None:
    """Intervals a day that are not measured, and those that are unknown."""
    flags = found.flags.reshape(batch.meters, batch.days, batch.slots)
    found.estimated[:] = (flags != Flag.ACTUAL).sum(axis=2)
    found.unknown[:] = (flags == Flag.MISSING).sum(axis=2)


def _spans(dial: Int64) -> Spans:
    meter, day = (part.astype(np.int64) for part in np.nonzero(dial >= 0))
    next_of = np.flatnonzero(meter[1:] == meter[:-1])
    first, end, of = day[next_of], day[next_of + 1], meter[next_of]
    return Spans(of, first, end, dial[of, end] - dial[of, first])


def _slack(advance: Int64, limits: Limits) -> Int64:
    allowed: Int64 = np.maximum(advance, 0) * limits.sum_percent // 100
    return np.maximum(limits.sum_floor, allowed)


def _within(spans: Spans, chosen: Mask, shape: tuple[int, ...]) -> Mask:
    """bool [N, D]: the days that lie in one of the chosen spans."""
    steps = np.zeros((shape[0], shape[1] + 1), np.int64)
    np.add.at(steps, (spans.meter[chosen], spans.first[chosen]), 1)
    np.add.at(steps, (spans.meter[chosen], spans.end[chosen]), -1)
    days: Mask = np.cumsum(steps, axis=1)[:, :-1] > 0
    return days


def _between(of_day: Int64, spans: Spans) -> Int64:
    """The sum of a figure of each day over each span."""
    running = np.concatenate([np.zeros((len(of_day), 1), np.int64), of_day.cumsum(axis=1)], axis=1)
    summed: Int64 = running[spans.meter, spans.end] - running[spans.meter, spans.first]
    return summed


def _refuse(look: Look, spans: Spans, found: Judged, limits: Limits) -> None:
    shape = found.flags.shape
    missing = look.raw == MISSING
    negative = (look.raw < 0) & ~missing
    for rule, where, flag in (
        (Rule.MISSING, missing, Flag.ESTIMATED),
        (Rule.NEGATIVE, negative, Flag.SUBSTITUTED),
        (Rule.SPIKE, _spikes(look, spans, limits), Flag.SUBSTITUTED),
    ):
        if limits.has(rule) or rule is Rule.MISSING:
            found.flags[where.reshape(shape)] = flag
        if limits.has(rule):
            found.fired[:, rule] = where.sum(axis=(1, 2))
            found.marks[where.any(axis=2)] |= np.int16(1 << rule)


def _spikes(look: Look, spans: Spans, limits: Limits) -> Mask:
    came, peaks = look.came.sum(axis=2), look.kept.max(axis=2)
    days = (came > 0).sum(axis=1)
    ranked = np.sort(np.where(came > 0, peaks, np.int64(2**62)), axis=1)
    rank = np.clip((3 * days + 3) // 4 - 1, 0, ranked.shape[1] - 1)
    usual = np.where(days >= 3, np.take_along_axis(ranked, rank[:, None], axis=1)[:, 0], 0)
    likely = (usual > 0)[:, None] & (came >= 3) & (peaks > limits.spike_floor)
    likely &= peaks * 100 > usual[:, None] * limits.spike_peak_percent
    whole = _between(came, spans) == (spans.end - spans.first) * look.raw.shape[2]
    near = np.abs(_between(look.kept.sum(axis=2), spans) - spans.advance)
    agreed = whole & (spans.advance >= 0) & (near <= _slack(spans.advance, limits))
    likely &= ~_within(spans, agreed, peaks.shape)
    spikes = np.zeros(look.raw.shape, bool)
    day = look.kept[likely]
    if not len(day):
        return spikes
    third = np.sort(np.where(look.came[likely], day, -1), axis=1)[:, -3]
    above = day * 100 > third[:, None] * limits.spike_third_percent
    above &= day * 100 > np.broadcast_to(usual[:, None], peaks.shape)[likely][:, None] * (
        limits.spike_peak_percent
    )
    spikes[likely] = above & (day > limits.spike_floor)
    return spikes


def _stretches(starts: Mask) -> tuple[Int64, Int64]:
    """Where each stretch of a flat array starts and ends, given where new ones start."""
    first = np.flatnonzero(starts).astype(np.int64)
    return first, np.append(first[1:], len(starts)).astype(np.int64)


def _runs(batch: Batch, found: Judged, limits: Limits, mean: Int64, used: Mask) -> None:
    width = batch.values.shape[1]
    values, actual = batch.values.reshape(-1), found.flags.reshape(-1) == Flag.ACTUAL
    starts = np.ones(len(values), bool)
    starts[1:] = (values[1:] != values[:-1]) | ~actual[1:] | ~actual[:-1]
    starts[::width] = True
    first, end = _stretches(starts)
    value, meter, length = values[first].astype(np.int64), first // width, end - first
    measured = actual[first]
    stuck = measured & (value > 0) & (length >= limits.stuck_slots)
    stuck &= value * 100 >= mean[meter] * limits.stuck_percent
    stuck[stuck] = _unlike(batch, actual, limits, (first[stuck], end[stuck]))
    zero = measured & (value == 0) & (length >= limits.zero_slots) & used[meter]
    for rule, where in ((Rule.STUCK, stuck), (Rule.ZERO, zero)):
        if not limits.has(rule):
            continue
        np.add.at(found.fired, (meter[where], rule), length[where].astype(np.int32))
        for one, start, stop in zip(meter[where], first[where], end[where], strict=True):
            here = (start % width) // batch.slots
            found.marks[one, here : ((stop - 1) % width) // batch.slots + 1] |= np.int16(1 << rule)


def _unlike(batch: Batch, actual: Mask, limits: Limits, runs: tuple[Int64, Int64]) -> Mask:
    """Of runs (first, end; of the flat array) those at whose times the meter moves otherwise."""
    shape = (batch.meters, batch.days, batch.slots)
    came = actual.reshape(shape).any(axis=2).sum(axis=1)
    moved = np.zeros(batch.values.shape, bool)
    good = actual.reshape(batch.values.shape)
    moved[:, 1:] = (batch.values[:, 1:] != batch.values[:, :-1]) & good[:, 1:] & good[:, :-1]
    moves = moved.reshape(shape).sum(axis=1)
    values, known = batch.values.reshape(shape), good.reshape(shape)
    same = (values[:, 1:] == values[:, :-1]) & known[:, 1:] & known[:, :-1]
    kept = same.sum(axis=1) * 100 >= came[:, None] * limits.stuck_level_percent
    told, width = np.zeros(len(runs[0]), bool), batch.values.shape[1]
    for n, (first, end) in enumerate(zip(*runs, strict=True)):
        meter = first // width
        steps = moves[meter, np.arange(first + 1, end) % batch.slots]
        often = int((steps * 100 >= came[meter] * limits.stuck_step_percent).sum())
        told[n] = (
            end - first >= RUN_DAYS * batch.slots
            or steps.sum() >= came[meter] * limits.stuck_moves
            or often >= limits.stuck_steps
            or _strange(values[meter], known[meter], kept[meter], first % width, end - first)
            >= limits.stuck_slots
        )
    return told


def _strange(
    values: npt.NDArray[np.int32], known: Mask, kept: Mask, first: int, length: int
) -> int:
    """Intervals of a run at whose times a meter keeps its level, and never has this one else."""
    at = np.arange(values.size).reshape(values.shape)
    there: Mask = (at >= first) & (at < first + length)
    level = values.reshape(-1)[first]
    seen = ((values == level) & known & ~there).any(axis=0)
    return int((there & (kept & ~seen)).sum())


def _estimate(batch: Batch, found: Judged, limits: Limits, mean: Int64, came: Int64) -> None:
    width = batch.values.shape[1]
    values, bad = batch.values.reshape(-1), found.flags.reshape(-1) != Flag.ACTUAL
    starts = np.concatenate([[True], bad[1:] != bad[:-1]])
    starts[::width] = True
    first, end = _stretches(starts)
    first, end = first[bad[first]], end[bad[first]]
    nothing = came[first // width] == 0
    straight = (end - first <= limits.linear_slots) & (first % width > 0) & (end % width > 0)
    straight &= ~nothing
    long = ~straight & ~nothing
    within = _positions(first[straight], end[straight])
    gap = np.repeat(np.flatnonzero(straight), (end - first)[straight])
    before = values[first[gap] - 1].astype(np.int64) if len(gap) else np.zeros(0, np.int64)
    after = values[end[gap] % len(values)].astype(np.int64)
    step = (after - before) * (within - first[gap] + 1) // (end[gap] - first[gap] + 1)
    at = _positions(first[long], end[long])
    like = _like(batch, ~bad, at, mean)
    values[within], values[at] = before + step, like
    unknown = _positions(first[nothing], end[nothing])
    values[unknown] = MISSING
    found.flags.reshape(-1)[unknown] = Flag.MISSING


def _positions(first: Int64, end: Int64) -> Int64:
    """Every position of every stretch, in order."""
    length = end - first
    offset = np.cumsum(length) - length
    positions: Int64 = np.arange(int(length.sum()), dtype=np.int64) + np.repeat(
        first - offset, length
    )
    return positions


def _like(batch: Batch, good: Mask, at: Int64, mean: Int64) -> Int64:
    """What like days had at these positions; positions are those of the flat array."""
    width, slots = batch.values.shape[1], batch.slots
    meters, row = np.unique(at // width, return_inverse=True)
    day, slot = (at % width) // slots, at % slots
    known = good.reshape(batch.meters, batch.days, slots)[meters]
    values = np.where(
        known, batch.values.reshape(batch.meters, batch.days, slots)[meters], 0
    ).astype(np.int64)
    answer: Int64 = mean[at // width]
    any_day = known.sum(axis=1)[row, slot]
    whole = values.sum(axis=1)[row, slot]
    answer = np.where(any_day > 0, whole // np.maximum(any_day, 1), answer)
    for phase in range(min(7, batch.days)):
        here = day % 7 == phase
        same = known[:, phase::7].sum(axis=1)[row[here], slot[here]]
        whole = values[:, phase::7].sum(axis=1)[row[here], slot[here]]
        answer[here] = np.where(same > 0, whole // np.maximum(same, 1), answer[here])
    return answer


def _scale(batch: Batch, found: Judged, spans: Spans) -> None:
    touched = (found.flags != Flag.ACTUAL).reshape(batch.meters, batch.days, batch.slots)
    guessed = _between(touched.sum(axis=2, dtype=np.int64), spans) > 0
    tops = np.where(found.flags == Flag.ACTUAL, batch.values, 0).max(axis=1)
    chosen = Spans(*(getattr(spans, name)[guessed] for name in Spans.__dataclass_fields__))
    for meter, first, end, advance in chosen:
        at = slice(first * batch.slots, end * batch.slots)
        _share_out(batch.values[meter, at], found.flags[meter, at], advance, int(tops[meter]))


def _share_out(
    values: npt.NDArray[np.int32], flags: npt.NDArray[np.int8], advance: int, top: int
) -> None:
    bad = flags != Flag.ACTUAL
    rest = advance - int(values[~bad].sum(dtype=np.int64))
    parts = np.where(flags == Flag.MISSING, 0, values)[bad].astype(np.int64)
    whole = int(parts.sum())
    if parts.min() < 0 or not 0 <= rest < FITS or whole >= FITS:
        return
    if top > 0 and rest > top * len(parts):
        return
    done = np.cumsum(parts if whole else np.ones_like(parts))
    given = done * rest // (whole or len(parts))
    values[bad] = np.diff(given, prepend=0)
    flags[flags == Flag.MISSING] = Flag.ESTIMATED


def _sum_up(batch: Batch, found: Judged) -> None:
    standing = np.where(found.flags == Flag.MISSING, 0, batch.values).astype(np.int64)
    days = standing.reshape(batch.meters, batch.days, batch.slots)
    found.totals[:] = days.sum(axis=2)
    found.peak[:] = np.maximum(standing.max(axis=1), 0)
    for band in range(BANDS_MAX):
        found.bands[:, band] = days[:, :, batch.bands == band].sum(axis=(1, 2))


def _own(found: Judged, left: Mask, usual: Int64, limits: Limits) -> Int64:
    """[N, 1]: what a high day is above by its own month; -1 where that does not tell."""
    known = (~left).sum(axis=1)
    ranked = np.sort(np.where(left, np.int64(2**62), found.totals), axis=1)
    at = np.minimum(known // 2, ranked.shape[1] - 1)[:, None]
    middle = np.where(known > 0, np.take_along_axis(ranked, at, axis=1)[:, 0], 0)
    turned = (known >= WEEK) & (middle * 100 <= usual[:, 0] * limits.high_percent)
    own: Int64 = np.where(turned, middle * limits.high_own_percent, -1)[:, None]
    return own


def _compare(batch: Batch, found: Judged, limits: Limits, spans: Spans) -> None:
    hundred, usual = found.totals * 100, batch.usual[:, None]
    left = (found.flags == Flag.MISSING).reshape(batch.meters, batch.days, batch.slots).any(axis=2)
    judged = (usual > 0) & ~left
    high = (hundred > usual * limits.high_percent) & (hundred > _own(found, left, usual, limits))
    for rule, where in (
        (Rule.HIGH, judged & high),
        (Rule.LOW, judged & (hundred < usual * limits.low_percent)),
    ):
        if limits.has(rule):
            found.fired[:, rule] = where.sum(axis=1)
            found.marks[where] |= np.int16(1 << rule)
    if not limits.has(Rule.SUM):
        return
    differs = np.abs(_between(found.totals, spans) - spans.advance)
    failed = (differs > _slack(spans.advance, limits)) | (spans.advance < 0)
    np.add.at(found.fired, (spans.meter[failed], Rule.SUM), 1)
    found.marks[_within(spans, failed, found.marks.shape)] |= np.int16(1 << Rule.SUM)
