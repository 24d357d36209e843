"""Every night: what the dead were liable for becomes their estate's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.registry.supply import operations

ACTOR = system("estates")


def _open_estates(at: datetime, day: date) -> Mapping[str, Any]:
    return {"estates": operations.open_estates(actor=ACTOR, at=at)}


OPEN_ESTATES = DayJob("supply.open_estates", _open_estates, Missed.COVERED, in_parts=False)
JOBS = (OPEN_ESTATES,)
