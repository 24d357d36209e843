"""Every night: requests that nobody decided in time are closed, and their makers may ask anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.trust.approvals import operations

ACTOR = system("approvals")


def _expire(at: datetime, day: date) -> Mapping[str, Any]:
    closed = 0
    while batch := operations.expire_due(actor=ACTOR, at=at):
        closed += batch
    return {"expired": closed}


EXPIRE = DayJob("approvals.expire", _expire, Missed.COVERED, in_parts=True)
JOBS = (EXPIRE,)
