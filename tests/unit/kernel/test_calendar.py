from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import calendar
from tahseel.kernel.calendar import Holiday, WorkingCalendar

FRIDAY, SATURDAY = 4, 5
EID = Holiday(date(2026, 3, 22), "عيد الفطر", "Eid al-Fitr", "test")
KUWAIT = WorkingCalendar.of(
    weekend=[FRIDAY, SATURDAY], holidays=[EID], known_until=date(2027, 1, 1)
)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = list(calendar._installed)
    yield
    calendar._installed[:] = before


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 19), True),
        (date(2026, 3, 20), False),
        (date(2026, 3, 21), False),
        (date(2026, 3, 22), False),
        (date(2026, 3, 23), True),
    ],
)
def test_weekends_and_holidays_are_days_off(day: date, works: bool) -> None:
    assert KUWAIT.is_working_day(day) is works


def test_the_next_working_day_may_be_the_day_itself() -> None:
    assert KUWAIT.next_working_day(date(2026, 3, 19)) == date(2026, 3, 19)
    assert KUWAIT.next_working_day(date(2026, 3, 20)) == date(2026, 3, 23)


@given(DAYS, st.integers(0, 60))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    reached = KUWAIT.add_working_days(day, count)

    between = [day + timedelta(days=n + 1) for n in range((reached - day).days)]
    assert sum(KUWAIT.is_working_day(d) for d in between) == count
    assert count == 0 or KUWAIT.is_working_day(reached)


@given(DAYS, st.integers(0, 120))
def test_a_legal_term_never_ends_early_nor_on_a_day_off(served: date, days: int) -> None:
    deadline = KUWAIT.legal_deadline(served, days)

    natural = served + timedelta(days=days)
    assert deadline >= natural
    assert KUWAIT.is_working_day(deadline)
    skipped = (natural + timedelta(days=n) for n in range((deadline - natural).days))
    assert not any(KUWAIT.is_working_day(day) for day in skipped)


def test_a_term_of_thirty_days_does_not_count_the_day_of_service() -> None:
    assert KUWAIT.legal_deadline(date(2026, 4, 1), 30) == date(2026, 5, 3)  # 1 May is a Friday


def test_counts_are_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        KUWAIT.add_working_days(date(2026, 4, 1), -1)
    with pytest.raises(ValueError, match="negative"):
        KUWAIT.legal_deadline(date(2026, 4, 1), -1)


def test_a_week_without_work_is_no_calendar() -> None:
    with pytest.raises(ValueError, match="weekend"):
        WorkingCalendar.of(weekend=range(7), holidays=[])


def test_a_year_of_holidays_ends_the_search() -> None:
    first = date(2026, 1, 1)
    off = [Holiday(first + timedelta(days=n), "ع", "h", "test") for n in range(500)]

    with pytest.raises(ValueError, match="no working day"):
        WorkingCalendar.of(weekend=[], holidays=off).next_working_day(first)


def test_a_calendar_says_from_when_on_it_does_not_know() -> None:
    assert KUWAIT.is_known(date(2026, 12, 31))
    assert not KUWAIT.is_known(date(2027, 1, 1))
    assert WorkingCalendar.of(weekend=[], holidays=[]).is_known(date(2999, 1, 1))


def test_without_an_installed_calendar_nothing_is_assumed() -> None:
    calendar._installed.clear()

    with pytest.raises(LookupError):
        calendar.working_calendar()

    calendar.install(KUWAIT)
    assert calendar.working_calendar() is KUWAIT
