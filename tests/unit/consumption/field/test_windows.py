"""When customers may report what their meter shows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.field import rules
from tahseel.consumption.field.values import SelfReading
from tahseel.countries.kuwait import country

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(1, 15), st.integers(0, 10))
def test_a_window_is_found_as_by_walking_to_the_end_of_the_month(
    day: date, last: int, first: int
) -> None:
    window = rules.window_of(day=day, by=SelfReading(last, first))

    to_end = 0
    while (day + timedelta(days=to_end)).month == day.month:
        to_end += 1
    open_now = to_end <= last or day.day <= first
    assert (window is not None) == open_now
    if window is not None:
        assert day in window
        assert window.days == last + first


@given(DAYS)
def test_all_days_of_a_window_have_the_same_one(day: date) -> None:
    by = SelfReading(5, 2)
    window = rules.window_of(day=day, by=by)

    for one in window or ():
        assert rules.window_of(day=one, by=by) == window


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"last_days = 5", b"last_days = 0"), (b"first_days = 2", b"first_days = 11")],
)
def test_a_window_that_never_opens_or_never_closes_is_refused(before: bytes, after: bytes) -> None:
    content = country.content("field")
    assert before in content

    with pytest.raises(ValueError, match="end of a month"):
        rules.load_policy(content.replace(before, after))
