"""Gaps in a span of intervals: what is estimated, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings.blocks import DAY_S, Series
from tahseel.consumption.readings.filling import completed
from tahseel.consumption.readings.judging import Estimation
from tahseel.consumption.readings.values import Flag

POLICY = Estimation(linear_s=2 * 3600, share_max_percent=50)
DAYS, HOUR = 28, 3600


def series(
    values: dict[int, int], *, length: int = HOUR, flag: Flag = Flag.ACTUAL, shift: int = 0
) -> Series:
    slots = np.array(sorted(values), np.int64)
    return Series(
        "m", "E1", "import", "Wh",
        slots * length + shift,
        np.full(len(slots), length, np.int64),
        np.array([values[s] for s in slots.tolist()], np.int64),
        np.full(len(slots), int(flag), np.int64),
    )  # fmt: skip


def weekly(slot: int) -> int:
    """More on the same day of each week, and a peak in the evening."""
    day, hour = divmod(slot, 24)
    return 100 + 50 * (day % 7) + 10 * hour


@given(st.lists(st.integers(0, DAYS * 24 - 1), max_size=200, unique=True))
def test_what_is_estimated_lies_within_what_was_measured(gone: list[int]) -> None:
    came = {s: weekly(s) for s in range(DAYS * 24) if s not in gone}

    found = completed(series(came), 0, DAYS * DAY_S, POLICY)

    assert found is not None
    total, seconds, _ = found
    assert seconds == len(gone) * HOUR
    low, high = min(came.values()), max(came.values())
    assert len(gone) * low <= total - sum(came.values()) <= len(gone) * high


def test_a_week_that_did_not_come_takes_the_days_of_other_weeks() -> None:
    came = {s: weekly(s) for s in range(DAYS * 24) if s // 24 not in range(8, 15)}

    found = completed(series(came), 0, DAYS * DAY_S, POLICY)

    assert found is not None
    assert found[:2] == (sum(weekly(s) for s in range(DAYS * 24)), 7 * DAY_S)


def test_a_short_gap_is_closed_by_a_straight_line() -> None:
    came = dict.fromkeys(range(DAYS * 24), 100) | {99: 40, 102: 70}
    del came[100], came[101]

    found = completed(series(came), 0, DAYS * DAY_S, POLICY)

    assert found is not None
    assert found[:2] == (sum(came.values()) + 50 + 60, 2 * HOUR)


def test_estimates_of_the_sender_count_as_not_measured() -> None:
    came = dict.fromkeys(range(1, 24), 10)

    found = completed(series(came, flag=Flag.ESTIMATED), 0, DAY_S, POLICY)

    assert found is not None
    assert found[:2] == (240, DAY_S)


@pytest.mark.parametrize(
    "given_series",
    [
        series({}),
        series(dict.fromkeys(range(11), 10)),
        series(dict.fromkeys(range(22), 10), shift=7),
        series(dict.fromkeys(range(10), 10), length=7 * 60),
        series(dict.fromkeys(range(24), 10), flag=Flag.MISSING),
    ],
)
def test_too_little_or_off_the_grid_is_not_estimated(given_series: Series) -> None:
    assert completed(given_series, 0, DAY_S, POLICY) is None
