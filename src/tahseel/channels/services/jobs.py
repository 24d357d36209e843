"""The night's work: what applicants left lying ends, temporary supply comes to its last day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.channels.services import operations, queries
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("services-night")


def night(at: datetime, day: date) -> Mapping[str, Any]:
    """Each ending is one commit; repeated, it finds nothing left to end."""
    lapsed = queries.lapsed(day=day)
    for application_id in lapsed:
        operations.expire(actor=ACTOR, at=at, application_id=application_id)
    ended = queries.temporary_ended(day=day)
    for application_id in ended:
        operations.end_temporary(actor=ACTOR, at=at, application_id=application_id)
    return {"expired": len(lapsed), "removal_due": len(ended)}


SERVICES = DayJob("services.night", night, Missed.COVERED, in_parts=True)
JOBS = (SERVICES,)
