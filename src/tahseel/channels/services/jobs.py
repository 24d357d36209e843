"""The night's work: what lies ends or is referred, who has to act is reminded, deposits are met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from tahseel.channels.services import operations, queries
from tahseel.channels.services.values import Application, State
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.errors import Refusal

LOG = structlog.get_logger("services")
ACTOR = system("services-night")
LEFT = "left"


def night(at: datetime, day: date) -> Mapping[str, Any]:
    """Each ending is one commit; repeated, it finds nothing left to end.

    One application that cannot be ended keeps no other from its end: it is told and left to the
    next night.
    """
    counts: Counter[str] = Counter()
    for application_id in queries.lapsed(day=day):
        counts[_end(operations.expire, application_id, at)] += 1
    for application_id in queries.to_refer(day=day):
        counts[_end(operations.refer, application_id, at)] += 1
    for application_id in queries.temporary_ended(day=day):
        counts[_end(operations.end_temporary, application_id, at)] += 1
    for application_id in queries.deposits_to_settle():
        counts[_end(operations.settle_deposit, application_id, at)] += 1
    told = (State.EXPIRED, State.REFERRED, State.PAID, State.REMOVAL_DUE)
    found = {str(name): counts[str(name)] for name in told}
    settled = {"deposits_settled": counts[str(State.REMOVED)]}
    reminded = Counter(
        _end(operations.remind, application_id, at) != LEFT
        for application_id in queries.to_remind(day=day)
    )
    left = counts[LEFT] + reminded[False]
    return found | {LEFT: left, "reminded": reminded[True]} | settled


def _end(operation: Callable[..., Application], application_id: UUID, at: datetime) -> str:
    """The state to which it came; LEFT when it moved on since the list was made, or failed."""
    try:
        return str(operation(actor=ACTOR, at=at, application_id=application_id).state)
    except (OperationalError, InterfaceError):
        raise
    except Refusal as refusal:
        LOG.warning("not ended", application=str(application_id), why=refusal.code)
    except Exception:  # whatever is wrong with one must not keep the others waiting
        LOG.exception("an application could not be ended", application=str(application_id))
    return LEFT


SERVICES = DayJob("services.night", night, Missed.COVERED, in_parts=True)
JOBS = (SERVICES,)
