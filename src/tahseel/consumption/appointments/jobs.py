"""Every working day: who is to be visited next is reminded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.consumption.appointments import operations
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("appointments")


def _remind(at: datetime, day: date) -> Mapping[str, Any]:
    return {"letters": operations.remind(actor=ACTOR, at=at, day=day)}


REMIND = DayJob("appointments.remind", _remind, Missed.COVERED, in_parts=False)
JOBS = (REMIND,)
