"""Which days of a job are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.agenda import Appointment, due_days, load_appointments
from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.period import LOCAL_ZONE

FRIDAY, SATURDAY = 4, 5
NATIONAL_DAY = date(2026, 2, 25)
WEEK = WorkingCalendar(frozenset({FRIDAY, SATURDAY}), frozenset({NATIONAL_DAY}))
DAILY = Appointment("letters", from_hour=7)
MONTHLY = Appointment("bills", from_hour=1, day_of_month=3)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL_ZONE)


def due(appointment: Appointment, last: date | None, instant: datetime) -> list[date]:
    return due_days(appointment=appointment, calendar=WEEK, last=last, at=instant)


def test_a_day_is_due_from_its_hour_in_kuwait_and_not_before() -> None:
    thursday, last = date(2026, 3, 5), date(2026, 3, 4)

    assert due(DAILY, last, at(thursday, 6)) == []
    assert due(DAILY, last, at(thursday, 7)) == [thursday]
    assert due(DAILY, thursday, at(thursday, 8)) == []


def test_weekends_and_holidays_are_no_days_of_work() -> None:
    assert due(DAILY, date(2026, 2, 24), at(NATIONAL_DAY)) == []
    assert due(DAILY, date(2026, 3, 5), at(date(2026, 3, 7))) == []
    assert due(DAILY, date(2026, 3, 5), at(date(2026, 3, 8))) == [date(2026, 3, 8)]


def test_what_no_day_may_be_without_is_due_on_days_off_too() -> None:
    every_night = Appointment("meters", 0, days_off=True)

    missed = due(every_night, date(2026, 3, 5), at(date(2026, 3, 7)))

    assert missed == [date(2026, 3, 6), date(2026, 3, 7)]


def test_days_on_which_nobody_worked_are_all_named_in_order() -> None:
    missed = due(DAILY, date(2026, 2, 23), at(date(2026, 3, 1)))

    assert missed == [date(2026, 2, 24), date(2026, 2, 26), date(2026, 3, 1)]


def test_a_job_never_done_begins_with_its_latest_day_alone() -> None:
    assert due(DAILY, None, at(date(2026, 3, 5))) == [date(2026, 3, 5)]
    assert due(MONTHLY, None, at(date(2026, 3, 20))) == [date(2026, 3, 3)]


def test_a_monthly_day_moves_to_the_next_working_day_even_into_the_next_month() -> None:
    assert due(MONTHLY, date(2026, 3, 3), at(date(2026, 4, 6))) == [date(2026, 4, 5)]
    late = WorkingCalendar(frozenset({FRIDAY, SATURDAY}), frozenset({date(2027, 2, 28)}))
    on_28th = Appointment("bills", 1, 28)
    found = due_days(
        appointment=on_28th, calendar=late, last=date(2027, 2, 1), at=at(date(2027, 3, 2))
    )
    assert found == [date(2027, 3, 1)]


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(0, 90), st.integers(0, 23))
def test_looking_often_finds_the_same_days_as_looking_once(
    start: date, days: int, hour: int
) -> None:
    end = at(start + timedelta(days=days), hour)
    once = due(DAILY, start, end)

    last, often = start, []
    for n in range(days + 1):
        found = due(DAILY, last, min(end, at(start + timedelta(days=n), 12)))
        often += found
        last = found[-1] if found else last

    assert often == once
    assert all(WEEK.is_working_day(day) for day in once)


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_every_month_has_one_day_of_the_monthly_job(start: date) -> None:
    end = start + timedelta(days=365)
    months = [date(start.year + n // 12, n % 12 + 1, 3) for n in range(25)]
    expected = [WEEK.next_working_day(third) for third in months]

    found = due(MONTHLY, start, at(end))

    assert found == [day for day in expected if start < day <= end]


def test_an_hour_or_day_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no hour"):
        Appointment("letters", from_hour=24)
    with pytest.raises(ValueError, match="days off"):
        Appointment("letters", from_hour=1, day_of_month=3, days_off=True)
    with pytest.raises(ValueError, match="not every month"):
        Appointment("letters", from_hour=1, day_of_month=31)
    twice = {"appointment": [{"code": "a", "from_hour": 1}, {"code": "a", "from_hour": 2}]}
    with pytest.raises(ValueError, match="two appointments"):
        load_appointments(twice)
