"""A limit lets through what it says, and never much more, wherever its windows turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.limits import Limit

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def let_through(limit: Limit, asked: list[int]) -> list[int]:
    """The seconds at which somebody who asks again and again gets an answer."""
    counts: dict[datetime, int] = {}
    passed = []
    for second in sorted(asked):
        at = START + timedelta(seconds=second)
        window = limit.window(at)
        counts[window] = counts.get(window, 0) + 1
        before = counts.get(limit.window_before(at), 0)
        if limit.allows(before=before, now=counts[window], at=at):
            passed.append(second)
    return passed


@given(st.integers(1, 20), st.integers(1, 60), st.lists(st.integers(0, 300), max_size=200))
def test_no_stretch_as_long_as_the_window_lets_through_twice_the_limit(
    most: int, seconds: int, asked: list[int]
) -> None:
    passed = let_through(Limit("pages", most, seconds), asked)

    for start in passed:
        assert sum(start <= second < start + seconds for second in passed) < 2 * most or most == 1


@given(st.integers(1, 20), st.integers(1, 60), st.integers(0, 10_000))
def test_whoever_asks_within_the_limit_is_never_refused(
    most: int, seconds: int, offset: int
) -> None:
    asked = [offset] * most

    assert let_through(Limit("pages", most, seconds), asked) == asked


def test_the_turn_of_a_window_gives_no_second_helping() -> None:
    limit = Limit("pages", 10, 60)

    passed = let_through(limit, [59] * 10 + [60] * 10)

    assert passed == [59] * 10


@given(st.integers(1, 600), st.integers(0, 100_000))
def test_the_time_to_come_back_lies_in_the_next_window(seconds: int, offset: int) -> None:
    limit, at = Limit("pages", 1, seconds), START + timedelta(seconds=offset)

    later = at + timedelta(seconds=limit.seconds_left(at))

    assert limit.window_before(later) == limit.window(at)


@pytest.mark.parametrize(("most", "seconds"), [(0, 60), (1, 0)])
def test_a_limit_that_allows_nothing_is_a_mistake(most: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="at least one use"):
        Limit("pages", most, seconds)
