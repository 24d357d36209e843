"""A span of intervals with gaps, made whole by estimates where too little is missing to refuse it.

Pure. Only what did not come is estimated here; no value that came is replaced.
"""

from __future__ import annotations

from tahseel.consumption.readings import grid, vee
from tahseel.consumption.readings.bands import of_slots
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.judging import Estimation
from tahseel.consumption.readings.shapes import Shape
from tahseel.consumption.readings.vee.batch import Int8


def completed(
    series: Series, first: int, end: int, rule: Estimation, hours: Int8 | None = None
) -> tuple[int, int, Shape] | None:
    """Base units over a span of whole days, the seconds of it that were not measured, and its
    shape; or None.

    first, end: epoch seconds of starts of day; hours: the time-of-use band of each hour. None where
    the intervals lie on no common grid, or where more is missing than the rule lets be estimated.
    """
    found = grid.laid_out(series, first, end)
    if found is None or found.missing * 100 > len(found.values) * rule.share_max_percent:
        return None
    bands = None if hours is None else of_slots(hours, found.length)
    judged = vee.judge(found.batch(bands=bands), rule.limits(found.length))
    told = None if bands is None else tuple(judged.bands[0].tolist())
    shape = Shape.of_peak(int(judged.peak[0]), found.length, told)
    return int(judged.totals.sum()), (found.missing + found.guessed) * found.length, shape
