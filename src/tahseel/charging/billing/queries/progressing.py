"""Runs that work now, and those that have ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.charging.billing.values import Progress, RunRecord
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth

RUNS_MAX = 200
# The lock that a run holds while it lives: a class of ours, and a key from the run's id.
LIVES = 20_507
KEY = "(hashtext(%(run)s) & 2147483647)"
_WORKING = """
select p.run_id, p.month, p.accounts, p.done, p.began_at from billing_progress p
where not p.ended and exists (
  select from pg_locks l where l.locktype = 'advisory' and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and l.classid::bigint = %(class)s
    and l.objid::bigint = (hashtext(p.run_id::text) & 2147483647))
order by p.began_at desc, p.run_id limit %(limit)s
"""
_RECORDS = """
select id, month, issued_on, recorded_at, (report ->> 'bills')::int,
  (report ->> 'total_fils')::bigint,
  (select coalesce(sum(value::int), 0) from jsonb_each_text(report -> 'parked')),
  (select coalesce(sum(value::int), 0) from jsonb_each_text(coalesce(report -> 'held', '{}'))),
  (report -> 'points' ->> 'holds')::boolean from billing_run
"""


def working() -> list[Progress]:
    """Runs that have begun and still live, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKING, {"class": LIVES, "limit": RUNS_MAX})
        return [Progress(row[0], _month(row[1]), *row[2:]) for row in cursor.fetchall()]


def progress_of(*, run_id: UUID) -> Progress | None:
    """How far a run is that works now; None where it does not, or not yet with the accounts."""
    return next((one for one in working() if one.run_id == run_id), None)


def runs(*, limit: int = RUNS_MAX) -> list[RunRecord]:
    """Runs that came to their end, the newest first."""
    return _records("order by recorded_at desc, id limit %s", [min(limit, RUNS_MAX)])


def run_record(*, run_id: UUID) -> RunRecord | None:
    """A run that came to its end, or None."""
    found = _records("where id = %s", [run_id])
    return found[0] if found else None


def _records(where: str, values: Sequence[Any]) -> list[RunRecord]:
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS + where, values)
        return [
            RunRecord(
                row[0],
                _month(row[1]),
                row[2],
                row[3],
                row[4],
                Money(row[5]),
                row[6],
                row[7],
                row[8],
            )
            for row in cursor.fetchall()
        ]


def _month(ordinal: int) -> BillingMonth:
    return BillingMonth(ordinal // 12, ordinal % 12 + 1)
