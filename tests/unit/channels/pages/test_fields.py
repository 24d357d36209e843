"""A day as people type it, and the days that nobody can mean."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from tahseel.channels.pages.fields import DayField
from tahseel.kernel.period import DAY_MAX, DAY_MIN


def day_field() -> DayField:
    return DayField(label="Day")


@given(some.dates())
def test_a_day_is_taken_exactly_when_it_lies_within_the_bounds(day: date) -> None:
    if DAY_MIN <= day <= DAY_MAX:
        assert day_field().clean(day.isoformat()) == day
    else:
        with pytest.raises(ValidationError) as refused:
            day_field().clean(day.isoformat())
        assert refused.value.code == "out_of_bounds"


def test_a_day_may_be_typed_in_arabic_digits() -> None:
    assert day_field().clean("٢٠٢٦-٠٣-٠١") == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["01/03/2026", "2026-02-30", "tomorrow", "2026-3-1x", "\x00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        day_field().clean(text)


def test_the_calendar_of_the_browser_knows_the_bounds_too() -> None:
    shown = day_field().widget.render("on_day", date(2026, 3, 1))

    assert f'min="{DAY_MIN}"' in shown
    assert f'max="{DAY_MAX}"' in shown
    assert 'value="2026-03-01"' in shown


def test_years_can_be_added_to_every_day_that_is_taken() -> None:
    assert DAY_MAX + timedelta(days=365 * 100) > DAY_MAX
    assert DAY_MIN - timedelta(days=365 * 100) < DAY_MIN
