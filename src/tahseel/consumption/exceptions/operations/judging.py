"""The night's work: findings become exceptions, change them, or clear them by finding nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.exceptions import queries, rules
from tahseel.consumption.exceptions.values import Judged, Price, PricedBy
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Finding
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

_STAGED = {
    "id": "uuid",
    "account_id": "uuid",
    "meter_id": "uuid",
    "register": "text",
    "service": "text",
    "sector": "text",
    "rule": "text",
    "month": "int4",
    "first_day": "date",
    "until_day": "date",
    "quantity": "int8",
    "ver": "int8",
    "fils": "int8",
    "priced_by": "text",
}
_STAGE = f"""
drop table if exists pg_temp.exceptions_staged, pg_temp.exceptions_matched;
create temp table exceptions_staged
  ({", ".join(f"{name} {kind}" for name, kind in _STAGED.items())}) on commit drop;
"""
# A finding belongs to the open exception of its rule whose days it touches; the earliest of both.
_MATCH = """
create temp table exceptions_matched on commit drop as
select staged_id, exception_id from (
  select s.id as staged_id, e.id as exception_id,
    row_number() over (partition by s.id order by e.first_day, e.id) as of_staged,
    row_number() over (partition by e.id order by s.first_day, s.id) as of_exception
  from exceptions_staged s
  join exceptions_exception e
    on (e.account_id, e.meter_id, e.register, e.rule, e.month)
     = (s.account_id, s.meter_id, s.register, s.rule, s.month)
   and e.state = 'open' and s.first_day <= e.until_day and s.until_day >= e.first_day
) pairs where of_staged = 1 and of_exception = 1;
"""
# First what is found no more, so that the days it stood for are free for another.
_CLEAR = """
update exceptions_exception e set state = 'cleared', closed_at = %(at)s, changed_at = %(at)s,
  closed_by = %(actor)s
where e.account_id = any(%(accounts)s::uuid[]) and e.month = %(month)s and e.state = 'open'
  and not exists (select from exceptions_matched m where m.exception_id = e.id)
"""
_CHANGE = """
with changed as (
  update exceptions_exception e set first_day = s.first_day, until_day = s.until_day,
    quantity = s.quantity, ver = s.ver, fils = s.fils, priced_by = s.priced_by,
    changed_at = %(at)s
  from exceptions_matched m join exceptions_staged s on s.id = m.staged_id
  where e.id = m.exception_id and (e.first_day, e.until_day, e.quantity, e.ver)
    is distinct from (s.first_day, s.until_day, s.quantity, s.ver)
  returning e.id, e.first_day, e.until_day, e.quantity, e.ver
)
insert into exceptions_finding (exception_id, found_at, first_day, until_day, quantity, ver)
select id, %(at)s, first_day, until_day, quantity, ver from changed
"""
# What somebody decided stands as long as the blocks are those he decided about. Days on which
# nothing came (ver 0) grow by themselves: let stand, they stand until they are twice as much.
_OPEN = """
with opened as (
  insert into exceptions_exception (id, account_id, meter_id, register, service, sector, area,
    rule, month, first_day, until_day, quantity, ver, fils, priced_by, state, opened_at, changed_at)
  select s.id, s.account_id, s.meter_id, s.register, s.service, s.sector, b.area_id, s.rule,
    s.month, s.first_day, s.until_day, s.quantity, s.ver, s.fils, s.priced_by, 'open', %(at)s,
    %(at)s
  from exceptions_staged s
  join supply_account a on a.id = s.account_id
  join premises_unit u on u.id = a.unit_id
  join premises_premises b on b.id = u.premises_id
  where not exists (select from exceptions_matched m where m.staged_id = s.id)
    and not exists (
      select from exceptions_exception d
      where (d.account_id, d.meter_id, d.register, d.rule, d.month)
          = (s.account_id, s.meter_id, s.register, s.rule, s.month)
        and d.state in ('accepted', 'edited', 'estimated')
        and d.first_day <= s.first_day and d.ver >= s.ver
        and (d.until_day >= s.until_day
          or (s.ver = 0 and d.state = 'accepted' and s.quantity <= 2 * d.quantity))
    )
  returning id, first_day, until_day, quantity, ver
)
insert into exceptions_finding (exception_id, found_at, first_day, until_day, quantity, ver)
select id, %(at)s, first_day, until_day, quantity, ver from opened
"""
_TAKE_PRICES = """
insert into exceptions_price (account_id, service, month, quantity, fils)
select * from unnest(%s::uuid[], %s::text[], %s::integer[], %s::bigint[], %s::bigint[])
on conflict (account_id, service) do update
set month = excluded.month, quantity = excluded.quantity, fils = excluded.fils
where exceptions_price.month <= excluded.month
"""
# round(q * fils / quantity), half up, in whole numbers: as `rules.at_risk`.
_REPRICE = """
update exceptions_exception e set priced_by = 'account',
  fils = div(2 * e.quantity::numeric * p.fils + p.quantity, 2 * p.quantity)
