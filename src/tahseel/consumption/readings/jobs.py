"""Every night the lake's files are put in order: a month is then read from few of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.consumption.readings import tidying
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("lake")


def _tidy(at: datetime, day: date) -> Mapping[str, Any]:
    done = tidying.tidy(actor=ACTOR, at=at, today=day)
    return {"months": done.months, "deleted": done.deleted}


TIDY = DayJob("readings.tidy_lake", _tidy, Missed.COVERED, in_parts=True)
JOBS = (TIDY,)
