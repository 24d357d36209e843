"""Determinants: the quantity of each account, meter and month, and how it is known.

`measuring` finds it; here it is written, as a new version where the answer changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.consumption.readings import events, measuring, queries, storing
from tahseel.consumption.readings.values import Determinant, DetermineReport, Gap
from tahseel.kernel.period import BillingMonth

Key = tuple[UUID, UUID]


def determine(
    *, month: BillingMonth, account_ids: Sequence[UUID] | None, at: datetime
) -> DetermineReport:
    """Find and write the determinants of a month inside the running transaction."""
    answers = measuring.measure(month=month, period=month.period, account_ids=account_ids)
    good = [found for _, found in answers if isinstance(found, Determinant)]
    standing = {
        (d.account_id, d.meter_id): d
        for d in queries.determinants(month=month, account_ids=account_ids)
    }
    fresh = _fresh(good, standing)
    events.corrected(_corrections(fresh, standing), at=at)
    storing.determinants(fresh, at=at)
    gaps = tuple(
        Gap(span.account_id, span.meter_id, span.service, found)
        for span, found in answers
        if isinstance(found, str)
    )
    methods = Counter(found.method for found in good)
    return DetermineReport(month, len(fresh), len(good) - len(fresh), methods, gaps)


def _fresh(found: Iterable[Determinant], standing: Mapping[Key, Determinant]) -> list[Determinant]:
    """Those that differ from what stands, as its next version."""
    fresh = []
    for one in found:
        before = standing.get((one.account_id, one.meter_id))
        if before is None:
            fresh.append(one)
        elif queries.with_version(one, before.version) != before:
            fresh.append(queries.with_version(one, before.version + 1))
    return fresh


def _corrections(
    fresh: Iterable[Determinant], standing: Mapping[Key, Determinant]
) -> list[tuple[UUID, dict[str, Any]]]:
    """What changed of quantities that may have been billed."""
    found = []
    for one in fresh:
        before = standing.get((one.account_id, one.meter_id))
        if before is not None and before.quantity != one.quantity:
            facts = {
                "meter_id": str(one.meter_id),
                "month": str(one.month),
                "version": one.version,
                "before": before.quantity,
                "quantity": one.quantity,
            }
            found.append((one.account_id, facts))
    return found
