"""The book of the days on which a job was done: one row a job and day, in the commit of the work.

Two workers started by mistake queue behind a lock and the second finds the row; a worker that is
killed leaves neither the work nor the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection, transaction

from tahseel.kernel.agenda import Appointment, DayJob, Missed, due_days
from tahseel.kernel.calendar import WorkingCalendar

_LOCK = "hashtextextended('kernel_day_done:' || %s, 0)"


@dataclass(frozen=True, slots=True)
class DayDone:
    """A day's work. new: it was done by this call; else it was found done. busy: by another now."""

    job: str
    day: date
    outcome: Mapping[str, Any]
    new: bool
    busy: bool = False


def last_done(job: str) -> date | None:
    """The latest day in the book of a job."""
    with connection.cursor() as cursor:
        cursor.execute("select max(day) from kernel_day_done where job = %s", [job])
        row = cursor.fetchone()
    return row[0] if row else None


def outcome_of(job: str, day: date) -> Mapping[str, Any] | None:
    """What the book says of a day, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select outcome::text from kernel_day_done where job = %s and day = %s", [job, day]
        )
        row = cursor.fetchone()
    return orjson.loads(row[0]) if row else None


def attend(
    *, job: DayJob, appointment: Appointment, calendar: WorkingCalendar, at: datetime
) -> list[DayDone]:
    """Do what is due of a job now: today's work, and that of the days nobody worked."""
    days = due_days(appointment=appointment, calendar=calendar, last=last_done(job.name), at=at)
    if job.missed is Missed.RUN:
        return [do(job=job, day=day, at=at) for day in days]
    return [do(job=job, day=days[-1], at=at, covered=days[:-1])] if days else []


def do(*, job: DayJob, day: date, at: datetime, covered: list[date] | None = None) -> DayDone:
    """Do a job for a day once. covered: earlier days of which the book is to say "by this one"."""
    if not job.in_parts:
        with transaction.atomic():
            _execute(f"select pg_advisory_xact_lock({_LOCK})", [job.name])
            return _once(job, day, at, covered or [])
    with _alone(job.name) as alone:
        if not alone:
            return DayDone(job.name, day, {}, new=False, busy=True)
        return _once(job, day, at, covered or [])


def _once(job: DayJob, day: date, at: datetime, covered: list[date]) -> DayDone:
    known = outcome_of(job.name, day)
    if known is not None:
        return DayDone(job.name, day, known, new=False)
    outcome = dict(job.run(at, day))
    with transaction.atomic():
        for other in covered:
            mark(job=job.name, day=other, at=at, outcome={"covered_by": day.isoformat()})
        mark(job=job.name, day=day, at=at, outcome=outcome)
    return DayDone(job.name, day, outcome, new=True)


def mark(*, job: str, day: date, at: datetime, outcome: Mapping[str, Any]) -> None:
    """Write a day into the book, unless it is there."""
    _execute(
        "insert into kernel_day_done (job, day, at, outcome) values (%s, %s, %s, %s)"
        " on conflict do nothing",
        [job, day, at, orjson.dumps(dict(outcome), default=str).decode()],
    )


@contextmanager
def _alone(job: str) -> Iterator[bool]:
    """Hold a job's lock for the session: it outlives commits and falls with the connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_lock({_LOCK})", [job])
        row = cursor.fetchone()
    alone = bool(row and row[0])
    try:
        yield alone
    finally:
        if alone and connection.is_usable():
            _execute(f"select pg_advisory_unlock({_LOCK})", [job])


def _execute(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
