"""Determinants: the quantity of each account, meter and month, and how it is known.

`measuring` finds it; here it is written, as a new version where the answer changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tahseel.consumption.readings import measuring, queries, storing
from tahseel.consumption.readings.values import Determinant, DetermineReport, Gap
from tahseel.kernel.period import BillingMonth


def determine(
    *, month: BillingMonth, account_ids: Sequence[UUID] | None, at: datetime
) -> DetermineReport:
    """Find and write the determinants of a month inside the running transaction."""
    answers = measuring.measure(month=month, period=month.period, account_ids=account_ids)
    good = [found for _, found in answers if isinstance(found, Determinant)]
    fresh = _fresh(good, month, account_ids)
    storing.determinants(fresh, at=at)
    gaps = tuple(
        Gap(span.account_id, span.meter_id, span.service, found)
        for span, found in answers
        if isinstance(found, str)
    )
    methods = Counter(found.method for found in good)
    return DetermineReport(month, len(fresh), len(good) - len(fresh), methods, gaps)


def _fresh(
    found: Iterable[Determinant], month: BillingMonth, account_ids: Sequence[UUID] | None
) -> list[Determinant]:
    """Those that differ from what stands, as its next version."""
    standing = {
        (d.account_id, d.meter_id): d
        for d in queries.determinants(month=month, account_ids=account_ids)
    }
    fresh = []
    for one in found:
        before = standing.get((one.account_id, one.meter_id))
        if before is None:
            fresh.append(one)
        elif queries.with_version(one, before.version) != before:
            fresh.append(queries.with_version(one, before.version + 1))
    return fresh
