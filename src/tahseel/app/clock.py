"""The one clock. A demonstration may be held on another day: the clock is then moved by whole days."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

from tahseel.kernel.period import local_day

SHIFT = "TAHSEEL_CLOCK_SHIFT_DAYS"


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC) + timedelta(days=int(os.environ.get(SHIFT, "0")))


def today() -> date:
    """Today in Kuwait."""
    return local_day(now())


def move_to(day: date) -> None:
    """Make `today()` the given day, in this process and in those it starts."""
    os.environ[SHIFT] = str((day - local_day(datetime.now(UTC))).days)
