"""The monthly bills: what was used is determined, then billed; who waits, in a later night."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.charging.billing import operations, rules
from tahseel.charging.sales import operations as sales
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.period import BillingMonth, local_day

ACTOR = system("bill-run")


def _bill_month(at: datetime, day: date) -> Mapping[str, Any]:
    """The month before `day`, issued today: an account that has its bill is left alone."""
    month = BillingMonth.of(day).previous()
    sold = sales.bill_month(actor=ACTOR, at=at, month=month, issued_on=local_day(at))
    readings.determine(actor=ACTOR, at=at, month=month)
    report = operations.run(actor=ACTOR, at=at, month=month, issued_on=local_day(at))
    return report.as_dict() | {"sales": sold.as_dict()}


def _bill_waiting(at: datetime, day: date) -> Mapping[str, Any]:
    """Months that are over, the oldest first: who waits and can be billed, what nobody has seen."""
    last, back = BillingMonth.of(day).previous(), rules.policy().late_months
    months = [BillingMonth.from_ordinal(last.ordinal - number) for number in range(back)]
    found = {}
    for month in reversed(months):
        report = operations.bill_waiting(actor=ACTOR, at=at, month=month, issued_on=local_day(at))
        if report is not None:
            found[str(month)] = report.as_dict()
        missed = operations.take_missed(actor=ACTOR, at=at, month=month)
        if missed:
            found[str(month)] = found.get(str(month), {}) | {"corrections_missed": missed}
    ended = operations.look_at_all(actor=ACTOR, at=at)
    return found | ({"finals_held_no_more": ended} if ended else {})


BILL_MONTH = DayJob("billing.bill_month", _bill_month, Missed.RUN, in_parts=True)
BILL_WAITING = DayJob("billing.bill_waiting", _bill_waiting, Missed.COVERED, in_parts=True)
JOBS = (BILL_MONTH, BILL_WAITING)
