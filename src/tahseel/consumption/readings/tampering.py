"""What happened to a meter, as reasons to look: tampering, a clock that was wrong. Writes nothing.

Tampering puts the use since then in doubt, which nobody knows; it weighs what the meter usually
used in so many days. A clock that was off credited use to wrong intervals: the days since it was
last known to be right are named, with what may have been shifted, so that somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings import comparing, incident_rows, incidents, judging
from tahseel.consumption.readings.comparing import DAY, Told
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Finding, Incident
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, local_day

TAMPER, CLOCK = "tamper", "clock_drift"
DAY_S = 86_400
# What each meter used a day in the newest month that is determined, some time before.
_USUAL = """
select distinct on (account_id, meter_id) account_id, meter_id, quantity / days
from readings_determinant
where account_id = any(%s::uuid[]) and month between %s and %s and days > 0
order by account_id, meter_id, month desc, version desc
"""
Recorded = Sequence[tuple[Incident, int]]


def findings(
    spans: Sequence[Span], sectors: Mapping[UUID, str], month: BillingMonth
) -> Iterator[Finding]:
    """What these rules find of some spans."""
    if not spans:
        return
    told = _events(spans)
    usual = _usual({span.account_id for span in spans}, month) if told else {}
    for span in spans:
        mine = told.get(span.meter_id, ())
        per_day = usual.get((span.account_id, span.meter_id), 0)
        sector = sectors.get(span.account_id, "")
        found = [*_tampered(span, mine, per_day), *_drifted(span, mine, per_day)]
        rules = judging.rules().rules
        yield from (
            comparing.finding(span, sector, one)
            for one in found
            if sector not in rules[one[0]].off_for
        )


def _events(spans: Sequence[Span]) -> dict[UUID, list[tuple[Incident, int]]]:
    """A clock's drift reaches back from its event, so events are looked for on both sides."""
    reach = timedelta(days=judging.rules().rules[CLOCK].figures["reach_days"])
    kinds = incidents.book().about("tamper", "clock_wrong", "clock_told", "clock_right")
    return incident_rows.of_meters(
        meter_ids={span.meter_id for span in spans},
        since=min(span.from_at for span in spans) - reach,
        until=max(span.to_at for span in spans) + reach,
        kinds=kinds,
    )


def _usual(account_ids: set[UUID], month: BillingMonth) -> dict[tuple[UUID, UUID], int]:
    within = judging.rules().rules["missing"].figures["sent_within_months"]
    with connection.cursor() as cursor:
        ids = bulk.uuid_array(account_ids)
        cursor.execute(_USUAL, [ids, month.ordinal - within, month.ordinal])
        return {(account, meter): int(used) for account, meter, used in cursor.fetchall()}


def _tampered(span: Span, told: Recorded, per_day: int) -> Iterator[Told]:
    """The days of which tampering is told; the first of them bears the weight."""
    kinds = set(incidents.book().about("tamper"))
    days, newest = set[date](), 0
    for one, recorded in told:
        inside = set(_days(one.at, one.until or one.at, span))
        if one.kind in kinds and inside:
            days |= inside
            newest = max(newest, recorded)
    if days:
        weigh = judging.rules().rules[TAMPER].figures["weigh_days"]
        weights = dict.fromkeys(sorted(days), 0) | {min(days): per_day * weigh}
        yield TAMPER, span.register, weights, newest


def _drifted(span: Span, told: Recorded, per_day: int) -> Iterator[Told]:
    """The days on which a clock was off: from when it was last right up to when that was told."""
    figures, book = judging.rules().rules[CLOCK].figures, incidents.book()
    wrong, right = set(book.about("clock_wrong")), set(book.about("clock_right"))
    reach = timedelta(days=figures["reach_days"])
    days: dict[date, int] = {}
    newest, since = 0, None
    for one, recorded in told:
        off = abs(one.drift_s) if one.drift_s is not None else None
        if off is None and one.kind in wrong:
            off = figures["unknown_s"]
        if off is None or off <= figures["limit_s"]:
            since = one.at if off is not None or one.kind in right else since
            continue
        first = max(one.at - reach, since) if since else one.at - reach
        shifted = per_day * min(off, DAY_S) // DAY_S
        inside = _days(first, one.until or one.at, span)
        days |= {day: max(days.get(day, 0), shifted) for day in inside}
        newest = max(newest, recorded) if inside else newest
        since = one.at if one.kind in right else since
    if days:
        yield CLOCK, span.register, days, newest


def _days(first: datetime, last: datetime, span: Span) -> list[date]:
    """The days of a span which some time touches."""
    end = last - timedelta(microseconds=1) if last > first else last
    day, stop = max(local_day(first), span.from_day), min(local_day(end) + DAY, span.to_day)
    return list(_each(day, stop))


def _each(day: date, stop: date) -> Iterable[date]:
    return (day + DAY * n for n in range(max(0, (stop - day).days)))
