"""A span of intervals with gaps, made whole by estimates where too little is missing to refuse it.

Pure. Only what did not come is estimated here; no value that came is replaced.
"""

from __future__ import annotations

from tahseel.consumption.readings import grid, vee
from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.judging import Estimation


def completed(series: Series, first: int, end: int, rule: Estimation) -> tuple[int, int] | None:
    """Base units over a span of whole days and the seconds of it that were not measured, or None.

    first, end: epoch seconds of starts of day. None where the intervals lie on no common grid, or
    where more is missing than the rule lets be estimated.
    """
    found = grid.laid_out(series, first, end)
    if found is None or found.missing * 100 > len(found.values) * rule.share_max_percent:
        return None
    judged = vee.judge(found.batch(), rule.limits(found.length))
    return int(judged.totals.sum()), (found.missing + found.guessed) * found.length
