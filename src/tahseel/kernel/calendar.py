"""The working calendar: which days count, with holidays that move and are therefore data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SEARCH_DAYS_MAX = 400
_WEEK = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day off. `source` names the decision: a cabinet may move it, so it is a dated fact."""

    day: date
    name_ar: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Weekend days (Monday is 0) and holidays of one country.

    `known_until`: the first day for which nobody has told us the holidays; before it they are
    complete, from it on only the weekend counts (None: the holidays are complete for ever).
    """

    weekend: frozenset[int]
    holidays: frozenset[date]
    known_until: date | None = None

    def __post_init__(self) -> None:
        if not self.weekend < _WEEK:
            raise ValueError("a weekend is some days from 0 (Monday) to 6, not all of them")

    @classmethod
    def of(
        cls,
        *,
        weekend: Iterable[int],
        holidays: Iterable[Holiday],
        known_until: date | None = None,
    ) -> WorkingCalendar:
        days = frozenset(holiday.day for holiday in holidays)
        return cls(frozenset(weekend), days, known_until)

    def is_known(self, day: date) -> bool:
        """False when the holidays around `day` have not been decided: an answer may change."""
        return self.known_until is None or day < self.known_until

    def is_working_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is one, else the first that follows."""
        for n in range(SEARCH_DAYS_MAX):
            candidate = day + timedelta(days=n)
            if self.is_working_day(candidate):
                return candidate
        raise ValueError(f"no working day within {SEARCH_DAYS_MAX} days of {day}")

    def add_working_days(self, day: date, count: int) -> date:
        """The day on which `count` working days after `day` have passed (count >= 0)."""
        if count < 0:
            raise ValueError("count must not be negative")
        for _ in range(count):
            day = self.next_working_day(day + timedelta(days=1))
        return day

    def legal_deadline(self, served_on: date, days: int) -> date:
        """Last day of a term of `days` calendar days (>= 0) after service; a day off moves it on.

        The day of service does not count. Source: Kuwait Law 38/1980 (civil and commercial
        procedure), on the computation of terms.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        return self.next_working_day(served_on + timedelta(days=days))


_installed: list[WorkingCalendar] = []


def install(calendar: WorkingCalendar) -> None:
    """Called once by `app` with the country's calendar."""
    _installed[:] = [calendar]


def working_calendar() -> WorkingCalendar:
    """The installed country's calendar. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no working calendar is installed")
    return _installed[0]
