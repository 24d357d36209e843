"""Sub-meters that together measured more than the main meter before them: one of them is wrong.

The main meter's month is not told then (`netting`), so nobody is billed by it. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import comparing, judging, measuring, netting
from tahseel.consumption.readings.comparing import REACH
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Finding
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, Period, start_of
from tahseel.registry.meters import queries as meters

SUB_METERS = "sub_meters"
_NEWEST = """
select coalesce(extract(epoch from max(recorded_at))::bigint, 0) from readings_register_read
where meter_id = any(%s::uuid[]) and at between %s and %s
"""


def findings(
    spans: Sequence[Span], sectors: Mapping[UUID, str], *, month: BillingMonth, until: date
) -> Iterator[Finding]:
    """What lies between main meters and their sub-meters, up to a day."""
    over = Period(month.period.start, min(month.period.end, until))
    points = {one.main_point_id for one in meters.behind_in(period=over)}
    if not points:
        return
    hung = meters.installations(service_point_ids=points, period=over)
    devices = {view.meter_id for views in hung.values() for view in views}
    mains = {(span.account_id, span.meter_id): span for span in spans if span.meter_id in devices}
    if not mains:
        return
    off = judging.rules().rules[SUB_METERS].off_for
    accounts = sorted({account for account, _ in mains})
    answers = measuring.measure(month=month, period=over, account_ids=accounts)
    for one in netting.netted(answers, month=month, period=over):
        there = [mains[key] for m in one.answers if (key := (one.account_id, m)) in mains]
        sector = sectors.get(one.account_id, "")
        if one.beyond and there and sector not in off:
            span = max(there, key=lambda span: span.from_day)
            days = dict.fromkeys(Period(span.from_day, span.to_day), 0)
            told = days | {span.from_day: one.beyond}
            version = _newest(one, over)
            yield comparing.finding(span, sector, (SUB_METERS, span.register, told, version))


def _newest(one: netting.Netted, over: Period) -> int:
    """The second in which the newest read of a dial among them came; without any, the lake's."""
    ids = bulk.uuid_array({*one.answers, *one.subs})
    with connection.cursor() as cursor:
        reach = (start_of(over.start) - REACH, start_of(over.end) + REACH)
        cursor.execute(_NEWEST, [ids, *reach])
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] else Lake(settings.LAKE).version()
