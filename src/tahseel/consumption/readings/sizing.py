"""How much a finding is about: Wh or litres in question, day by day. Pure, whole numbers only.

For what did not come it is what was estimated for it, or the usual use of that time where nothing
could be; for a value that was set aside, how far it lies from what stands for it; for a day beside
the usual, how far beside; for a dial that disagrees, by how much.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee.batch import Batch, Int32, Int64, Judged
from tahseel.consumption.readings.vee.limits import Rule


def in_question(raw: Int32, batch: Batch, judged: Judged, rule: Rule) -> Int64:
    """Base units a day of one meter [D]; zero on days that the rule does not name.

    raw: the values as they came [T]; batch, judged: of this meter alone, after judging.
    """
    marked = (judged.marks[0] >> int(rule) & 1).astype(bool)
    totals, typical = judged.totals[0], _typical(batch, judged)
    if rule is Rule.MISSING:
        found = _not_come(raw, batch, judged, typical)
    elif rule in (Rule.NEGATIVE, Rule.SPIKE):
        found = _set_aside(raw, batch)
    elif rule is Rule.SUM:
        found = _beside_dial(raw, batch)
    else:
        found = totals if rule is Rule.STUCK else np.abs(totals - typical)
    sized: Int64 = np.where(marked, found, 0).astype(np.int64)
    return sized


def _typical(batch: Batch, judged: Judged) -> int:
    """What the meter uses a day: its history, else the middle day of this time."""
    usual = int(batch.usual[0])
    return usual or int(np.sort(judged.totals[0])[batch.days // 2])


def _not_come(raw: Int32, batch: Batch, judged: Judged, typical: int) -> Int64:
    missing = raw == vee.MISSING
    left = missing & (judged.flags[0] == Flag.MISSING)
    estimated = np.where(missing & ~left, batch.values[0].astype(np.int64), 0)
    nothing = left.reshape(batch.days, batch.slots).sum(axis=1)
    found = estimated.reshape(batch.days, batch.slots).sum(axis=1)
    whole: Int64 = found + nothing * typical // batch.slots
    return whole


def _set_aside(raw: Int32, batch: Batch) -> Int64:
    came = raw != vee.MISSING
    apart = np.abs(batch.values[0].astype(np.int64) - raw.astype(np.int64))
    found: Int64 = np.where(came, apart, 0).reshape(batch.days, batch.slots).sum(axis=1)
    return found


def _beside_dial(raw: Int32, batch: Batch) -> Int64:
    """The difference between dial and intervals over each span, told on its first day."""
    came = np.where(raw == vee.MISSING, 0, raw).astype(np.int64)
    daily = came.reshape(batch.days, batch.slots).sum(axis=1)
    found = np.zeros(batch.days, np.int64)
    for first, end in pairwise(np.flatnonzero(batch.dial[0] >= 0).tolist()):
        moved = int(batch.dial[0, end] - batch.dial[0, first])
        found[first] = abs(moved - int(daily[first:end].sum()))
    return found
