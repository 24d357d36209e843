"""Determinants: the quantity of each account, meter and month, and how it is known.

`measuring` finds it; here it is written, as a new version where the answer changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.consumption.readings import (
    events,
    guessing,
    judging,
    measuring,
    metering,
    netting,
    presence,
    queries,
    storing,
    validating,
)
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Determinant, DetermineReport, Gap
from tahseel.kernel.period import BillingMonth

Key = tuple[UUID, UUID]


def determine(
    *, month: BillingMonth, account_ids: Sequence[UUID] | None, at: datetime
) -> DetermineReport:
    """Find and write the determinants of a month inside the running transaction."""
    answers = netting.measure(month=month, period=month.period, account_ids=account_ids)
    good = [found for _, found in answers if isinstance(found, Determinant)]
    standing = _standing(month, account_ids)
    done_for = judging.rules().gap_rule().done_for
    if done_for:
        good += _guessed(answers, standing, month=month, account_ids=account_ids, only=done_for)
    fresh = _fresh(good, standing)
    events.corrected(_corrections(fresh, standing), at=at)
    storing.determinants(fresh, at=at)
    there = {(one.account_id, one.meter_id) for one in good}
    gaps = tuple(
        Gap(span.account_id, span.meter_id, span.service, found)
        for span, found in answers
        if isinstance(found, str) and (span.account_id, span.meter_id) not in there
    )
    methods = Counter(found.method for found in good)
    return DetermineReport(month, len(fresh), len(good) - len(fresh), methods, gaps)


def unread(*, month: BillingMonth, account_ids: Sequence[UUID]) -> list[UUID]:
    """Accounts of which a meter has no determinant of a month.

    None of a month of which nothing at all was determined: that is for whoever determines it.
    """
    if not queries.was_determined(month=month):
        return []
    standing = _standing(month, account_ids)
    spans = metering.exact(period=month.period, account_ids=account_ids)
    return sorted(
        {span.account_id for span in spans if (span.account_id, span.meter_id) not in standing}
    )


def guess(
    *,
    month: BillingMonth,
    account_ids: Sequence[UUID] | None,
    at: datetime,
    supplied: bool = False,
) -> list[Determinant]:
    """Guess what nobody read of a month, where nothing stands, and write it.

    supplied: only where supply was never off in it.
    """
    answers = netting.measure(month=month, period=month.period, account_ids=account_ids)
    if supplied:
        answers = _supplied(answers)
    standing = _standing(month, account_ids)
    found = _guessed(answers, standing, month=month, account_ids=account_ids)
    storing.determinants(found, at=at)
    return found


def _supplied(answers: Sequence[netting.Answer]) -> list[netting.Answer]:
    off = presence.off([span for span, _ in answers]) if answers else {}
    return [
        (span, found)
        for span, found in answers
        if not any(
            end is None or end > span.from_at
            for _, end in off.get((span.account_id, str(span.service)), ())
        )
    ]


def _guessed(
    answers: Iterable[tuple[Span, measuring.Found]],
    standing: Mapping[Key, Determinant],
    *,
    month: BillingMonth,
    account_ids: Sequence[UUID] | None,
    only: Collection[str] | None = None,
) -> list[Determinant]:
    """only: the sectors in which it is done; all where None is given."""
    gaps = [
        span
        for span, found in answers
        if isinstance(found, str)
        and found in guessing.REASONS
        and (span.account_id, span.meter_id) not in standing
    ]
    if not gaps:
        return []
    sectors = validating.sectors({span.account_id for span in gaps}, month)
    days: Counter[Key] = Counter()
    for span in metering.exact(period=month.period, account_ids=account_ids):
        days[span.account_id, span.meter_id] += (span.to_day - span.from_day).days
    asked = [
        (span, days[span.account_id, span.meter_id])
        for span in gaps
        if only is None or sectors.get(span.account_id, "") in only
    ]
    return guessing.guessed(asked, month, sectors)


def _standing(month: BillingMonth, account_ids: Sequence[UUID] | None) -> dict[Key, Determinant]:
    return {
        (d.account_id, d.meter_id): d
        for d in queries.determinants(month=month, account_ids=account_ids)
    }


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
