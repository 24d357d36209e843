"""Every working day: who is visited next is reminded, and refused access moves on."""

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


def _follow_access(at: datetime, day: date) -> Mapping[str, Any]:
    return operations.follow_access(actor=ACTOR, at=at, day=day)


REMIND = DayJob("appointments.remind", _remind, Missed.COVERED, in_parts=False)
FOLLOW_ACCESS = DayJob("appointments.follow_access", _follow_access, Missed.COVERED, in_parts=False)
JOBS = (REMIND, FOLLOW_ACCESS)
