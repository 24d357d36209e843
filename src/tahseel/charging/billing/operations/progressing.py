"""How far a run is: a row that anybody may read while it works.

The run's connection holds a lock of the database as long as the run lives; a run that was killed
has lost it with its connection, and no clock has to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.charging.billing.queries.progressing import KEY, LIVES
from tahseel.kernel.period import BillingMonth


@contextmanager
def told(
    *, run_id: UUID, month: BillingMonth, accounts: int, at: datetime
) -> Iterator[Callable[[int], None]]:
    """Inside, what it gives is called with the accounts that are done, after each commit."""
    values: dict[str, str | int] = {"run": str(run_id), "class": LIVES}
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_lock(%(class)s, {KEY})", values)
        try:
            cursor.execute(
                "insert into billing_progress (run_id, month, accounts, began_at)"
                " values (%s, %s, %s, %s) on conflict (run_id) do update"
                " set accounts = excluded.accounts, done = 0, ended = false",
                [run_id, month.ordinal, accounts, at],
            )
            yield lambda done: _tell(run_id, done)
            cursor.execute("update billing_progress set ended = true where run_id = %s", [run_id])
        finally:
            cursor.execute(f"select pg_advisory_unlock(%(class)s, {KEY})", values)


def _tell(run_id: UUID, done: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update billing_progress set done = %s where run_id = %s", [done, run_id])
