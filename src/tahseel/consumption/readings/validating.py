"""What the interval rules find in a month, meter by meter. Writes nothing and replaces nothing.

Each import register whose intervals have one length is judged over the days for which the meter
hung for the account: by the rules of its sector, against the dial where it was read at a start of
day, and against the use a day of the month before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import (
    blocks,
    comparing,
    dials,
    grid,
    judging,
    metering,
    nesting,
    presence,
    rules,
    sizing,
    tampering,
    vee,
)
from tahseel.consumption.readings.blocks import DAY_S, Ints, Series
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Finding, Kind
from tahseel.kernel.period import BillingMonth, Period
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply

METERS_AT_ONCE = 2_000
_USUAL = """
select account_id, meter_id, quantity / days from (
  select distinct on (account_id, meter_id) account_id, meter_id, quantity, days
  from readings_determinant where month = %s and account_id = any(%s::uuid[])
  order by account_id, meter_id, version desc
) standing where days > 0
"""


def findings(
    *, month: BillingMonth, until: date, account_ids: Sequence[UUID] | None = None
) -> Iterator[Finding]:
    """What the rules find up to a day, by account and meter, some thousand meters at a time."""
    if until <= month.period.start:
        return
    over = Period(month.period.start, min(month.period.end, until))
    spans = metering.exact(period=over, account_ids=account_ids)
    for at in range(0, len(spans), METERS_AT_ONCE):
        yield from _judged(spans[at : at + METERS_AT_ONCE], month, over.end)


def _judged(spans: Sequence[Span], month: BillingMonth, until: date) -> Iterator[Finding]:
    of_account = sectors({span.account_id for span in spans}, month)
    usual = _usual({span.account_id for span in spans}, month.previous())
    read = dials.at_midnights(spans)
    series: dict[str, list[Series]] = {}
    meters = {str(span.meter_id) for span in spans}
    table = Lake(settings.LAKE).blocks(meter_ids=meters, period=month.period)
    for one in blocks.series_of(table):
        series.setdefault(one.meter_id, []).append(one)
    yield from comparing.findings(spans, series, of_account, month)
    yield from presence.findings(spans, table, series, of_account, month=month, until=until)
    yield from tampering.findings(spans, of_account, month)
    yield from nesting.findings(spans, of_account, month=month, until=until)
    for span in spans:
        mine = [one for one in series.get(str(span.meter_id), ()) if one.kind == Kind.IMPORT]
        alone = len(mine) == 1
        for one in mine:
            yield from _found(
                span,
                one,
                sector=of_account.get(span.account_id, ""),
                usual=usual.get((span.account_id, span.meter_id), 0) if alone else 0,
                dial=read.get((span.account_id, span.meter_id, span.from_day), {}) if alone else {},
            )


def sectors(account_ids: set[UUID], month: BillingMonth) -> dict[UUID, str]:
    """The sector of each account's unit when the month ends, or the last it had in it."""
    accounts = supply.accounts(account_ids=account_ids)
    units = {account.unit_id for account in accounts.values()}
    spans = premises.sectors_in(unit_ids=units, period=month.period)
    return {
        account.id: str(spans[account.unit_id][-1].sector)
        for account in accounts.values()
        if spans.get(account.unit_id)
    }


def _usual(account_ids: set[UUID], month: BillingMonth) -> dict[tuple[UUID, UUID], int]:
    """What each account and meter used a day in a month, base units."""
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, [month.ordinal, list(account_ids)])
        found = cursor.fetchall()
    return {(account, meter): int(used) for account, meter, used in found if used <= vee.ROOM}


def _found(
    span: Span, series: Series, *, sector: str, usual: int, dial: Mapping[date, int]
) -> Iterator[Finding]:
    laid = grid.laid_out(series, int(span.from_at.timestamp()), int(span.to_at.timestamp()))
    if laid is None:
        return
    known = np.full((span.to_day - span.from_day).days + 1, vee.UNKNOWN, np.int64)
    for day, value in dial.items():
        known[(day - span.from_day).days] = value
    limits = judging.rules().limits(span.service, sector, laid.length)
    batch = laid.batch(dial=known, usual=usual)
    found = vee.judge(batch, limits)
    versions = _newest_by_day(span, series, batch.days)
    yield from _scaled(span, series, sector, laid, known)
    for code, rule in judging.CODES.items():
        if not found.fired[0, rule]:
            continue
        days = np.flatnonzero(found.marks[0] >> rule & 1)
        yield Finding(
            span.account_id,
            span.meter_id,
            series.register,
            span.service,
            sector,
            code,
            int(found.fired[0, rule]),
            tuple(span.from_day + timedelta(days=day) for day in days.tolist()),
            tuple(sizing.in_question(laid.values, batch, found, rule)[days].tolist()),
            tuple(versions[days].tolist()),
        )


def _scaled(
    span: Span, series: Series, sector: str, laid: grid.Grid, dial: Ints
) -> Iterator[Finding]:
    """A dial that moved ten times as far as its intervals say, or by its ratio: a unit, or the
    multiplier, is counted twice or not at all. Only where every interval came.
    """
    rule = judging.rules().rules[judging.MULTIPLIER]
    known = np.flatnonzero(dial >= 0)
    if sector in rule.off_for or laid.missing or len(known) < 2:
        return
    first, end = int(known[0]), int(known[-1])
    daily = laid.values.astype(np.int64).reshape(len(dial) - 1, -1).sum(axis=1)
    moved, used = int(dial[end] - dial[first]), int(daily[first:end].sum())
    if not rules.out_of_scale(moved, used, span.multiplier, rule.figures["percent"]):
        return
    days = tuple(span.from_day + timedelta(days=n) for n in range(first, end))
    yield Finding(
        span.account_id,
        span.meter_id,
        series.register,
        span.service,
        sector,
        judging.MULTIPLIER,
        1,
        days,
        (abs(moved - used), *(0 for _ in days[1:])),
        (int(series.versions.max(initial=0)),) * len(days),
    )


def _newest_by_day(span: Span, series: Series, days: int) -> Ints:
    found = np.zeros(days, np.int64)
    day = (series.starts - int(span.from_at.timestamp())) // DAY_S
    inside = (day >= 0) & (day < days)
    np.maximum.at(found, day[inside], series.versions[inside])
    return found
