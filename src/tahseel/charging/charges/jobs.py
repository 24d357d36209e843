"""The work of the day: what no bill has carried for too long is claimed by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.charging.charges import operations
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("charges")


def _claim_left_over(at: datetime, day: date) -> Mapping[str, Any]:
    return {"claimed": operations.claim_left_over(actor=ACTOR, at=at)}


LEFT_OVER = DayJob("charges.claim_left_over", _claim_left_over, Missed.COVERED, in_parts=False)
JOBS = (LEFT_OVER,)
