"""The monthly bills: what was used is determined, then billed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.charging.billing import operations
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.period import BillingMonth, local_day

ACTOR = system("bill-run")


def _bill_month(at: datetime, day: date) -> Mapping[str, Any]:
    """The month before `day`, issued today: an account that has its bill is left alone."""
    month = BillingMonth.of(day).previous()
    readings.determine(actor=ACTOR, at=at, month=month)
    report = operations.run(actor=ACTOR, at=at, month=month, issued_on=local_day(at))
    return report.as_dict()


BILL_MONTH = DayJob("billing.bill_month", _bill_month, Missed.RUN, in_parts=True)
JOBS = (BILL_MONTH,)
