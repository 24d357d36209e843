"""A curve of any number of intervals as two SVG paths: the least and the most of every column.

What is drawn is as wide as a screen, so of all intervals that fall into one column only the lowest
and the highest can be seen; a year of quarter hours is drawn from two points a column and loses
nothing to the eye. Where nothing came the path is broken. Pure, whole numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tahseel.channels.metering.values import Drawn, Ints, Mark, Points
from tahseel.channels.pages.charts import FULL, percentage, ticks_for
from tahseel.consumption.readings.values import Flag

COLUMNS = 1_000
RARE = 200  # of so many values one may reach over the axis ...
FAR = 4  # ... where it is more than so many times as high as the others


def draw(
    points: Points,
    *,
    first: int,
    end: int,
    unit: int,
    mirrored: bool,
    marked: Sequence[tuple[int, int]] = (),
) -> Drawn:
    """Draw what lies from `first` to before `end` (epoch seconds).

    unit: base units that the axis counts by; mirrored: time begins at the right; marked: stretches
    to set off, in epoch seconds.
    """
    here = (points.starts >= first) & (points.starts < end) & (points.flags != Flag.MISSING)
    ticks = ticks_for(_top(points.values[here]), unit)
    paths = []
    for chosen in (points.flags == Flag.ACTUAL, points.flags != Flag.ACTUAL):
        some = here & chosen
        height = np.clip(points.values[some] * FULL // ticks[-1], 0, FULL)
        starts = points.starts[some]
        ends = np.minimum(starts + points.durations[some], end)
        paths.append(_path(starts - first, ends - first, FULL - height, end - first, mirrored))
    return Drawn(
        measured=paths[0],
        put=paths[1],
        marks=tuple(_mark(a - first, b - first, end - first, mirrored) for a, b in marked),
        ticks=ticks,
        grid=tuple(percentage(FULL - tick * FULL // ticks[-1]) for tick in ticks),
        count=int(here.sum()),
        beyond=int((points.values[here] > ticks[-1]).sum()),
    )


def _top(values: Ints) -> int:
    """What the axis has to reach: a few values far above all others do not flatten the rest."""
    if not len(values):
        return 0
    highest = int(values.max())
    common = int(np.sort(values)[-1 - len(values) // RARE])
    return highest if highest <= FAR * common or not common else common * 3 // 2


def _path(starts: Ints, ends: Ints, y: Ints, whole: int, mirrored: bool) -> str:
    """Steps where they can be seen, else a stroke from the least to the most of each column."""
    if not len(starts):
        return ""
    if len(starts) <= COLUMNS:
        lefts, rights, lows, highs = starts * FULL // whole, ends * FULL // whole, y, y
        broken = np.concatenate([[True], starts[1:] > ends[:-1]])
    else:
        column = starts * COLUMNS // whole
        at = np.flatnonzero(np.diff(column, prepend=-1))
        lefts = rights = column[at] * FULL // COLUMNS
        lows, highs = np.maximum.reduceat(y, at), np.minimum.reduceat(y, at)
        broken = np.concatenate([[True], starts[at[1:]] > ends[at[1:] - 1]])
    if mirrored:
        lefts, rights = FULL - lefts, FULL - rights
    return "".join(
        f"{'M' if cut else 'L'}{left} {low}L{right} {high}"
        for cut, left, low, right, high in zip(
            broken.tolist(),
            lefts.tolist(),
            lows.tolist(),
            rights.tolist(),
            highs.tolist(),
            strict=True,
        )
    )


def _mark(start: int, end: int, whole: int, mirrored: bool) -> Mark:
    left, right = max(0, start) * FULL // whole, min(end, whole) * FULL // whole
    width = max(right - left, FULL // 200)
    return Mark(percentage(FULL - left - width if mirrored else left), percentage(width))
