"""Rules that hold a meter's parts against each other: its channels, its dial's reads, its months.

They need no dense row of intervals, so meters without any are judged as well. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from tahseel.consumption.readings import judging, rules
from tahseel.consumption.readings.blocks import DAY_S, Series
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Finding, Flag
from tahseel.kernel.period import BillingMonth, Period, local_day, start_of

# Rule, register, base units in question by day, and what the finding is newer than.
Told = tuple[str, str, Mapping[date, int], int]

DAY = timedelta(days=1)
REACH = timedelta(days=45)
# The last version of each read of the billing dial, and when it was recorded, in seconds. Through
# the key, meter by meter: what is believed of a young table could make a plan go through all of it.
_READS = """
select asked.meter_id, r.at, r.value, extract(epoch from r.recorded_at)::bigint
from unnest(%s::uuid[], %s::text[]) as asked (meter_id, register)
cross join lateral (
  select distinct on (at) at, value, recorded_at from readings_register_read
  where meter_id = asked.meter_id and register = asked.register and at between %s and %s
  order by at, version desc
) r
order by asked.meter_id, r.at
"""
# Months in a row, up to the one judged, in which a meter was guessed at by more than a share.
_GUESSED = """
select account_id, meter_id, sum(quantity * estimated_share)::bigint,
  extract(epoch from max(recorded_at))::bigint
from (
  select distinct on (account_id, meter_id, month) account_id, meter_id, month, quantity,
    estimated_share, recorded_at
  from readings_determinant
  where account_id = any(%s::uuid[]) and month between %s and %s
  order by account_id, meter_id, month, version desc
) standing
where estimated_share * 100 > %s
group by account_id, meter_id having count(*) = %s
"""


def findings(
    spans: Sequence[Span],
    series: Mapping[str, Sequence[Series]],
    sectors: Mapping[UUID, str],
    month: BillingMonth,
) -> Iterator[Finding]:
    """What these rules find of some spans. series: of every kind, by meter."""
    guessed, reads = _guessed({span.account_id for span in spans}, month), dial_reads(spans)
    for span in spans:
        book = judging.rules()
        sector = sectors.get(span.account_id, "")
        on = {
            code
            for code in ("sibling", "order", "prolonged")
            if sector not in book.rules[code].off_for
        }
        found: list[Told] = []
        if "sibling" in on:
            found += _siblings(span, series.get(str(span.meter_id), ()))
        if "order" in on:
            found += _order(span, reads.get(span.meter_id, ()))
        if "prolonged" in on and (span.account_id, span.meter_id) in guessed:
            amount, version = guessed[span.account_id, span.meter_id]
            days = dict.fromkeys(Period(span.from_day, span.to_day), 0)
            found.append(("prolonged", span.register, days | {span.from_day: amount}, version))
        yield from (finding(span, sector, told) for told in found)


def finding(span: Span, sector: str, told: Told) -> Finding:
    """What a rule tells of a span, as the finding of its account and meter."""
    code, register, days, version = told
    return Finding(
        span.account_id,
        span.meter_id,
        register,
        span.service,
        sector,
        code,
        len(days),
        tuple(sorted(days)),
        tuple(days[day] for day in sorted(days)),
        (version,) * len(days),
    )


def _siblings(span: Span, series: Sequence[Series]) -> Iterator[Told]:
    """Days of which one channel of a meter came and another did not."""
    first, whole = int(span.from_at.timestamp()), (span.to_day - span.from_day).days
    came: dict[str, Any] = {}
    used: dict[str, int] = {}
    newest = 0
    for one in series:
        day = (one.starts - first) // DAY_S
        real = (day >= 0) & (day < whole) & (one.flags != Flag.MISSING)
        here = np.zeros(whole, bool)
        here[day[real]] = True
        if here.any():
            came[one.register] = here
            used[one.register] = int(one.values[real].sum()) // int(here.sum())
            newest = max(newest, int(one.versions[real].max(initial=0)))
    if len(came) < 2:
        return
    any_came = np.any(list(came.values()), axis=0)
    for register, here in came.items():
        gone = np.flatnonzero(any_came & ~here).tolist()
        if gone:
            days = {span.from_day + DAY * n: abs(used[register]) for n in gone}
            yield "sibling", register, days, newest


def _order(span: Span, reads: Sequence[tuple[Any, int, int]]) -> Iterator[Told]:
    """Reads of the dial that go back from one to the next, beyond what a roll-over explains."""
    for (_, before, _), (at, value, recorded) in pairwise(reads):
        inside = span.from_at < at <= span.to_at
        if inside and rules.advance(before, value, span.modulus) is None:
            day = local_day(at - timedelta(microseconds=1))
            yield "order", span.register, {day: (before - value) * span.multiplier}, recorded


def dial_reads(spans: Sequence[Span]) -> dict[UUID, list[tuple[Any, int, int]]]:
    """By meter the standing reads of its billing dial: when, what, and the second of recording."""
    if not spans:
        return {}
    registers = {span.meter_id: span.register for span in spans}
    since = start_of(min(span.from_day for span in spans)) - REACH
    found: dict[UUID, list[tuple[Any, int, int]]] = {}
    with connection.cursor() as cursor:
        until = start_of(max(span.to_day for span in spans))
        cursor.execute(_READS, [list(registers), list(registers.values()), since, until])
        for meter, at, value, recorded in cursor.fetchall():
            found.setdefault(meter, []).append((at, value, recorded))
    return found


def _guessed(
    account_ids: set[UUID], month: BillingMonth
) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    figures = judging.rules().rules["prolonged"].figures
    last, months = month.ordinal - 1, figures["months"]
    with connection.cursor() as cursor:
        cursor.execute(
            _GUESSED,
            [list(account_ids), last - months + 1, last, figures["share_percent"], months],
        )
        return {(a, meter): (amount, at) for a, meter, amount, at in cursor.fetchall()}
