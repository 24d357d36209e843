"""The country's appointments for the work of the day, and that work done by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from tahseel.countries.kuwait import country
from tahseel.kernel import daybook
from tahseel.kernel.agenda import Appointment, DayJob, load_appointments
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.daybook import DayDone
from tahseel.kernel.errors import Fault, Refusal
from tahseel.kernel.period import local_day


class AnotherDay(Refusal):
    """What is written today is dated today: it cannot be done for another day."""

    code = "another_day"
    text_ar = "هذا العمل لا يُنفَّذ إلا ليوم تنفيذه: اليوم {today} وليس {day}"
    text_en = "This is only done for the day on which it is done: today is {today}, not {day}"


class NoWorkingDay(Refusal):
    code = "no_working_day"
    text_ar = "{day} ليس يوم عمل"
    text_en = "{day} is not a working day"


@lru_cache(maxsize=1)
def appointments() -> Mapping[str, Appointment]:
    """When each job of the day is due."""
    return load_appointments(country.data("agenda"))


def by_hand(*, job: DayJob, day: date | None, at: datetime) -> DayDone:
    """Do a daily job now, as the worker would, and only once a day.

    Raises AnotherDay, NoWorkingDay, and Fault(retry) while a worker is at it.
    """
    today = local_day(at)
    if day not in (None, today):
        raise AnotherDay(day=str(day), today=str(today))
    if not working_calendar().is_working_day(today):
        raise NoWorkingDay(day=str(today))
    done = daybook.do(job=job, day=today, at=at)
    if done.busy:
        raise Fault(f"{job.name} is being done by a worker just now", retry=True)
    return done


def day_is_over(*, jobs: tuple[DayJob, ...], day: date, at: datetime) -> None:
    """Write into the book that a day's work was done by whoever built the database."""
    for job in jobs:
        daybook.mark(job=job.name, day=day, at=at, outcome={"by": "builder"})
