"""What can go wrong at a payment firm, by name; chosen for one payment or drawn for a run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from simulators import faults


class Fault(StrEnum):
    NONE = "none"
    HOST_TIMEOUT = "host-timeout"
    LOST = "lost"
    LATE = "late"
    DUPLICATE = "duplicate"
    FORGED = "forged"
    WRONG_AMOUNT = "wrong-amount"
    CONTRADICTION = "contradiction"
    DENIED_BUT_PAID = "denied-but-paid"


LABELS: Mapping[Fault, tuple[str, str]] = {
    Fault.NONE: ("", ""),
    Fault.HOST_TIMEOUT: ("انتهت مهلة البنك", "bank does not answer in time"),
    Fault.LOST: ("ضياع الإشعار", "notification lost"),
    Fault.LATE: ("تأخر الإشعار", "notification late"),
    Fault.DUPLICATE: ("إشعار مكرر", "notification sent twice"),
    Fault.FORGED: ("إشعار مزوّر بمفتاح مجهول", "forged notification, unknown key"),
    Fault.WRONG_AMOUNT: ("مبلغ مختلف", "another amount captured"),
    Fault.CONTRADICTION: ("إشعار بالدفع يخالفه الاستعلام", "notified as paid, inquiry denies"),
    Fault.DENIED_BUT_PAID: ("إشعار بالرفض يخالفه الاستعلام", "notified as refused, but paid"),
}


class FaultPlan(faults.Plan[Fault]):
    """Draws a fault for each payment."""

    kind = Fault
