"""Whether anything came from a meter, came twice, or came from where there is to be no use.

A meter that used to send and sent nothing at all is missing as a whole. A time that came twice,
with two measured values, is a duplicate: the newer stands, and somebody may look. Use while supply
is off, or after the account or the hanging ended, is use of an inactive meter. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from tahseel.consumption.readings import comparing, judging, rules
from tahseel.consumption.readings.blocks import DAY_S, ZONE_S, Series
from tahseel.consumption.readings.comparing import DAY, REACH, Told
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Finding, Flag, Kind
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth, Period, local_day, start_of
from tahseel.registry.supply import queries as supply

MISSING, DUPLICATE, INACTIVE = "missing", "duplicate", "inactive"
EPOCH_DAY = date(1970, 1, 1)
KEY = ["meter_id", "register", "day"]
# Meters whose intervals told of some month before, with what they used a day in the last of these.
_SENT = """
select account_id, meter_id, quantity / days from (
  select distinct on (account_id, meter_id) account_id, meter_id, quantity, days
  from readings_determinant
  where account_id = any(%s::uuid[]) and month between %s and %s
    and (profile is not null or method = 'interval')
  order by account_id, meter_id, month desc, version desc
) told
"""
# Reads of one instant that were told as measured with more than one value.
_TWICE = """
select r.meter_id, r.at, max(r.value) - min(r.value), extract(epoch from max(r.recorded_at))::bigint
from unnest(%s::uuid[], %s::text[]) as asked (meter_id, register)
join readings_register_read r using (meter_id, register)
where r.at > %s and r.at <= %s and r.quality = 'actual'
group by r.meter_id, r.at having count(distinct r.value) > 1
order by r.meter_id, r.at
"""
# From when to when a service was off, for accounts and for their places.
_OFF = """
select a.id, s.service, s.off_at, s.ended_at
from supply_account a
join supply_stop s on s.unit_id = a.unit_id and (s.account_id is null or s.account_id = a.id)
where a.id = any(%s::uuid[]) and s.off_at is not null and s.off_at < %s
  and (s.ended_at is null or s.ended_at > %s)
order by s.off_at
"""
Reads = Sequence[tuple[Any, int, int]]


def findings(
    spans: Sequence[Span],
    table: pa.Table,
    series: Mapping[str, Sequence[Series]],
    sectors: Mapping[UUID, str],
    *,
    month: BillingMonth,
    until: date,
) -> Iterator[Finding]:
    """What these rules find of some spans. table: the blocks that `series` was made of; until: the
    day after the last one judged.
    """
    if not spans:
        return
    sent, twice, dials = _sent(spans, month), _twice(spans), comparing.dial_reads(spans)
    idle_of, again = off(spans), repeated(table)
    beyond = _beyond(spans, until)
    for span in spans:
        sector = sectors.get(span.account_id, "")
        mine = series.get(str(span.meter_id), ())
        idle = idle_of.get((span.account_id, str(span.service)), [])
        found: list[Told] = [
            *_silent(span, mine, sent.get((span.account_id, span.meter_id))),
            *_doubled(span, again, twice.get(span.meter_id, ())),
            *_used(span, mine, [*_within(idle, span), *beyond.get(_key(span), ())]),
            *_turned(span, dials.get(span.meter_id, ()), idle),
        ]
        book = judging.rules().rules
        yield from (
            comparing.finding(span, sector, told)
            for told in found
            if sector not in book[told[0]].off_for
        )


def _key(span: Span) -> tuple[UUID, UUID, date]:
    return span.account_id, span.meter_id, span.from_day


def _silent(span: Span, series: Sequence[Series], per_day: int | None) -> Iterator[Told]:
    """A meter that sent before and of which nothing came on any of these days."""
    first, end = span.from_at.timestamp(), span.to_at.timestamp()
    whole = (span.to_day - span.from_day).days
    if per_day is None or whole < judging.rules().rules[MISSING].figures["silent_days"]:
        return
    came = any(
        np.any((one.starts >= first) & (one.starts < end) & (one.flags != Flag.MISSING))
        for one in series
        if one.kind == Kind.IMPORT
    )
    if not came:
        yield MISSING, span.register, dict.fromkeys(Period(span.from_day, span.to_day), per_day), 0


def _sent(spans: Sequence[Span], month: BillingMonth) -> dict[tuple[UUID, UUID], int]:
    within = judging.rules().rules[MISSING].figures["sent_within_months"]
    ids = bulk.uuid_array({span.account_id for span in spans})
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [ids, month.ordinal - within, month.ordinal - 1])
        return {(account, meter): int(used) for account, meter, used in cursor.fetchall()}


def repeated(table: pa.Table) -> dict[tuple[str, str], dict[date, tuple[int, int]]]:
    """By meter and register the days of which an interval was told twice, measured both times, with
    two values: how far apart in all, and the newest version.
    """
    counted = table.group_by(KEY).aggregate([("ver", "count")])
    more = counted.filter(pc.greater(counted["ver_count"], 1)).select(KEY)
    found: dict[tuple[str, str], dict[date, tuple[int, int]]] = {}
    if not more.num_rows:
        return found
    numbered = table.select(KEY).append_column("row", pa.array(range(table.num_rows)))
    rows = table.take(numbered.join(more, KEY, join_type="inner")["row"]).to_pylist()
    rows.sort(key=lambda row: (row["meter_id"], row["register"], row["day"], row["ver"]))
    for (meter, register, day), blocks in groupby(
        rows, key=lambda row: (row["meter_id"], row["register"], row["day"])
    ):
        apart, newest = _apart(list(blocks))
        if apart:
            days = found.setdefault((meter, register), {})
            days[EPOCH_DAY + timedelta(days=day)] = apart, newest
    return found


def _apart(blocks: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How far the measured values of the same intervals lie apart; the version of the newest."""
    known: dict[tuple[int, int], int] = {}
    apart = newest = 0
    for block in blocks:
        length, flags = block["interval_s"], block["flags"] or ()
        for slot, value in enumerate(block["values"]):
            if slot < len(flags) and flags[slot] != Flag.ACTUAL:
                continue
            before = known.setdefault((block["offset_s"] + slot * length, length), value)
            if before != value:
                apart, newest = apart + abs(value - before), block["ver"]
    return apart, newest


