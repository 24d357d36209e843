"""The daily notices of debt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.recovery.collections import operations

ACTOR = system("daily-notices")


def _notify(at: datetime, day: date) -> Mapping[str, Any]:
    report = operations.serve_notices(actor=ACTOR, at=at, business_date=day)
    return report.audit_facts()


NOTIFY = DayJob("collections.notify", _notify, Missed.COVERED, in_parts=False)
JOBS = (NOTIFY,)
