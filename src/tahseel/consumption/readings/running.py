"""The running month, determined every night: what each meter came to so far, and how.

Provisional, so it lies in a table of its own: bills are made of determinants, which are written
when a month is over. A row is replaced by the next night's and goes with its month.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings import netting, storing
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth, Period
from tahseel.trust.audit.operations import audited, note

# As of a month that is over, without a version.
_COLUMNS = {name: kind for name, kind in storing.DETERMINANT.items() if name != "version"}
_KEYS = ("account_id", "meter_id", "month")
_TAKE = f"""
insert into readings_running ({", ".join(_COLUMNS)})
select * from unnest({", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())})
on conflict ({", ".join(_KEYS)}) do update set
  {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEYS)}
"""  # noqa: S608 - our words
# What was not found again tonight, and months that have gone by.
_DROP = """
delete from readings_running
where account_id = any(%s::uuid[]) and (month < %s or recorded_at < %s)
"""


@audited("readings.determine_so_far", subject="month")
def determine(
    *, actor: Actor, at: datetime, month: BillingMonth, until: date, account_ids: Sequence[UUID]
) -> int:
    """Keep what accounts used of a running month until a day, provisionally; returns how many rows.

    A meter without data has no row, and loses the one it had. Only for jobs.
    """
    over = Period(month.period.start, min(month.period.end, until))
    answers = netting.measure(month=month, period=over, account_ids=account_ids)
    rows = [_row(found, at) for _, found in answers if isinstance(found, Determinant)]
    with connection.cursor() as cursor:
        if rows:
            cursor.execute(_TAKE, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(_DROP, [bulk.uuid_array(account_ids), month.ordinal, at])
    note(until=until.isoformat(), written=len(rows))
    return len(rows)


def rows(
    columns: str,
    *,
    month: BillingMonth,
    account_ids: Collection[UUID] | None,
    meter_id: UUID | None,
) -> list[tuple[Any, ...]]:
    """What stands, by account and meter, with version 0 in the place of a version."""
    told = columns.replace("version", "0 as version")
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {told} from readings_running where month = %s"  # noqa: S608 - our words
            " and (%s::uuid[] is null or account_id = any(%s::uuid[]))"
            " and (%s::uuid is null or meter_id = %s) order by account_id, meter_id",
            [
                month.ordinal,
                *([None if account_ids is None else bulk.uuid_array(account_ids)] * 2),
                meter_id,
                meter_id,
            ],
        )
        return list(cursor.fetchall())


def _row(one: Determinant, at: datetime) -> tuple[object, ...]:
    told = zip(storing.DETERMINANT, storing.determinant_row(one, at), strict=True)
    return tuple(value for name, value in told if name != "version")