def _doubled(
    span: Span, again: Mapping[tuple[str, str], Mapping[date, tuple[int, int]]], dials: Reads
) -> Iterator[Told]:
    for (meter, register), days in again.items():
        inside = {d: told for d, told in days.items() if span.from_day <= d < span.to_day}
        if meter == str(span.meter_id) and inside:
            amounts = {day: apart for day, (apart, _) in inside.items()}
            yield DUPLICATE, register, amounts, max(version for _, version in inside.values())
    for at, apart, recorded in dials:
        if span.from_at < at <= span.to_at:
            day = local_day(at - timedelta(microseconds=1))
            yield DUPLICATE, span.register, {day: apart * span.multiplier}, recorded


def _twice(spans: Sequence[Span]) -> dict[UUID, list[tuple[Any, int, int]]]:
    registers = {span.meter_id: span.register for span in spans}
    since = start_of(min(span.from_day for span in spans))
    until = start_of(max(span.to_day for span in spans))
    found: dict[UUID, list[tuple[Any, int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, [list(registers), list(registers.values()), since, until])
        for meter, at, apart, recorded in cursor.fetchall():
            found.setdefault(meter, []).append((at, apart, recorded))
    return found


def off(spans: Sequence[Span]) -> dict[tuple[UUID, str], list[tuple[datetime, datetime | None]]]:
    since = start_of(min(span.from_day for span in spans)) - REACH
    until = start_of(max(span.to_day for span in spans))
    ids = bulk.uuid_array({span.account_id for span in spans})
    found: dict[tuple[UUID, str], list[tuple[datetime, datetime | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OFF, [ids, until, since])
        for account, service, off_at, ended_at in cursor.fetchall():
            found.setdefault((account, service), []).append((off_at, ended_at))
    return found


def _within(idle: Sequence[tuple[datetime, datetime | None]], span: Span) -> Iterator[Period]:
    """The whole days of a span on which its service was off from beginning to end."""
    for off_at, ended_at in idle:
        first = max(span.from_day, local_day(off_at) + DAY)
        end = min(span.to_day, local_day(ended_at) if ended_at else span.to_day)
        if first < end:
            yield Period(first, end)


def _beyond(spans: Sequence[Span], until: date) -> dict[tuple[UUID, UUID, date], list[Period]]:
    """Days up to `until` on which a meter measured for nobody any more, by the span before them."""
    ended = [span for span in spans if span.to_day < until]
    if not ended:
        return {}
    over = Period(min(span.to_day for span in ended), until)
    held = supply.accounts_at_meters(meter_ids={span.meter_id for span in ended}, period=over)
    found: dict[tuple[UUID, UUID, date], list[Period]] = {}
    for span in ended:
        next_one = min(
            (one.from_day for one in held if one.meter_id == span.meter_id), default=until
        )
        if span.to_day < next_one:
            found[_key(span)] = [Period(span.to_day, next_one)]
    return found


def _used(span: Span, series: Sequence[Series], idle: Sequence[Period]) -> Iterator[Told]:
    """Intervals of use on days that were to be without any, beyond what leaks or is measured."""
    floor = judging.rules().rules[INACTIVE].figures[f"floor_{span.service}"]
    quiet = [day for period in idle for day in period]
    for one in series if quiet else ():
        if one.kind != Kind.IMPORT:
            continue
        found = {day: _of_day(one, day) for day in quiet}
        days = {day: used for day, (used, _) in found.items() if used > floor}
        if days:
            yield INACTIVE, one.register, days, max(found[day][1] for day in days)


def _of_day(series: Series, day: date) -> tuple[int, int]:
    """What was used on a day, and the newest version of it."""
    here = (series.starts + ZONE_S) // DAY_S == (day - EPOCH_DAY).days
    here &= series.flags != Flag.MISSING
    return int(series.values[here].sum()), int(series.versions[here].max(initial=0))


def _turned(
    span: Span, dials: Reads, idle: Sequence[tuple[datetime, datetime | None]]
) -> Iterator[Told]:
    """A dial that moved between two reads while its service was off."""
    floor = judging.rules().rules[INACTIVE].figures[f"floor_{span.service}"]
    for (before_at, before, _), (at, value, recorded) in pairwise(dials):
        off = any(off_at <= before_at and (not end or at <= end) for off_at, end in idle)
        moved = rules.advance(before, value, span.modulus) if off else None
        if moved and moved * span.multiplier > floor and span.from_at < at <= span.to_at:
            day = local_day(at - timedelta(microseconds=1))
            yield INACTIVE, span.register, {day: moved * span.multiplier}, recorded
