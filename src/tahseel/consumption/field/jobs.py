"""Every working day early: new meters join their routes, and what is due is planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.consumption.field import operations, queries
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("field")
ROUTES_AT_ONCE = 50


def _morning(at: datetime, day: date) -> Mapping[str, Any]:
    """A route whose turn came on days on which nobody planned is planned with the latest."""
    laid = operations.lay_routes(actor=ACTOR, at=at, day=day)
    due = queries.routes_due(day=day)
    rounds = stops = 0
    for first in range(0, len(due), ROUTES_AT_ONCE):
        some = due[first : first + ROUTES_AT_ONCE]
        planned = operations.plan_rounds(actor=ACTOR, at=at, day=day, route_ids=some)
        rounds, stops = rounds + planned.rounds, stops + planned.stops
    return {**laid.audit_facts(), "rounds": rounds, "stops_planned": stops}


MORNING = DayJob("field.morning", _morning, Missed.COVERED, in_parts=True)
JOBS = (MORNING,)
