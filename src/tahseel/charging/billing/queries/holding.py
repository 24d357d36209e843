"""Reading bills that are held back, and what customers were billed before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing.checking import Use
from tahseel.charging.billing.values import (
    RELEASE,
    Held,
    HeldFor,
    HeldState,
    Past,
    Totals,
)
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply
from tahseel.trust.approvals import queries as approvals

HELD_MAX = 1_000

_HELD = (
    "select account_id, id, month, digest, total_fils, stake_fils, found::text, held_at, state,"
    " reason, from_day, to_day from billing_held"
)
# Corrected bills say what was true in the end; a month with several bills of one customer is one.
_PAST = """
select b.account_id, b.customer_id, l.service, b.month, max(b.to_day) - min(b.from_day),
  coalesce(sum(l.quantity) filter (where l.kind = %(kind)s), 0)::bigint,
  coalesce(sum(l.quantity) filter (
    where l.kind = %(kind)s and l.method = 'estimated'
  ), 0)::bigint,
  sum(l.amount_fils)::bigint
from billing_bill b
join billing_line l on l.account_id = b.account_id and l.bill_id = b.id
where b.account_id = any(%(accounts)s::uuid[]) and b.month = any(%(months)s::integer[])
  and not exists (
    select from billing_bill c where c.account_id = b.account_id and c.corrects = b.id
  )
group by b.account_id, b.customer_id, l.service, b.month
"""


# Who used far more, or far less, than in any of some months: few, of whom all is read then.
_FAR = """
with used as (
  select * from unnest(%(accounts)s::uuid[], %(services)s::text[], %(days)s::int[],
    %(quantities)s::bigint[]) as u (account_id, service, days, quantity)
), before as (
  select b.account_id, l.service, max(b.to_day) - min(b.from_day) as days,
    sum(l.quantity) as quantity
  from billing_bill b
  join billing_line l on l.account_id = b.account_id and l.bill_id = b.id
  where b.account_id = any(%(accounts)s::uuid[]) and b.month = any(%(months)s::integer[])
    and l.kind = %(kind)s
  group by b.account_id, b.id, l.service
)
select distinct u.account_id from used u
join before p on p.account_id = u.account_id and p.service = u.service
where u.quantity * p.days * 1000.0 >= p.quantity * u.days * %(above)s and u.quantity > 0
  or u.quantity * p.days * 1000.0 <= p.quantity * u.days * %(below)s and p.quantity > 0
"""


def far_from_past(
    *, used: Sequence[Use], months: Sequence[int], above: int, below: int
) -> set[UUID]:
    """The accounts that used far from what they did in one of some months (per mille of it)."""
    if not used:
        return set()
    accounts, services, days, quantities = zip(*used, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _FAR,
            {
                "accounts": bulk.uuid_array(accounts),
                "services": [str(one) for one in services],
                "days": list(days),
                "quantities": list(quantities),
                "months": list(months),
                "kind": CONSUMPTION,
                "above": above,
                "below": below,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def past(*, account_ids: Collection[UUID], months: Sequence[int]) -> Mapping[UUID, Sequence[Past]]:
    """What accounts were billed for use in some months (ordinals), by customer and service."""
    found: dict[UUID, list[Past]] = defaultdict(list)
    services = {str(service): service for service in Service}
    with connection.cursor() as cursor:
        cursor.execute(
            _PAST,
            {
                "accounts": bulk.uuid_array(account_ids),
                "months": list(months),
                "kind": CONSUMPTION,
            },
        )
        for row in cursor.fetchall():
            found[row[0]].append(Past(row[1], services[row[2]], *row[3:8]))
    return found


def held(*, account_id: UUID, held_id: UUID) -> Held | None:
    """One, in whatever state, or None."""
    found = _held(f"{_HELD} where account_id = %s and id = %s", account_id, held_id)
    return found[0] if found else None


def held_back(
    *, account_id: UUID | None = None, month: BillingMonth | None = None, limit: int = HELD_MAX
) -> list[Held]:
    """Bills that wait, of an account or a month or of all: the most money in doubt first."""
    ordinal = month.ordinal if month else None
    return _held(
        f"{_HELD} where state = 'held' and (%s::uuid is null or account_id = %s)"
        " and (%s::integer is null or month = %s)"
        " order by stake_fils desc, month, account_id limit %s",
        account_id,
        account_id,
        ordinal,
        ordinal,
        limit,
    )


def held_finals() -> list[Held]:
    """Final bills that wait, the oldest first."""
    return _held(
        f"{_HELD} where state = 'held' and to_day is not null"
        " order by held_at, account_id, id limit %s",
        HELD_MAX,
    )


def billed_until(*, month: BillingMonth, account_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day up to which final bills inside a month cover each of the accounts that has one.

    One that is held back covers its days too: they are billed with its release.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, max(to_day) from ("
            " select account_id, to_day from billing_bill"
            " where month = %(month)s and sequence > 0 and corrects is null"
            "  and account_id = any(%(accounts)s::uuid[])"
            " union all select account_id, to_day from billing_held"
            " where month = %(month)s and state = 'held' and to_day is not null"
            "  and account_id = any(%(accounts)s::uuid[])) covered group by account_id",
            {"month": month.ordinal, "accounts": bulk.uuid_array(account_ids)},
        )
        return dict(cursor.fetchall())


def held_totals() -> Totals:
    """How many bills wait, and what they come to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(sum(total_fils), 0)::bigint"
            " from billing_held where state = 'held'"
        )
        row = cursor.fetchone()
    assert row is not None
    return Totals(row[0], Money(row[1]))


def held_meters(*, held: Held, service: Service | None = None) -> list[UUID]:
    """The meters that measure for the account in the month of a held bill; of a service, or all."""
    found = supply.billable_accounts(month=held.month, account_ids=[held.account_id])
    return [
        one.meter_id
        for account in found
        for one in account.meters
        if service in (None, one.service)
    ]


def releases_waiting(*, as_of: datetime) -> dict[UUID, UUID]:
    """The held bills whose issue somebody has asked for, each with the approval that waits."""
    asked = approvals.waiting(as_of=as_of, operation=RELEASE)
    return {UUID(str(view.payload["held"])): view.id for view in asked}


def _held(sql: str, *values: UUID | int | None) -> list[Held]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> Held:
    return Held(
        account_id=row[0],
        id=row[1],
        month=BillingMonth(row[2] // 12, row[2] % 12 + 1),
        digest=row[3],
        total=Money(row[4]),
        stake=Money(row[5]),
        found=tuple(map(HeldFor.from_dict, orjson.loads(row[6]))),
        held_at=row[7],
        state=HeldState(row[8]),
        reason=row[9],
        days=Period(row[10], row[11]) if row[10] else None,
    )
