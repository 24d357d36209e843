from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import period
from tahseel.kernel.period import (
    BillingMonth,
    FiscalYear,
    Period,
    local_day,
    months_between,
    same_day_last_year,
    start_of,
)

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(DAYS)
    return Period(start, start + timedelta(days=draw(st.integers(1, 800))))


def test_a_period_has_its_start_and_not_its_end() -> None:
    week = Period(date(2026, 4, 1), date(2026, 4, 8))

    assert date(2026, 4, 1) in week
    assert date(2026, 4, 7) in week
    assert date(2026, 4, 8) not in week
    assert week.days == 7


@pytest.mark.parametrize("end", [date(2026, 4, 1), date(2026, 3, 31)])
def test_a_period_is_never_empty(end: date) -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        Period(date(2026, 4, 1), end)


@given(periods(), periods())
def test_an_overlap_has_exactly_the_days_both_have(a: Period, b: Period) -> None:
    both = set(a) & set(b)

    overlap = a.overlap(b)

    assert (set(overlap) if overlap else set()) == both
    assert a.overlap(b) == b.overlap(a)


@given(periods(), st.lists(DAYS, max_size=5))
def test_a_split_keeps_every_day_once_and_cuts_at_the_given_days(
    period: Period, cuts: list[date]
) -> None:
    parts = period.split(*cuts)

    assert [day for part in parts for day in part] == list(period)
    assert {part.start for part in parts[1:]} == {
        day for day in cuts if period.start < day < period.end
    }


@given(DAYS)
def test_a_month_holds_its_days_and_its_ordinal_sorts(day: date) -> None:
    month = BillingMonth.of(day)

    assert day in month.period
    assert month.next().previous() == month
    assert month.next().ordinal == month.ordinal + 1
    assert BillingMonth.from_ordinal(month.ordinal) == month
    assert BillingMonth.parse(str(month)) == month


@pytest.mark.parametrize(
    "text",
    [
        "2026-4",
        "2026-13",
        "2026-00",
        "202604",
        "٢٠٢٦-٠٤",
        "0000-01",
        "1899-12",
        "2200-01",
        "9998-12",
    ],
)
def test_a_month_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|year"):
        BillingMonth.parse(text)


@pytest.mark.parametrize("text", ["1900-01", "2199-12"])
def test_every_month_that_may_be_given_has_days_and_months_around_it(text: str) -> None:
    month = BillingMonth.parse(text)

    assert month.first_day in month.period
    assert BillingMonth.from_ordinal(month.ordinal - 60) < month < month.next().next()


def test_months_between_are_half_open() -> None:
    months = months_between(BillingMonth(2025, 11), BillingMonth(2026, 2))

    assert [str(month) for month in months] == ["2025-11", "2025-12", "2026-01"]
    assert months_between(BillingMonth(2026, 2), BillingMonth(2026, 2)) == []


@pytest.mark.parametrize(
    ("day", "start_year", "name"),
    [
        (date(2026, 3, 31), 2025, "2025/26"),
        (date(2026, 4, 1), 2026, "2026/27"),
        (date(2099, 12, 31), 2099, "2099/00"),
        (date(2024, 2, 29), 2023, "2023/24"),
    ],
)
def test_the_fiscal_year_starts_on_the_first_of_april(
    day: date, start_year: int, name: str
) -> None:
    year = FiscalYear.of(day)

    assert year == FiscalYear(start_year)
    assert str(year) == name
    assert day in year.period


@pytest.mark.parametrize(
    ("first", "day", "start_year", "name"),
    [
        ((1, 1), date(2026, 1, 1), 2026, "2026"),
        ((7, 1), date(2026, 6, 30), 2025, "2025/26"),
        ((10, 15), date(2026, 10, 14), 2025, "2025/26"),
        ((10, 15), date(2026, 10, 15), 2026, "2026/27"),
    ],
)
def test_a_country_may_begin_its_year_on_another_day(
    first: tuple[int, int], day: date, start_year: int, name: str
) -> None:
    period.install_fiscal_year(month=first[0], day=first[1])

    year = FiscalYear.of(day)

    assert (year.start_year, str(year)) == (start_year, name)
    assert day in year.period


@pytest.mark.parametrize(("month", "day"), [(2, 29), (13, 1), (4, 31), (0, 1)])
def test_a_year_begins_on_a_day_that_every_year_has(month: int, day: int) -> None:
    with pytest.raises(ValueError, match=r"day|month"):
        period.install_fiscal_year(month=month, day=day)


@given(DAYS)
def test_a_fiscal_year_follows_the_one_before_without_a_gap(day: date) -> None:
    year = FiscalYear.of(day)

    assert year.previous().period.end == year.period.start
    assert year.period.days in (365, 366)


@pytest.mark.parametrize(
    ("day", "year_before"),
    [
        (date(2026, 9, 10), date(2025, 9, 10)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 28)),
    ],
)
def test_last_year_has_the_same_calendar_day(day: date, year_before: date) -> None:
    assert same_day_last_year(day) == year_before


@given(DAYS)
def test_a_day_in_kuwait_begins_three_hours_before_it_does_in_greenwich(day: date) -> None:
    begins = start_of(day)

    assert begins.tzinfo is UTC
    assert begins == datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=3)))
    assert local_day(begins) == day
    assert local_day(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_an_instant_without_its_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2026, 4, 1))  # noqa: DTZ001
