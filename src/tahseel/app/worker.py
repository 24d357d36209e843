"""The worker's loop: jobs that run at a knock or when their time has come.

It sleeps until a commit knocks, and wakes by itself often enough that a lost knock costs little.
A database that is away is waited for; nothing is lost, because nothing is kept in memory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from django.db import DatabaseError, close_old_connections, connection

from tahseel.kernel.errors import Fault

LOG = structlog.get_logger("worker")
IDLE_SECONDS = 0.25
AWAY_SECONDS = 1.0


@dataclass
class Job:
    """Something the worker does, every so often, and at a knock unless it can wait.

    `run` returns True when there is more to do.
    """

    name: str
    every_seconds: float
    run: Callable[[], bool]
    on_knock: bool = True
    due: float = 0.0
    rests_until: float = 0.0


class Bell(Protocol):
    """Something to sleep beside; True when it rang."""

    def wait(self, seconds: float) -> bool: ...


class Quiet:
    """A bell that nobody rings: the sleep ends with its time, or when the worker is to stop."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def wait(self, seconds: float) -> bool:
        self._stop.wait(seconds)
        return False


def work(*, bell: Bell, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Serve until `stop` is set. A job that fails is logged and tried again; the others go on."""
    knocked = True
    while not stop.is_set():
        now = time.monotonic()
        more = False
        for job in jobs:
            if now >= job.rests_until and ((knocked and job.on_knock) or now >= job.due):
                more = _attempt(job) or more
                job.due = max(time.monotonic() + job.every_seconds, job.rests_until)
        knocked = more or bell.wait(_pause(jobs))


def _pause(jobs: Sequence[Job]) -> float:
    soonest = min(job.due for job in jobs)
    return max(0.001, min(IDLE_SECONDS, soonest - time.monotonic()))


def _attempt(job: Job) -> bool:
    """True when there is more to do. A failed job rests; nobody else waits for it."""
    try:
        return job.run()
    except (DatabaseError, Fault) as error:
        LOG.warning("job failed, will be tried again", job=job.name, error=str(error))
    except Exception:  # what one job did not foresee must not end the others
        LOG.exception("job failed in a way nobody foresaw, will be tried again", job=job.name)
    connection.close()
    close_old_connections()
    job.rests_until = time.monotonic() + AWAY_SECONDS
    return False
