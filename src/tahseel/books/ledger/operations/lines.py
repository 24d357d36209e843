"""First entries of accounts, made inside the database: nothing of them passes through us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from tahseel.books.ledger import queries, rules
from tahseel.books.ledger.operations.posting import (
    BeyondLimit,
    CreditBelowZero,
    PeriodClosed,
    UnknownCode,
)
from tahseel.books.ledger.values import CREDIT, RECEIVABLE
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.trust.audit import operations as audit

_CODES = "select distinct unnest(array[l.debit, l.credit]) from ({lines}) as l"
# The balance rows of accounts that have none; how many have one, and the least credit.
_BALANCES_OF = """
with moved as (
  select l.account_id, count(*) as entries,
    sum(l.amount * ((l.debit = %(receivable)s)::int - (l.credit = %(receivable)s)::int)) as owed,
    sum(l.amount * ((l.credit = %(held)s)::int - (l.debit = %(held)s)::int)) as credit
  from ({lines}) as l group by l.account_id
), made as (
  insert into ledger_balance (account_id, receivable_fils, credit_fils, version)
  select account_id, owed, greatest(credit, 0), entries from moved order by account_id
  on conflict do nothing returning 1
)
select (select count(*) from moved) - (select count(*) from made),
  (select min(credit)::bigint from moved)
"""
_POST_LINES = """
insert into ledger_entry (account_id, id, version, debit, credit, amount, business_date,
  recorded_at, source, source_id, input_hash)
select l.account_id, l.id, row_number() over (partition by l.account_id order by l.place),
  l.debit, l.credit, l.amount, l.business_date, %(at)s, l.source, l.source_id, {digest}
from ({lines}) as l
"""
_OLDEST = "select min(l.business_date) from ({lines}) as l"
_BEYOND = """
select side.account_id, side.code, sum(side.fils)::bigint from (
  select l.account_id, l.debit as code,
    case when c.on_debit then l.amount else -l.amount end as fils
  from ({lines}) as l join jsonb_to_recordset(%(chart)s::jsonb)
    as c (code text, on_debit boolean, limited boolean) on c.code = l.debit and c.limited
  union all
  select l.account_id, l.credit, case when c.on_debit then -l.amount else l.amount end
  from ({lines}) as l join jsonb_to_recordset(%(chart)s::jsonb)
    as c (code text, on_debit boolean, limited boolean) on c.code = l.credit and c.limited
) side group by 1, 2 having sum(side.fils) < 0 order by 1, 2 limit 1
"""


class AccountKnown(Refusal):
    """First entries are for accounts without any."""

    code = "ledger_account_known"
    text_ar = "لبعض الحسابات قيود سابقة ({accounts})"
    text_en = "{accounts} of the accounts have entries already"
    http_status = 409


@audit.audited("ledger.post_lines", subject="batch")
def post_lines(*, actor: Actor, at: datetime, batch: str, entries: bulk.Lines) -> int:
    """The same inside the database, for accounts that the ledger does not know yet; how many.

    entries: account_id, id, debit, credit, amount, business_date, source, source_id, and `place`,
    their order within an account. Raises UnknownCode, PeriodClosed,
    BeyondLimit, AccountKnown, CreditBelowZero.
    """
    values: dict[str, bulk.Value] = {
        **entries.values,
        "receivable": RECEIVABLE,
        "held": CREDIT,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CODES.format(lines=entries.statement), values)
        codes = {row[0] for row in cursor.fetchall()}
        for name in sorted(codes - set(rules.chart())):
            raise UnknownCode(name=name)
        _within_bounds(cursor, codes, entries.statement, values)
        cursor.execute(_BALANCES_OF.format(lines=entries.statement), values)
        known, least = cursor.fetchone() or (0, 0)
        if known:
            raise AccountKnown(accounts=known)
        if least is not None and least < 0:
            raise CreditBelowZero(credit=least)
        digest = rules.input_hash_in_sql("l")
        cursor.execute(_POST_LINES.format(lines=entries.statement, digest=digest), values)
        count = int(cursor.rowcount)
    audit.note(count=count)
    return count


def _within_bounds(
    cursor: Any, codes: set[str], lines: str, values: Mapping[str, bulk.Value]
) -> None:
    """Raises PeriodClosed, BeyondLimit."""
    until = queries.closed_until()
    if until is not None:
        cursor.execute(_OLDEST.format(lines=lines), values)
        [oldest] = cursor.fetchone()
        if oldest is not None and oldest < until:
            raise PeriodClosed(until=until.isoformat(), day=oldest.isoformat())
    limited = {code for code in codes - {CREDIT} if rules.chart()[code].limited}
    if not limited:
        return
    cursor.execute(_BEYOND.format(lines=lines), {**values, "chart": rules.chart_in_json()})
    row = cursor.fetchone()
    if row is not None:
        raise BeyondLimit(name=row[1], account=str(row[0]), left=row[2])
