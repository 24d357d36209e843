"""Days and spans of days. Every period is half-open: the start is in it, the end is not.

Instants are aware and UTC; people see them in Kuwait, and a meter-day is a day there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

YEAR_MIN, YEAR_MAX = 1890, 9998  # wider than what is given: room for months before and after
DAY_MIN, DAY_MAX = date(1900, 1, 1), date(2199, 12, 31)  # what people may give, both included
LOCAL_ZONE = ZoneInfo("Asia/Kuwait")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def local_day(instant: datetime) -> date:
    """The day in Kuwait on which an instant falls. Raises ValueError for a naive instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its zone")
    return instant.astimezone(LOCAL_ZONE).date()


def start_of(day: date) -> datetime:
    """The UTC instant at which a day begins in Kuwait."""
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`. Never empty, never open-ended."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} to {self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))

    def overlap(self, other: Period) -> Period | None:
        """The days both have, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def split(self, *days: date) -> list[Period]:
        """Cut at each given day that lies strictly inside."""
        cuts = [self.start, *sorted({d for d in days if self.start < d < self.end}), self.end]
        return [Period(a, b) for a, b in pairwise(cuts)]


@dataclass(frozen=True, order=True, slots=True)
class BillingMonth:
    """A calendar month in which consumption is billed."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"no such month: {self.month}")
        if not YEAR_MIN <= self.year <= YEAR_MAX:
            raise ValueError(f"no such year here: {self.year}")

    @classmethod
    def parse(cls, text: str) -> BillingMonth:
        """Read "2026-04". Raises ValueError on anything else, and for a year nobody may give."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueError(f"a month is written YYYY-MM, not {text!r}")
        if not DAY_MIN.year <= int(match[1]) <= DAY_MAX.year:
            raise ValueError(f"no such year here: {match[1]}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> BillingMonth:
        return cls(day.year, day.month)

    @classmethod
    def from_ordinal(cls, ordinal: int) -> BillingMonth:
        """The month whose `ordinal` this is, as tables keep it."""
        return cls(ordinal // 12, ordinal % 12 + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    def next(self) -> BillingMonth:
        return BillingMonth(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> BillingMonth:
        return BillingMonth.of(self.first_day - timedelta(days=1))

    @property
    def period(self) -> Period:
        return Period(self.first_day, self.next().first_day)

    @property
    def ordinal(self) -> int:
        """Months since year 0: a compact sortable key (year * 12 + month - 1)."""
        return self.year * 12 + self.month - 1

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def months_between(first: BillingMonth, end: BillingMonth) -> list[BillingMonth]:
    """Every month from `first` up to, not including, `end`."""
    months = []
    while first < end:
        months.append(first)
        first = first.next()
    return months


_installed: list[tuple[int, int]] = []


def install_fiscal_year(*, month: int, day: int) -> None:
    """Called once with the country's first day of the budget year. Raises ValueError for a day that
    not every year has.
    """
    date(1, month, day)
    _installed[:] = [(month, day)]


def first_day_of_year() -> tuple[int, int]:
    """Month and day on which the budget year begins. Raises LookupError before it is installed."""
    if not _installed:
        raise LookupError("no fiscal year is installed")
    return _installed[0]


@dataclass(frozen=True, order=True, slots=True)
class FiscalYear:
    """From the first day of the country's budget year in `start_year` up to that of the next."""

    start_year: int

    @classmethod
    def of(cls, day: date) -> FiscalYear:
        return cls(day.year if (day.month, day.day) >= first_day_of_year() else day.year - 1)

    @property
    def period(self) -> Period:
        month, day = first_day_of_year()
        return Period(date(self.start_year, month, day), date(self.start_year + 1, month, day))

    def previous(self) -> FiscalYear:
        return FiscalYear(self.start_year - 1)

    def __str__(self) -> str:
        last = (self.period.end - timedelta(days=1)).year
        return f"{self.start_year}/{last % 100:02d}" if last > self.start_year else str(last)


def same_day_last_year(day: date) -> date:
    """The same calendar day a year earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
