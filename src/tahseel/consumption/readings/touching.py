"""Which accounts and months something came for since somebody looked last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import judging
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel.period import BillingMonth, local_day, months_between
from tahseel.registry.meters import queries as registry
from tahseel.registry.meters.values import BehindView
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


Touched = tuple[UUID, BillingMonth]


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
    meters |= _nested(meters, at)
    found: dict[BillingMonth, set[UUID]] = {}
    for month in {month for _, month in meters}:
        mine = {meter for meter, of in meters if of == month}
        hung = supply.accounts_at_meters(meter_ids=mine, period=month.period)
        found[month] = {one.account_id for one in hung}
    return found


def _nested(touched: Collection[Touched], at: datetime) -> set[Touched]:
    """Main meters, by month: of sub-meters that something came for, and of those that were put
    behind another one, or taken away, up to the month that is over.
    """
    found: set[Touched] = set()
    for month in {month for _, month in touched}:
        found |= _mains(registry.behind_in(period=month.period), month, dict.fromkeys(
            meter for meter, of in touched if of == month
        ))  # fmt: skip
    today = local_day(at)
    for one in registry.behind_changed_since(at=at - DAY):
        last = min(one.until_day or today, today)
        for month in months_between(BillingMonth.of(one.from_day), BillingMonth.of(last).next()):
            found |= _mains([one], month, None)
    return found


def _mains(
    behind: Sequence[BehindView], month: BillingMonth, subs: Collection[UUID] | None
) -> set[Touched]:
    """The devices at the main points of these relations; subs: only of these sub-meters."""
    points = {point for one in behind for point in (one.service_point_id, one.main_point_id)}
    hung = registry.installations(service_point_ids=points, period=month.period) if points else {}
    devices = {point: {view.meter_id for view in views} for point, views in hung.items()}
    return {
        (meter, month)
        for one in behind
        if subs is None or devices.get(one.service_point_id, set()) & set(subs)
        for meter in devices.get(one.main_point_id, ())
    }