from exceptions_price p
where e.state = 'open' and e.account_id = any(%s::uuid[])
  and (p.account_id, p.service) = (e.account_id, e.service)
"""


@audited("exceptions.judge", subject="month")
def judge(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    until: date,
    account_ids: Sequence[UUID],
    means: Mapping[str, Price] | None = None,
) -> Judged:
    """Judge a month of some accounts up to a day, and let the work-list follow what is found.

    What is found anew opens an exception, what is found otherwise changes its own, and what is not
    found any more is cleared. What was decided about the same blocks opens nothing. means: what
    everybody pays, by service, for accounts without a bill. Only for jobs.
    """
    require(actor)
    found = list(readings.findings(month=month, until=until, account_ids=account_ids))
    rows = list(_rows(found, month, at, queries.mean_prices() if means is None else means))
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        staged = bulk.copy_rows(table="exceptions_staged", columns=_STAGED, rows=rows)
        cursor.execute(_MATCH)
        cursor.execute(
            _CLEAR,
            {
                "at": at,
                "actor": actor.id,
                "month": month.ordinal,
                "accounts": list(account_ids),
            },
        )
        cleared = int(cursor.rowcount)
        cursor.execute(_CHANGE, {"at": at})
        changed = int(cursor.rowcount)
        cursor.execute(_OPEN, {"at": at})
        opened = int(cursor.rowcount)
    note(accounts=len(account_ids), found=staged)
    return Judged(month, opened, changed, cleared)


def _rows(
    found: Sequence[Finding], month: BillingMonth, at: datetime, means: Mapping[str, Price]
) -> Iterator[tuple[object, ...]]:
    prices = queries.prices(account_ids={one.account_id for one in found})
    for one in found:
        key = (one.account_id, str(one.service))
        for run in rules.runs(days=one.days, amounts=one.amounts, versions=one.versions):
            weighed, by = _weighed(run.quantity, prices.get(key), means.get(key[1]))
            yield (
                new_id(at),
                one.account_id,
                one.meter_id,
                one.register,
                str(one.service),
                one.sector,
                one.rule,
                month.ordinal,
                run.days.start,
                run.days.end,
                run.quantity,
                run.version,
                weighed.fils if weighed else None,
                str(by),
            )


def _weighed(quantity: int, own: Price | None, mean: Price | None) -> tuple[Money | None, PricedBy]:
    if own is not None:
        return rules.at_risk(quantity, own), PricedBy.ACCOUNT
    if mean is not None:
        return rules.at_risk(quantity, mean), PricedBy.SERVICE
    return None, PricedBy.NOBODY


@audited("exceptions.record_run", subject="day")
def record_run(*, actor: Actor, at: datetime, day: date, lake_version: int) -> None:
    """Remember what a night had seen of the lake when it began. Only for jobs."""
    require(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into exceptions_run (day, at, lake_version) values (%s, %s, %s)"
            " on conflict do nothing",
            [day, at, lake_version],
        )


@audited("exceptions.take_prices", subject="prices")
def take_prices(
    *, actor: Actor, at: datetime, prices: Sequence[tuple[str, str, int, int, int]]
) -> int:
    """Keep what accounts paid last, and weigh their open exceptions by it. Only for jobs.

    prices: account, service, month, quantity (above zero), fils. Returns exceptions weighed anew.
    """
    require(actor)
    columns: Sequence[Sequence[object]] = list(zip(*prices, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_PRICES, [list(column) for column in columns])
        cursor.execute(_REPRICE, [list(columns[0])])
        return int(cursor.rowcount)
