"""Which accounts and months something came for since somebody looked last."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import judging
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel.period import BillingMonth, months_between
from tahseel.registry.supply import queries as supply

DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1).toordinal()
# A read that comes also tells of the months since the one before it; they may have been guessed.
_READS = """
select distinct r.meter_id, (coalesce(b.at, r.at) at time zone 'Asia/Kuwait')::date,
  (r.at at time zone 'Asia/Kuwait')::date
from readings_register_read r
left join lateral (
  select at from readings_register_read before
  where before.meter_id = r.meter_id and before.register = r.register and before.at < r.at
    and before.at > r.at - interval '13 months'
  order by before.at desc limit 1
) b on true
where r.recorded_at > %s
"""
_EVENTS = """
select distinct meter_id, (at at time zone 'Asia/Kuwait')::date,
  (coalesce(until, at) at time zone 'Asia/Kuwait')::date
from readings_meter_event where recorded_at > %s
"""


def since(*, lake_version: int, at: datetime) -> dict[BillingMonth, set[UUID]]:
    """Accounts by month; what a clock's event tells reaches back into the days before it."""
    days = Lake(settings.LAKE).touched_since(lake_version)
    meters = {(UUID(meter), BillingMonth.of(date.fromordinal(EPOCH + day))) for meter, day in days}
    reach = timedelta(days=judging.rules().rules["clock_drift"].figures["reach_days"])
    with connection.cursor() as cursor:
        cursor.execute(_READS, [at - DAY])
        for meter, before, day in cursor.fetchall():
            first = min(BillingMonth.of(before), BillingMonth.of(day - DAY))
            over = months_between(first, BillingMonth.of(day).next())
            meters |= {(meter, month) for month in over}
        cursor.execute(_EVENTS, [at - DAY])
        for meter, first, last in cursor.fetchall():
            over = months_between(BillingMonth.of(first - reach), BillingMonth.of(last).next())
            meters |= {(meter, month) for month in over}
    found: dict[BillingMonth, set[UUID]] = {}
    for month in {month for _, month in meters}:
        mine = {meter for meter, of in meters if of == month}
        hung = supply.accounts_at_meters(meter_ids=mine, period=month.period)
        found[month] = {one.account_id for one in hung}
    return found
