"""Parallel runs that were made, and one of them with its differences."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from tahseel.kernel.period import BillingMonth

COMPARISONS_MAX = 100


class ComparisonRecord(NamedTuple):
    """A comparison as it was found: see `Comparison.as_dict`."""

    id: UUID
    month: BillingMonth
    system: str
    recorded_at: datetime
    report: dict[str, Any]


def comparisons(*, limit: int = COMPARISONS_MAX) -> list[ComparisonRecord]:
    """The last ones, the newest first, without their differences."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, month, system, recorded_at, (report - 'differences')::text"
            " from billing_comparison order by recorded_at desc, id limit %s",
            [min(limit, COMPARISONS_MAX)],
        )
        return [_record(row) for row in cursor.fetchall()]


def comparison(*, comparison_id: UUID) -> ComparisonRecord | None:
    """One with its differences, the largest first, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, month, system, recorded_at, report::text from billing_comparison"
            " where id = %s",
            [comparison_id],
        )
        row = cursor.fetchone()
    return _record(row) if row else None


def _record(row: tuple[Any, ...]) -> ComparisonRecord:
    month = BillingMonth.from_ordinal(row[1])
    return ComparisonRecord(row[0], month, row[2], row[3], orjson.loads(row[4]))
