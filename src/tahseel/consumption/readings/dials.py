"""What the billing register of a meter showed at starts of day, as a count that only goes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings import rules
from tahseel.consumption.readings.metering import Span
from tahseel.kernel.period import LOCAL_ZONE

# The last version of each read that was not estimated, at a start of day in Kuwait.
_READS = """
with asked as (
  select * from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[])
    as t(meter_id, since, until)
)
select distinct on (r.meter_id, r.at) r.meter_id, r.at, r.value, r.quality
from asked a
join lateral (
  select code from meters_register g
  where g.meter_id = a.meter_id and g.kind = 'import' order by code limit 1
) g on true
join readings_register_read r on r.meter_id = a.meter_id and r.register = g.code
  and r.at between a.since and a.until
where (r.at at time zone 'Asia/Kuwait')::time = '00:00'
order by r.meter_id, r.at, r.version desc
"""


def at_midnights(spans: Sequence[Span]) -> dict[tuple[UUID, UUID, date], Mapping[date, int]]:
    """For each span its reads by day: base units moved since the first, times the multiplier.

    Roll-overs are added; a dial that went back, or so far that it is no reading, tells nothing:
    its span is absent.
    """
    reads: dict[UUID, list[tuple[date, int]]] = {}
    with connection.cursor() as cursor:
        meters, since = [span.meter_id for span in spans], [span.from_at for span in spans]
        cursor.execute(_READS, [meters, since, [span.to_at for span in spans]])
        for meter, at, value, quality in cursor.fetchall():
            if quality != "estimated":
                reads.setdefault(meter, []).append((at.astimezone(LOCAL_ZONE).date(), value))
    found: dict[tuple[UUID, UUID, date], Mapping[date, int]] = {}
    for span in spans:
        inside = [r for r in reads.get(span.meter_id, ()) if span.from_day <= r[0] <= span.to_day]
        moved = rules.moved(inside, span.modulus, span.multiplier)
        if moved:
            found[span.account_id, span.meter_id, span.from_day] = moved
    return found
