"""A day's work is done once, whoever is killed and however many workers there are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tahseel.kernel import daybook
from tahseel.kernel.agenda import Appointment, DayJob, Missed
from tahseel.kernel.calendar import WorkingCalendar

ROOT = Path(__file__).resolve().parents[3]
WEEK = WorkingCalendar(frozenset({4, 5}), frozenset())
APPOINTMENT = Appointment("test.job", 7)
THURSDAY, SUNDAY, MONDAY = date(2026, 3, 5), date(2026, 3, 8), date(2026, 3, 9)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def effects() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox")
        return int(cursor.fetchone()[0])


def act(_at: datetime, day: date) -> Mapping[str, Any]:
    """An effect that would be seen twice if it happened twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into kernel_outbox values"
            " (gen_random_uuid(), %s, 'test:effect:made', %s, null, '{}')",
            [_at, day.isoformat()],
        )
    return {"made": 1}


def job(*, missed: Missed = Missed.COVERED, in_parts: bool = False) -> DayJob:
    return DayJob("test.job", act, missed, in_parts)


def attend(one: DayJob, day: date) -> list[daybook.DayDone]:
    return daybook.attend(job=one, appointment=APPOINTMENT, calendar=WEEK, at=at(day))


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_day_is_done_once_and_the_second_call_finds_its_figures(
    database: Any, in_parts: bool
) -> None:
    first = daybook.do(job=job(in_parts=in_parts), day=SUNDAY, at=at(SUNDAY))
    again = daybook.do(job=job(in_parts=in_parts), day=SUNDAY, at=at(SUNDAY))

    assert (first.new, again.new, again.outcome) == (True, False, {"made": 1})
    assert effects() == 1


def test_missed_days_are_covered_by_the_latest_or_done_one_by_one(database: Any) -> None:
    attend(job(), date(2026, 3, 3))
    covered = attend(job(), MONDAY)
    assert [done.day for done in covered] == [MONDAY]
    assert daybook.outcome_of("test.job", THURSDAY) == {"covered_by": "2026-03-09"}
    assert effects() == 2

    one_by_one = attend(job(missed=Missed.RUN), date(2026, 3, 11))
    assert [done.day for done in one_by_one] == [date(2026, 3, 10), date(2026, 3, 11)]
    assert effects() == 4
    assert attend(job(), date(2026, 3, 11)) == []


def test_work_that_fails_leaves_neither_effect_nor_day(database: Any) -> None:
    def fails(when: datetime, day: date) -> Mapping[str, Any]:
        act(when, day)
        raise RuntimeError("the lights went out")

    broken = DayJob("test.job", fails, Missed.COVERED, in_parts=False)
    with pytest.raises(RuntimeError, match="lights"):
        daybook.do(job=broken, day=SUNDAY, at=at(SUNDAY))

    assert effects() == 0
    assert daybook.last_done("test.job") is None


@pytest.mark.parametrize("in_parts", [False, True])
def test_two_workers_at_once_do_a_day_once(database: Any, in_parts: bool) -> None:
    begun, done = threading.Event(), []

    def slow(when: datetime, day: date) -> Mapping[str, Any]:
        begun.set()
        time.sleep(0.3)
        return act(when, day)

    def worker() -> None:
        one = DayJob("test.job", slow, Missed.COVERED, in_parts)
        done.append(daybook.do(job=one, day=SUNDAY, at=at(SUNDAY)))
        connection.close()

    first, second = (threading.Thread(target=worker) for _ in range(2))
    first.start()
    assert begun.wait(10)
    second.start()
    first.join(20)
    second.join(20)

    assert sorted(one.new for one in done) == [False, True]
    assert effects() == 1


def test_a_worker_killed_in_its_work_leaves_the_whole_day_to_the_next(database: Any) -> None:
    program = (
        "import django; django.setup()\n"
        "import sys, time\n"
        "from tests.integration.kernel import test_daybook as t\n"
        "from tahseel.kernel import daybook\n"
        "from tahseel.kernel.agenda import DayJob, Missed\n"
        "def hang(at, day):\n"
        "    t.act(at, day); print('inside', flush=True); time.sleep(60)\n"
        "job = DayJob('test.job', hang, Missed.COVERED, False)\n"
        "daybook.do(job=job, day=t.SUNDAY, at=t.at(t.SUNDAY))\n"
    )
    environment = {**os.environ, "TAHSEEL_CONNECTION": json.dumps(database.app, default=str)}
    environment["PYTHONPATH"] = f"{ROOT}/src:{ROOT}"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "inside"
        process.send_signal(signal.SIGKILL)

    done = daybook.do(job=job(), day=SUNDAY, at=at(SUNDAY))

    assert done.new
    assert effects() == 1


def test_the_book_of_days_cannot_be_rewritten(database: Any) -> None:
    daybook.do(job=job(), day=SUNDAY, at=at(SUNDAY))

    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("delete from kernel_day_done")
