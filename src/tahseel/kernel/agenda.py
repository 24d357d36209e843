"""Work that has its day: which days of a job are due. Pure; what was done is in `daybook`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.period import LOCAL_ZONE, local_day

CATCH_UP_DAYS_MAX = 400
MONTH_DAYS_MAX = 31


class Missed(StrEnum):
    """What becomes of days on which nobody worked."""

    COVERED = "covered"
    """The latest day's run does their work: what it writes is dated on the day it is written."""
    RUN = "run"
    """Each is done for itself, the oldest first."""


@dataclass(frozen=True, slots=True)
class DayJob:
    """A job that is done once for each of its days; declared in a slice's `jobs.py` as JOBS.

    run(at, day): does it and returns figures for JSON. in_parts: `run` commits by itself, part by
    part, and each part may be repeated without effect; else job and effect are one commit.
    """

    name: str
    run: Callable[[datetime, date], Mapping[str, Any]]
    missed: Missed
    in_parts: bool


@dataclass(frozen=True, slots=True)
class Appointment:
    """When a job is due: on working days from an hour in Kuwait, each day or once a month.

    day_of_month: the day of the month, or the first working day that follows it; days_off: on days
    off as well, for what no person waits for and no day may be without.
    """

    job: str
    from_hour: int
    day_of_month: int | None = None
    days_off: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.from_hour < 24:
            raise ValueError(f"{self.job}: there is no hour {self.from_hour}")
        if self.day_of_month is not None and not 1 <= self.day_of_month <= 28:
            raise ValueError(f"{self.job}: not every month has a day {self.day_of_month}")
        if self.days_off and self.day_of_month is not None:
            raise ValueError(f"{self.job}: once a month needs no days off")


def load_appointments(data: Mapping[str, Any]) -> dict[str, Appointment]:
    """Appointments by job from the parsed `agenda.toml`. Raises ValueError, KeyError."""
    rows = [
        Appointment(
            row["code"], row["from_hour"], row.get("day_of_month"), row.get("days_off", False)
        )
        for row in data["appointment"]
    ]
    found = {row.job: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("a job has two appointments")
    return found


def due_days(
    *, appointment: Appointment, calendar: WorkingCalendar, last: date | None, at: datetime
) -> list[date]:
    """The days of a job after the last one done whose hour has come, in order.

    A job that was never done begins with the latest of its days, within a month.
    """
    today = local_day(at)
    hour_has_come = at.astimezone(LOCAL_ZONE).hour >= appointment.from_hour
    end = today if hour_has_come else today - timedelta(days=1)
    reach = CATCH_UP_DAYS_MAX if last else MONTH_DAYS_MAX
    start = max(last or date.min, end - timedelta(days=reach))
    days = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    found = [day for day in days if _falls_on(appointment, calendar, day)]
    return found if last else found[-1:]


def _falls_on(appointment: Appointment, calendar: WorkingCalendar, day: date) -> bool:
    if appointment.day_of_month is None:
        return appointment.days_off or calendar.is_working_day(day)
    return calendar.next_working_day(day.replace(day=appointment.day_of_month)) == day or (
        _of_month_before(appointment.day_of_month, calendar, day)
    )


def _of_month_before(day_of_month: int, calendar: WorkingCalendar, day: date) -> bool:
    """A late day of month may be moved by days off into the month that follows."""
    before = (day.replace(day=1) - timedelta(days=1)).replace(day=day_of_month)
    return calendar.next_working_day(before) == day
