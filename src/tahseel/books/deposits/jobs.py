"""Every month: deposits against use, each tenancy once a year, and guarantees that end soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tahseel.books.deposits import operations
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed

ACTOR = system("deposit-review")


def _review(at: datetime, day: date) -> Mapping[str, Any]:
    found = operations.review(actor=ACTOR, at=at, day=day)
    return dict(Counter(str(one.kind) for one in found))


REVIEW = DayJob("deposits.review", _review, Missed.RUN, in_parts=False)
JOBS = (REVIEW,)
