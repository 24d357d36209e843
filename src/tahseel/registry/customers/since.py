"""What came to the record that stayed while a merge held: known by its keys, never by its dates.

What hung on it before the merge is kept with the merge; what hangs on it when the merge is taken
back, and neither hung there before nor went back, came in between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.sql import prepared
from tahseel.registry.customers import moving, rules
from tahseel.registry.customers.values import Came, CameRow

NUMBERS = ("number", "reference", "role", "capacity", "kind", "name")
DAYS = ("business_date", "from_day", "agreed_on", "served_on", "due_date", "opened_on", "placed_on")
INSTANTS = ("recorded_at", "added_at", "opened_at", "made_at", "created_at", "demanded_at")
_ROWS = """
select s.position, s.table_name, s.key, d.moved_at
from customers_merge_since s left join customers_merge_sorted d using (merge_id, position)
where s.merge_id = %s order by s.position
"""
_OWN = """
insert into customers_merge_own (merge_id, table_name, key)
select %s, %s, array[{key}] from {table} t where t.{column} = %s
"""
_KEPT = "select 1 from customers_merge_own where merge_id = %s and table_name = ''"
_SINCE = """
insert into customers_merge_since (merge_id, position, table_name, key)
select m, %s + row_number() over (order by key) - 1, n, key
from (select %s::uuid as m, %s as n, array[{key}] as key from {table} t where t.{column} = %s) c
where not exists (select from customers_merge_own o
  where o.merge_id = c.m and o.table_name = c.n and o.key = c.key)
"""

_EARLIER = """
select e.id from customers_merge e, customers_merge m
where m.id = %s and e.into_id = %s and e.id <> m.id
  and e.undone_at is not null and e.made_at < m.undone_at and e.undone_at > m.made_at
order by e.made_at, e.id
"""
_CARRY = """
insert into customers_merge_since (merge_id, position, table_name, key)
select %(earlier)s::uuid, l.last + row_number() over (order by s.position), s.table_name, s.key
from customers_merge_since s, (select coalesce(max(position), -1) as last
  from customers_merge_since where merge_id = %(earlier)s::uuid) l
where s.merge_id = %(merge)s::uuid and s.position = any(%(positions)s::int[])
  and not exists (select from customers_merge_since o where o.merge_id = %(earlier)s::uuid
    and o.table_name = s.table_name and o.key = s.key)
"""


def keep_own(*, merge_id: UUID, customer_id: UUID) -> None:
    """Before a merge: keep what hangs on the record that stays."""
    prepared("insert into customers_merge_own values (%s, '', array[]::text[])", [merge_id])
    for each in rules.told_of():
        prepared(_filled(_OWN, each), [merge_id, moving.name_of(each), customer_id])


def keep_since(*, merge_id: UUID, customer_id: UUID) -> int:
    """After a merge was taken back: keep what came to the record in between; returns how much."""
    if prepared(_KEPT, [merge_id]).fetchone() is None:
        return 0
    count = 0
    for each in rules.told_of():
        values = [count, merge_id, moving.name_of(each), customer_id]
        count += prepared(_filled(_SINCE, each), values).rowcount
    return count


def rows(*, merge_id: UUID, into_id: UUID) -> list[CameRow]:
    """Each row with where it is now: `into_id` is the record that stayed."""
    hung = {moving.name_of(each): each for each in rules.told_of()}
    return [
        _told(hung[name], position, key, moved_at is not None, into_id)
        for position, name, key, moved_at in prepared(_ROWS, [merge_id]).fetchall()
        if name in hung
    ]


def move(
    *, merge_id: UUID, positions: Collection[int], from_id: UUID, into_id: UUID
) -> list[tuple[int, str]]:
    """Move some of them, where they still hang on `from_id`; the positions that moved, with names.

    Raises the database's integrity error when the rows cannot stand together.
    """
    hung = {moving.name_of(each): each for each in rules.hanging()}
    wanted = set(positions)
    return [
        (position, name)
        for position, name, key, moved_at in prepared(_ROWS, [merge_id]).fetchall()
        if position in wanted and moved_at is None and name in hung
        if moving.move_keys(hung[name], keys=[key], from_id=from_id, into_id=into_id)
    ]


def note_moved(*, merge_id: UUID, position: int, at: Any, by: str) -> None:
    """Keep that one was moved, when and by whom."""
    prepared("insert into customers_merge_sorted values (%s, %s, %s, %s)",
             [merge_id, position, at, by])  # fmt: skip


def carry_on(*, merge_id: UUID, positions: Collection[int], stayed_id: UUID) -> int:
    """What has moved on to a record in which another one stood merged at that time is told there.

    The lists of earlier merges were kept when those were taken back; what comes to their record
    later, out of a merge of its own, belongs on them too. Returns how many rows were added.
    """
    added = 0
    for earlier in prepared(_EARLIER, [merge_id, stayed_id]).fetchall():
        values = {"merge": merge_id, "earlier": earlier[0], "positions": list(positions)}
        added += prepared(_CARRY, values).rowcount
    return added


def _filled(statement: str, each: Hanging) -> str:
    key = ", ".join(f"t.{column}::text" for column in each.key)
    return statement.format(key=key, table=each.table, column=each.column)


def _told(each: Hanging, position: int, key: list[str], moved: bool, into_id: UUID) -> CameRow:
    where = " and ".join(f"t.{column}::text = %s" for column in each.key)
    found = prepared(f"select to_jsonb(t)::text from {each.table} t where {where}", key).fetchone()  # noqa: S608 - our own words
    facts: Mapping[str, Any] = orjson.loads(found[0]) if found else {}
    if moved:
        state = Came.MOVED
    else:
        state = Came.HERE if facts.get(each.column) == str(into_id) else Came.GONE
    if each.stays and facts:
        state = Came.STAYS
    account = facts.get("account_id")
    return CameRow(
        position=position,
        name=moving.name_of(each),
        key=tuple(key),
        state=state,
        account_id=UUID(account) if account else None,
        label=next((str(facts[one]) for one in NUMBERS if facts.get(one)), ""),
        day=_day(facts),
    )


def _day(facts: Mapping[str, Any]) -> date | None:
    found = next((facts[one] for one in (*DAYS, *INSTANTS) if facts.get(one)), None)
    return date.fromisoformat(str(found)[:10]) if found else None
