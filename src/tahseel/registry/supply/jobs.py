"""Every day: the dead's liability becomes their estate's; ends of certificates are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.registry.supply import operations

ACTOR = system("estates")
CERTIFIER = system("certificates")


def _open_estates(at: datetime, day: date) -> Mapping[str, Any]:
    return {"estates": operations.open_estates(actor=ACTOR, at=at)}


def _tell_of_certificates(at: datetime, day: date) -> Mapping[str, Any]:
    return {"letters": operations.tell_of_certificates(actor=CERTIFIER, at=at, day=day)}


OPEN_ESTATES = DayJob("supply.open_estates", _open_estates, Missed.COVERED, in_parts=False)
TELL_OF_CERTIFICATES = DayJob(
    "supply.tell_of_certificates", _tell_of_certificates, Missed.COVERED, in_parts=False
)
JOBS = (OPEN_ESTATES, TELL_OF_CERTIFICATES)
