"""How a customer stands beside a bill: what was brought forward, what came since, what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from tahseel.books.claims.values import CREDIT_USED
from tahseel.charging.billing.values import Bill, Standing
from tahseel.kernel import bulk
from tahseel.kernel.money import Money

# Claims, what met them, and credit of one customer on one account. Credit that was taken on stood
# there before; credit that met a claim moved nothing in sum.
_MOVES = """
with asked as (
  select * from unnest(%(places)s::int[], %(accounts)s::uuid[], %(customers)s::uuid[],
    %(bills)s::uuid[], %(eves)s::date[], %(days)s::date[])
    as a (place, account_id, customer_id, bill_id, eve, day)
), spanned as (
  select a.*, coalesce((
    select max(b.issued_on) from billing_bill b where b.account_id = a.account_id
      and b.customer_id = a.customer_id and b.issued_on < a.day), a.eve) as since
  from asked a
), claim as (
  select a.*, c.id as claim_id, c.amount, c.opened_on, c.id = a.bill_id or exists (
    select from charges_charge g where g.account_id = a.account_id and g.bill_id = a.bill_id
      and g.id = c.id) as own
  from spanned a join claims_claim c
    on c.account_id = a.account_id and c.customer_id = a.customer_id and c.opened_on <= a.day
), moved as (
  select place, since, day, opened_on as on_day,
    case when own then 'own' else 'charged' end as what, amount as fils
  from claim
  union all
  select c.place, c.since, c.day, (l.recorded_at at time zone 'Asia/Kuwait')::date,
    case when u.use_id is not null then 'neither' when p.id is not null then 'paid'
      else 'credited' end, -l.amount
  from claim c join claims_allocation l on l.account_id = c.account_id and l.claim_id = c.claim_id
  left join payments_payment p on p.account_id = l.account_id and p.id = l.payment_id
  left join claims_credit u on u.account_id = l.account_id and u.use_id = l.payment_id
  union all
  select c.place, c.since, c.day, (l.recorded_at at time zone 'Asia/Kuwait')::date, 'used', l.amount
  from claim c join claims_allocation l on l.account_id = c.account_id and l.claim_id = c.claim_id
  join claims_credit u on u.account_id = l.account_id and u.use_id = l.payment_id
  where c.own
  union all
  select a.place, a.since, a.day,
    case when h.source = any(%(taken)s::text[]) then a.since
      else (h.recorded_at at time zone 'Asia/Kuwait')::date end,
    case h.source when 'payment' then 'paid' when %(used)s then 'neither' else 'credited' end,
    -h.amount
  from spanned a join claims_credit h
    on h.account_id = a.account_id and h.customer_id = a.customer_id
)
select a.place, a.since,
  coalesce(sum(m.fils) filter (where m.on_day <= m.since and m.what not in ('own', 'used')), 0),
  coalesce(sum(m.fils) filter (where m.on_day > m.since and m.what = 'charged'), 0),
  coalesce(-sum(m.fils) filter (where m.on_day > m.since and m.what = 'paid'), 0),
  coalesce(-sum(m.fils) filter (where m.on_day > m.since and m.what = 'credited'), 0),
  coalesce(sum(m.fils) filter (where m.what = 'own'), 0),
  coalesce(sum(m.fils) filter (where m.what = 'used'), 0)
from spanned a left join moved m on m.place = a.place and m.on_day <= a.day
group by a.place, a.since order by a.place
"""
TAKEN = ("take-on:credit", "opening")
"""Sources of credit that stood before the first bill."""


def standings(bills: Sequence[Bill]) -> list[Standing]:
    """How each bill's customer stood when its day of issue ended, in the order of the bills."""
    if not bills:
        return []
    values: dict[str, Any] = {
        "places": list(range(len(bills))),
        "accounts": bulk.uuid_array(bill.account_id for bill in bills),
        "customers": bulk.uuid_array(bill.customer_id for bill in bills),
        "bills": bulk.uuid_array(bill.id for bill in bills),
        "eves": [bill.period.start - timedelta(days=1) for bill in bills],
        "days": [bill.issued_on for bill in bills],
        "taken": list(TAKEN),
        "used": CREDIT_USED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, values)
        return [
            Standing(row[1], *(Money(int(fils)) for fils in row[2:])) for row in cursor.fetchall()
        ]
