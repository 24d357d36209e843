"""Opens accounts whose rows the database makes: histories by the hundred thousand."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.registry.customers.operations import require_standing_lines
from tahseel.registry.supply import events, rules
from tahseel.registry.supply.operations.linking import AccountRefused, refusing
from tahseel.registry.supply.values import Capacity, Vacancy
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

_ACCOUNT = ("id", "number", "unit_id", "opened_on", "closed_on")
_PARTY = (
    "id", "account_id", "customer_id", "role", "from_day", "until_day", "agreement", "takes_back",
)  # fmt: skip
_CHAIN = """
select a.id as account_id, a.number, a.opened_on, l.id, l.customer_id, l.capacity, l.vacancy,
  l.agreement, l.from_day, row_number() over chain = 1 as first,
  coalesce(lead(l.from_day) over chain, a.closed_on) as until_day
from ({accounts}) as a left join ({liabilities}) as l on l.account_id = a.id
window chain as (partition by a.id order by l.from_day)
"""
_BROKEN = """
select case
    when from_day is null or first and from_day <> opened_on
      then 'the first liability begins on the day the account is opened'
    when until_day <= from_day then 'each liability begins after the one before'
    when not explained then 'somebody is liable, or it is said why nobody is'
    else 'an account number has ten digits, the last of them its check digit' end
from (select *, {numbered} as numbered, case when customer_id is null
    then capacity = '{vacant}' and coalesce(vacancy, '{none}') <> '{none}'
    else capacity <> '{vacant}' and vacancy is null end as explained
  from ({chain}) as chain) as links
where from_day is null or first and from_day <> opened_on or until_day <= from_day
  or not explained or first and not numbered
limit 1
"""
_LINK = """
insert into supply_liability (id, account_id, customer_id, capacity, vacancy, agreement, from_day,
  until_day, previous_until)
select id, account_id, customer_id, capacity, vacancy, agreement, from_day, until_day,
  case when not first then from_day end
from ({chain}) as links
"""


@audited("supply.open_lines", subject="batch")
def open_lines(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    accounts: bulk.Lines,
    liabilities: bulk.Lines,
    parties: bulk.Lines,
) -> int:
    """Open many accounts with their histories inside the database, all or none; how many.

    accounts: id, number, unit_id, opened_on, closed_on; liabilities: id, account_id, customer_id,
    capacity, vacancy, agreement, from_day; parties: id, account_id, customer_id, role, from_day,
    until_day, agreement, takes_back. The log keeps the counts and a SHA-256 of the accounts' rows.
    Raises LiabilityOverlap, UnitTaken, PartyOverlap, AccountRefused, MergedRecord.
    """
    require_duty(actor, "supply.open_lines")
    require_standing_lines(lines=liabilities)
    require_standing_lines(lines=parties)
    values = {**accounts.values, **liabilities.values}
    chain = _CHAIN.format(accounts=accounts.statement, liabilities=liabilities.statement)
    _require_chain(chain, values)
    with refusing(), connection.cursor() as cursor:
        count = bulk.insert_lines(table="supply_account", columns=_ACCOUNT, lines=accounts)
        cursor.execute(_LINK.format(chain=chain), values)
        links = int(cursor.rowcount)
        roles = bulk.insert_lines(table="supply_party", columns=_PARTY, lines=parties)
    digest = bulk.digest(accounts)
    note(count=count, liabilities=links, parties=roles, digest=digest)
    events.batch_opened(batch=batch, count=count, digest=digest, at=at)
    return count


def _require_chain(chain: str, values: dict[str, bulk.Value]) -> None:
    statement = _BROKEN.format(
        chain=chain,
        numbered=rules.is_account_number_in_sql("number"),
        vacant=Capacity.VACANT,
        none=Vacancy.NO_ACCOUNT,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if (row := cursor.fetchone()) is not None:
            raise AccountRefused(rule=row[0])
