"""The work of the night: credit that could not be used when it came meets what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.books.claims import operations
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("claims")


def _use_credits(at: datetime, day: date) -> Mapping[str, Any]:
    return {"used_fils": operations.use_credits(actor=ACTOR, at=at)}


USE_CREDITS = DayJob("claims.use_credits", _use_credits, Missed.COVERED, in_parts=False)
JOBS = (USE_CREDITS,)
