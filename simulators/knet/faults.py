"""What can go wrong at a payment firm, by name; chosen for one payment or drawn for a run."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


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


class FaultPlan:
    """Draws a fault for each payment: percent by name, from a seed."""

    def __init__(self, percent: Mapping[Fault, int], seed: int) -> None:
        if sum(percent.values()) > 100 or min(percent.values(), default=0) < 0:
            raise ValueError("the faults' shares are percents and add up to at most 100")
        self._percent = dict(percent)
        self._draw = random.Random(seed)

    def next(self) -> Fault:
        roll = self._draw.randrange(100)
        for fault, share in self._percent.items():
            if roll < share:
                return fault
            roll -= share
        return Fault.NONE


def read_plan(text: str, seed: int) -> FaultPlan:
    """From `lost=10,late=5` or a JSON file {"lost": 10, "late": 5}. Raises ValueError."""
    if not text:
        return FaultPlan({}, seed)
    if "=" in text:
        pairs = [part.partition("=")[::2] for part in text.split(",")]
        return FaultPlan({Fault(name.strip()): int(share) for name, share in pairs}, seed)
    shares = json.loads(Path(text).read_text(encoding="utf-8"))
    return FaultPlan({Fault(name): int(share) for name, share in shares.items()}, seed)
