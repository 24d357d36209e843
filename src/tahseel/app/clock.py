"""The one clock. For a demonstration held on another day it is moved by whole days."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

from tahseel.kernel.period import local_day

SHIFT = "TAHSEEL_CLOCK_SHIFT_DAYS"


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC) + timedelta(days=shift_days())


def shift_days() -> int:
    """How many days the clock stands away from the machine's; 0 outside demonstrations."""
    return int(os.environ.get(SHIFT, "0"))


def today() -> date:
    """Today in Kuwait."""
    return local_day(now())


def move_to(day: date) -> None:
    """Make `today()` the given day, in this process and in those it starts."""
    os.environ[SHIFT] = str((day - local_day(datetime.now(UTC))).days)
