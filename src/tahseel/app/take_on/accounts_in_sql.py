"""The statements that make accounts, and what hangs on them, from staged lines.

`FOUND` are temporary tables, made in this order; the rest are what the slices' operations ask for.
"""

from __future__ import annotations

from tahseel.app.take_on.in_sql import day, follows, id_of
from tahseel.app.take_on.values import Entity
from tahseel.kernel.ids import derived_id_in_sql

_ACCOUNT = f"""
select row_number() over (order by s.number is not null, s.key) - 1 as place, s.key,
  {id_of(Entity.ACCOUNTS, "s.key")} as id, {id_of(Entity.UNITS, "s.ref")} as unit_id,
  s.from_day as opened_on, s.until_day as closed_on, nullif(s.number, '') as number
from @accounts s
"""  # noqa: S608 - our words
# Liabilities as the lines tell them, each with the end that its own line gives.
_LINK = f"""
select a.key, a.id as account_id,
  {follows("a.id", "'liability'", day("o.from_day"))} as id,
  case when o.person <> '' then {id_of(Entity.PERSONS, "o.person")} end as customer_id,
  b.capacity, b.vacancy, coalesce(b.agreement, '') as agreement, o.from_day, o.until_day
from @occupancies o join app_taken_account a on a.key = o.ref
cross join lateral json_to_record(o.body::json)
  as b (capacity text, vacancy text, agreement text)
"""  # noqa: S608 - our words
_NAMED = f"""
select a.id as account_id, {id_of(Entity.PERSONS, "p.person")} as customer_id,
  p.number as role, p.from_day, p.until_day, coalesce(b.agreement, '') as agreement,
  coalesce(b.takes_back, false) as takes_back
from @parties p join app_taken_account a on a.key = p.ref
cross join lateral json_to_record(p.body::json) as b (agreement text, takes_back bool)
"""  # noqa: S608 - our words
# Whoever pays as owner or tenant also has that role, unless a line of its own says so.
_PARTY = f"""
select
  {follows("p.account_id", "p.customer_id::text", "p.role", day("p.from_day"))} as id,
  p.*
from (
  select account_id, customer_id, role, from_day, until_day, agreement, takes_back
  from app_taken_named
  union all
  select l.account_id, l.customer_id, l.capacity, l.from_day, l.until_day, '', false
  from app_taken_link l
  where l.capacity in ('owner', 'tenant') and l.customer_id is not null and not exists (
    select 1 from app_taken_named n where n.account_id = l.account_id
      and n.customer_id = l.customer_id and n.role = l.capacity)
) p
"""  # noqa: S608 - our words
# Owed by whom the line names, else by whoever was liable on the day; one row for each item.
_ITEM = f"""
select i.line, a.id as account_id, {follows("a.id", "'open-item'", "i.key")} as id,
  i.key as reference, coalesce(nullif(i.body::json ->> 'kind', ''), %(bill)s) as kind,
  i.from_day as opened_on, i.until_day as due_date, i.fils as amount,
  case when i.person <> '' then {id_of(Entity.PERSONS, "i.person")} else l.customer_id end
    as customer_id
from @open_items i join app_taken_account a on a.key = i.ref
left join app_taken_link l on i.person = '' and l.account_id = a.id
  and l.customer_id is not null and l.from_day <= i.from_day
  and (l.until_day is null or i.from_day < l.until_day)
"""  # noqa: S608 - our words
_MONEY = f"""
select '{{entity}}' as entity, s.line, a.id as account_id, s.key,
  {id_of(Entity.CREDITS, "s.key").replace(f"'{Entity.CREDITS}'", "'{entity}'")} as id,
  s.fils as amount, s.from_day as day
from @{{entity}} s join app_taken_account a on a.key = s.ref
"""  # noqa: S608 - our words
_HELD = " union all ".join(
    _MONEY.format(entity=entity) for entity in (Entity.CREDITS, Entity.DEPOSITS)
)
# Of whoever was liable when it was paid, else of the last who was liable.
_DEPOSIT = """
select distinct on (m.account_id, m.id) m.account_id, m.id, m.key, m.amount, m.day, l.customer_id
from app_taken_money m
left join app_taken_link l on l.account_id = m.account_id and l.customer_id is not null
cross join lateral (
  select l.from_day <= m.day and (l.until_day is null or m.day < l.until_day) as on_the_day
) held
where m.entity = 'deposits'
order by m.account_id, m.id, held.on_the_day desc nulls last,
  case when held.on_the_day then l.from_day end, l.from_day desc
"""
# Of whoever was liable last: what is owed from the first bill on is owed by him.
_CREDIT = """
select distinct on (m.account_id, m.id) m.account_id, m.id, m.amount, l.customer_id
from app_taken_money m
left join app_taken_link l on l.account_id = m.account_id and l.customer_id is not null
where m.entity = 'credits'
order by m.account_id, m.id, l.from_day desc
"""
FOUND = (
    ("app_taken_account", _ACCOUNT),
    ("app_taken_link", _LINK),
    ("app_taken_named", _NAMED),
    ("app_taken_party", _PARTY),
    ("app_taken_item", _ITEM),
    ("app_taken_money", _HELD),
    ("app_taken_deposit", _DEPOSIT),
    ("app_taken_credit", _CREDIT),
)

ACCOUNTS = """
select a.id, coalesce(a.number, n.number) as number, a.unit_id, a.opened_on, a.closed_on
from app_taken_account a
left join app_taken_number n on a.number is null and n.place = a.place
"""
LIABILITIES = """
select id, account_id, customer_id, capacity, vacancy, agreement, from_day from app_taken_link
"""
PARTIES = """
select id, account_id, customer_id, role, from_day, until_day, agreement, takes_back
from app_taken_party
"""
CLAIMS = """
select account_id, id, reference, kind, opened_on, due_date, amount, customer_id
from app_taken_item
"""
DEPOSITS = """
select account_id, id, customer_id, %(kind)s::text as kind, amount, day as taken_on,
  key as reference
from app_taken_deposit
"""
_ENTRY = """
select account_id, {opening} as id, %({entity}_debit)s::text as debit,
  %({entity}_credit)s::text as credit, amount, %(cutover)s::date as business_date,
  %({entity}_source)s::text as source, id as source_id, {rank}::bigint << 32 | line as place
from {table}
"""
_OPENING = derived_id_in_sql("id", "'opening'")
CREDITS = f"""
select account_id, {_OPENING} as id, customer_id, amount, %(source)s::text as source
from app_taken_credit
"""  # noqa: S608 - our words
ENTRIES = " union all ".join(
    _ENTRY.format(entity=entity, opening=_OPENING, rank=rank, table=table)
    for rank, (entity, table) in enumerate(
        (
            (Entity.OPEN_ITEMS, "app_taken_item"),
            (Entity.CREDITS, f"app_taken_money where entity = '{Entity.CREDITS}'"),
            (Entity.DEPOSITS, f"app_taken_money where entity = '{Entity.DEPOSITS}'"),
        )
    )
)
