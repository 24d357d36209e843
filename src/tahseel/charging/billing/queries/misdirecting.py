"""Bills that name somebody who does not answer for their days, and what a meter was billed for."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tahseel.charging.billing.queries.bills import some, standing
from tahseel.charging.billing.values import Bill, Cause, Misdirected, MisdirectedState, Remeasured
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

MISDIRECTED_MAX = 1_000

_MISDIRECTED = (
    "select account_id, id, part, from_day, until_day, bill_ids, found_at, found_by, state, reason,"
    " meter_id, service, billed, quantity"
    " from billing_misdirected"
)

# Whole months whose one bill is older than what stands, and says another quantity; unless somebody
# has, or had, just that correction before him.
_UNSEEN = """
select d.account_id, d.meter_id
from unnest(%(accounts)s::uuid[], %(meters)s::uuid[], %(versions)s::int[], %(quantities)s::bigint[])
  as d (account_id, meter_id, version, quantity)
join lateral (
  select sum(l.quantity) as quantity, min(l.determinant_version) as oldest,
    max(l.determinant_version) as newest, array_agg(distinct b.id) as ids
  from billing_bill b join billing_line l on (l.account_id, l.bill_id) = (b.account_id, b.id)
  where b.account_id = d.account_id and b.month = %(month)s and l.meter_id = d.meter_id
    and l.kind = %(kind)s and not exists (
      select from billing_bill c where c.account_id = b.account_id and c.corrects = b.id
    )
) billed on billed.oldest > 0 and billed.newest < d.version and billed.quantity <> d.quantity
where not exists (
  select from billing_misdirected m where m.account_id = d.account_id
    and m.meter_id = d.meter_id and m.bill_ids && billed.ids and m.quantity = d.quantity
)
"""


def misdirected(*, account_id: UUID, misdirected_id: UUID) -> Misdirected | None:
    """One, or None."""
    found = _misdirected(
        f"{_MISDIRECTED} where account_id = %s and id = %s for update", account_id, misdirected_id
    )
    return found[0] if found else None


def open_misdirected(*, account_id: UUID | None = None) -> list[Misdirected]:
    """What waits of an account, or of all, the oldest first."""
    return _misdirected(
        f"{_MISDIRECTED} where state = 'open' and (%s::uuid is null or account_id = %s)"
        " order by found_at, from_day, id limit %s",
        account_id,
        account_id,
        MISDIRECTED_MAX,
    )


def billed_of_meter(
    *, account_id: UUID, month: BillingMonth, meter_id: UUID
) -> tuple[list[Bill], Service, int] | None:
    """The bills that charge what a meter measured in a month, and how much they say it was."""
    mine = [bill for bill in standing(account_id) if bill.month == month]
    with connection.cursor() as cursor:
        cursor.execute(
            "select array_agg(distinct bill_id), min(service), sum(quantity)::bigint"
            " from billing_line where account_id = %s and bill_id = any(%s::uuid[])"
            " and meter_id = %s and kind = %s",
            [account_id, bulk.uuid_array(bill.id for bill in mine), meter_id, CONSUMPTION],
        )
        ids, service, quantity = cursor.fetchone() or (None, "", 0)
    if not ids:
        return None
    charging = sorted((bill for bill in mine if bill.id in ids), key=lambda bill: bill.sequence)
    return charging, Service(service), int(quantity)


def unseen(*, month: BillingMonth) -> list[Determinant]:
    """What stands for a month, was billed otherwise, and is on no list of work.

    A bill that was written while its quantity was being corrected was not there yet when the
    correction was told. Not of accounts whose month several bills part between them.
    """
    found = {(one.account_id, one.meter_id): one for one in readings.corrected(month=month)}
    with connection.cursor() as cursor:
        cursor.execute(
            _UNSEEN,
            {
                "month": month.ordinal,
                "kind": CONSUMPTION,
                "accounts": bulk.uuid_array(account for account, _ in found),
                "meters": bulk.uuid_array(meter for _, meter in found),
                "versions": [one.version for one in found.values()],
                "quantities": [one.quantity for one in found.values()],
            },
        )
        return [found[account, meter] for account, meter in cursor.fetchall()]


def _misdirected(sql: str, *values: UUID | int | None) -> list[Misdirected]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        rows = cursor.fetchall()
    ids = [bill_id for row in rows for bill_id in row[5]]
    found = some(account_ids=[row[0] for row in rows], bill_ids=ids)
    return [
        Misdirected(
            account_id=row[0],
            id=row[1],
            cause=Cause(row[2]),
            days=Period(row[3], row[4]),
            bills=tuple(bill for bill in found if bill.id in row[5]),
            found_at=row[6],
            found_by=row[7],
            state=MisdirectedState(row[8]),
            reason=row[9],
            corrected=Remeasured(row[10], Service(row[11]), *row[12:14]) if row[10] else None,
        )
        for row in rows
    ]
