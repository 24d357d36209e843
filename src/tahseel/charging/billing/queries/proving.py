"""The proof of a month: each service point that was active, and what became of it.

It is computed from what is recorded of points, meters, accounts and bills, and by nothing that a
run uses to find its work: what the run does not see is found here.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection

from tahseel.charging.billing.values import PointState, Proof, ProvenPoint
from tahseel.charging.sales import queries as sales
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

POINTS_MAX = 10_000

# Where each point was in the month, which meters hung there, which accounts were open.
_SEEN = """
with placed as (
  select p.id as point_id, p.service, p.unit_id, '-infinity'::date as from_day,
    coalesce(m.on_day, 'infinity') as until_day
  from premises_service_point p
  left join (select point_id, min(on_day) as on_day from premises_point_move group by point_id) m
    on m.point_id = p.id
  union all
  select m.point_id, p.service, m.to_unit_id, m.on_day,
    coalesce(lead(m.on_day) over (partition by m.point_id order by m.on_day), 'infinity')
  from premises_point_move m join premises_service_point p on p.id = m.point_id
), here as (
  select point_id, service, unit_id, greatest(from_day, %(start)s::date) as from_day,
    least(until_day, %(end)s::date) as until_day
  from placed where unit_id is not null and from_day < %(end)s and until_day > %(start)s
), hung as (
  select h.point_id, h.unit_id, i.meter_id, greatest(h.from_day, i.installed_on) as from_day,
    least(h.until_day, coalesce(i.removed_on, 'infinity')) as until_day
  from here h join meters_installation i on i.service_point_id = h.point_id
    and i.installed_on < h.until_day and coalesce(i.removed_on, 'infinity') > h.from_day
), opened as (
  select id as account_id, unit_id, greatest(opened_on, %(start)s::date) as from_day,
    least(coalesce(closed_on, 'infinity'), %(end)s::date) as until_day
  from supply_account
  where opened_on < %(end)s and coalesce(closed_on, 'infinity') > %(start)s
), open_here as (
  select h.point_id, o.account_id from here h join opened o on o.unit_id = h.unit_id
    and greatest(h.from_day, o.from_day) < least(h.until_day, o.until_day)
)
"""
# What was measured for an account, against the days that bills charge and those of nobody.
_JUDGED = """
, measured as (
  select h.point_id, o.account_id, h.meter_id, daterange(
    greatest(h.from_day, o.from_day), least(h.until_day, o.until_day)) as days
  from hung h join opened o on o.unit_id = h.unit_id
    and greatest(h.from_day, o.from_day) < least(h.until_day, o.until_day)
), charged as (
  select l.account_id, l.meter_id, range_agg(daterange(l.from_day, l.to_day)) as days
  from billing_bill b join billing_line l on l.account_id = b.account_id and l.bill_id = b.id
  where b.month = %(month)s group by l.account_id, l.meter_id
), vacant as (
  select account_id, range_agg(daterange(from_day, until_day)) as days
  from supply_liability where customer_id is null
    and from_day < %(end)s and coalesce(until_day, 'infinity') > %(start)s
  group by account_id
), judged as (
  select m.point_id, m.account_id,
    case when p.account_id is not null then 'parked'
      when h.account_id is not null then 'held'
      when m.days <@ c.days then 'billed'
      when datemultirange(m.days) - coalesce(c.days, '{}') <@ v.days then 'excused'
      else 'left' end as state,
    case when p.account_id is not null then p.reason
      when h.account_id is not null then h.first_check
      when m.days <@ c.days then ''
      when datemultirange(m.days) - coalesce(c.days, '{}') <@ v.days then 'nobody_liable'
      when c.days is null then 'no_bill' else 'days_missing' end as reason
  from measured m
  left join charged c on c.account_id = m.account_id and c.meter_id = m.meter_id
  left join vacant v on v.account_id = m.account_id
  left join billing_parked p on p.account_id = m.account_id and p.month = %(month)s
    and p.resolved_at is null
  left join billing_held h on h.account_id = m.account_id and h.month = %(month)s
    and h.state = 'held'
  union all
  select h.point_id, null, 'excused', 'no_account' from hung h
  where not exists (select from measured m where m.point_id = h.point_id)
  union all
  select o.point_id, o.account_id, 'excused', 'no_meter' from open_here o
  where not exists (select from hung h where h.point_id = o.point_id)
), proven as (
  select distinct on (j.point_id) j.point_id, h.service, h.unit_id, j.account_id, j.state, j.reason
  from judged j join here h on h.point_id = j.point_id
  order by j.point_id, array_position(%(order)s::text[], j.state), j.account_id, j.reason,
    h.from_day desc
)
"""
# Active points are counted apart from what was proven of them; their number is the first row.
_COUNTED = """
select null as state, null as reason, count(*) from (
  select point_id from hung union select point_id from open_here
) active
union all
select state, reason, count(*) from proven group by state, reason
order by state nulls first, reason
"""


def proof(*, month: BillingMonth) -> Proof:
    """How many service points were active in a month, and what became of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SEEN} {_JUDGED} {_COUNTED}", _values(month))
        active, *rows = cursor.fetchall()
    states: Counter[PointState] = Counter()
    for state, _, count in rows:
        states[PointState(state)] += count
    reasons = {(PointState(state), why): count for state, why, count in rows if why}
    return Proof(month, active[2], dict(states), reasons, sales.counted(month=month))


def proven_points(
    *, month: BillingMonth, state: PointState, limit: int = POINTS_MAX
) -> list[ProvenPoint]:
    """The service points of a month of which one thing became, by reason and id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SEEN} {_JUDGED} select point_id, service, unit_id, account_id, state,"  # noqa: S608
            " reason from proven where state = %(state)s order by reason, point_id limit %(limit)s",
            _values(month) | {"state": str(state), "limit": limit},
        )
        return [
            ProvenPoint(row[0], Service(row[1]), row[2], row[3], PointState(row[4]), row[5])
            for row in cursor.fetchall()
        ]


def _values(month: BillingMonth) -> dict[str, Any]:
    return {
        "start": month.period.start,
        "end": month.period.end,
        "month": month.ordinal,
        "order": [str(state) for state in PointState],
    }
