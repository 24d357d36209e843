"""A curve loses no extreme, breaks where nothing came, and lies inside its box."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tahseel.channels.metering import curves
from tahseel.channels.metering.values import Drawn, Points
from tahseel.channels.pages.charts import FULL
from tahseel.consumption.readings.values import Flag

FIRST, STEP = 1_700_000_000, 900


def drawn(values: list[int], gaps: frozenset[int] = frozenset(), mirrored: bool = False) -> Drawn:
    at = [n for n in range(len(values)) if n not in gaps]
    points = Points(
        np.array([FIRST + n * STEP for n in at], np.int64),
        np.full(len(at), STEP, np.int64),
        np.array([values[n] for n in at], np.int64),
        np.full(len(at), int(Flag.ACTUAL), np.int64),
    )
    end = FIRST + len(values) * STEP
    return curves.draw(points, first=FIRST, end=end, unit=1_000, mirrored=mirrored)


def spots(path: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"[ML](\d+) (\d+)", path)]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=3_000), st.booleans())
def test_the_least_and_the_most_of_every_column_are_drawn(
    values: list[int], mirrored: bool
) -> None:
    found = drawn(values, mirrored=mirrored)

    heights = {y for _, y in spots(found.measured)}
    top = found.ticks[-1]
    in_sight = [min(value, top) for value in values]
    assert FULL - max(in_sight) * FULL // top in heights
    assert FULL - min(in_sight) * FULL // top in heights
    assert all(0 <= x <= FULL and 0 <= y <= FULL for x, y in spots(found.measured))
    assert found.count == len(values)
    assert found.beyond == sum(value > top for value in values)


def test_a_year_of_quarter_hours_is_at_most_two_points_a_column() -> None:
    found = drawn([n % 997 for n in range(35_040)])

    assert found.count == 35_040
    assert len(spots(found.measured)) <= 2 * curves.COLUMNS


def test_the_path_is_broken_where_nothing_came() -> None:
    found = drawn([100] * 40, gaps=frozenset(range(10, 15)) | {30})

    assert found.measured.count("M") == 3


def test_a_single_spike_does_not_flatten_the_rest() -> None:
    found = drawn([500] * 999 + [90_000])

    assert (found.ticks[-1] < 5_000, found.beyond) == (True, 1)


def test_time_begins_at_the_right_where_the_page_does() -> None:
    left, right = drawn([100, 900]), drawn([100, 900], mirrored=True)

    assert [(FULL - x, y) for x, y in spots(left.measured)] == spots(right.measured)
