"""Which meter measured which account over which days of a month, with the dial at every end.

One statement over the registry's tables, because a month has as many rows as there are meters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings.rules import Dial
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import Period, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import BASE_PER_UNIT, DialUnit

# The billing register of a meter: its first import register by code (1.8.0 comes before 1.8.1).
# A dial value given when a meter was hung or taken down is a read at the start of that day.
_METERED = """
with metered as (
  select a.id as account_id, i.meter_id, m.service, g.code, g.unit, g.digits,
    coalesce((i.multipliers ->> g.code)::integer, g.multiplier) as multiplier,
    greatest(i.installed_on, a.opened_on, p.from_day, %(first)s::date) as from_day,
    least(i.removed_on, a.closed_on, p.until_day, %(end)s::date) as to_day,
    i.installed_on, i.removed_on, i.opening ->> g.code as opening, i.closing ->> g.code as closing
  from supply_account a
  join premises_point_at p on p.unit_id = a.unit_id
  join meters_installation i on i.service_point_id = p.id
  join meters_meter m on m.id = i.meter_id
  join lateral (
    select code, unit, digits, multiplier from meters_register r
    where r.meter_id = m.id and r.kind = 'import' order by code limit 1
  ) g on true
  where (%(accounts)s::uuid[] is null or a.id = any(%(accounts)s::uuid[]))
    and (%(low)s::uuid is null or i.meter_id >= %(low)s::uuid)
    and (%(high)s::uuid is null or i.meter_id < %(high)s::uuid)
    and a.opened_on < %(end)s and (a.closed_on is null or a.closed_on > %(first)s)
    and i.installed_on < %(end)s and (i.removed_on is null or i.removed_on > %(first)s)
)
"""
# The same of service points, whoever held them: the point stands in the account's place.
_AT_POINTS = """
with metered as (
  select i.service_point_id as account_id, i.meter_id, m.service, g.code, g.unit, g.digits,
    coalesce((i.multipliers ->> g.code)::integer, g.multiplier) as multiplier,
    greatest(i.installed_on, %(first)s::date) as from_day,
    least(i.removed_on, %(end)s::date) as to_day,
    i.installed_on, i.removed_on, i.opening ->> g.code as opening, i.closing ->> g.code as closing
  from meters_installation i
  join meters_meter m on m.id = i.meter_id
  join lateral (
    select code, unit, digits, multiplier from meters_register r
    where r.meter_id = m.id and r.kind = 'import' order by code limit 1
  ) g on true
  where i.service_point_id = any(%(accounts)s::uuid[])
    and i.installed_on < %(end)s and (i.removed_on is null or i.removed_on > %(first)s)
)
"""
_SPANS = """
select account_id, meter_id, service, unit, digits, multiplier, from_day, to_day,
  case when from_day = installed_on then opening end,
  case when to_day = removed_on then closing end,
  b1.at, b1.value, b1.quality, b1.version, n1.at, n1.value, n1.quality, n1.version,
  b2.at, b2.value, b2.quality, b2.version, n2.at, n2.value, n2.quality, n2.version, code
from metered x
{before_from} {after_from} {before_to} {after_to}
where from_day < to_day
order by account_id, meter_id, from_day
"""
_EXACT = """
select account_id, meter_id, service, unit, digits, multiplier, from_day, to_day,
  case when from_day = installed_on and opening is not null then null else f.value end,
  f.version,
  case when to_day = removed_on and closing is not null then null else t.value end,
  t.version, code
from metered x {at_from} {at_to}
where from_day < to_day
order by account_id, meter_id, from_day
"""
_AT = """
left join lateral (
  select case when quality <> 'estimated' then value end as value, version
  from readings_register_read r
  where r.meter_id = x.meter_id and r.register = x.code
    and r.at = (x.{day}::timestamp at time zone 'Asia/Kuwait')
  order by r.version desc limit 1
) {name} on true
"""
_NEIGHBOUR = """
left join lateral (
  select at, value, quality, version from readings_register_read r
  where r.meter_id = x.meter_id and r.register = x.code
    and r.at {compare} (x.{day}::timestamp at time zone 'Asia/Kuwait')
    and r.at >= (x.installed_on::timestamp at time zone 'Asia/Kuwait')
    and (x.removed_on is null
         or r.at <= (x.removed_on::timestamp at time zone 'Asia/Kuwait'))
  order by r.at {order}, r.version desc limit 1
) {name} on true
"""


def _neighbour(name: str, day: str, compare: str, order: str) -> str:
    return _NEIGHBOUR.format(name=name, day=day, compare=compare, order=order)


_WITH_NEIGHBOURS = _SPANS.format(
    before_from=_neighbour("b1", "from_day", "<=", "desc"),
    after_from=_neighbour("n1", "from_day", ">=", "asc"),
    before_to=_neighbour("b2", "to_day", "<=", "desc"),
    after_to=_neighbour("n2", "to_day", ">=", "asc"),
)
_SPANS_STATEMENT = _METERED + _WITH_NEIGHBOURS
_EXPORTED_STATEMENT = _SPANS_STATEMENT.replace("r.kind = 'import'", "r.kind = 'export'")
_POINTS_STATEMENT = _AT_POINTS + _WITH_NEIGHBOURS
_EXACT_STATEMENT = _METERED + _EXACT.format(
    at_from=_AT.format(day="from_day", name="f"), at_to=_AT.format(day="to_day", name="t")
)


Neighbours = tuple[Dial | None, Dial | None]


@dataclass(frozen=True, slots=True)
class Span:
    """One account and meter over the days of a month on which both held.

    modulus: the dial's range in base units; opened and closed: the neighbours of each end, the
    read at or before it and the one at or after it; register: its code.
    """

    account_id: UUID
    meter_id: UUID
    service: Service
    modulus: int
    multiplier: int
    from_day: date
    to_day: date
    opened: Neighbours
    closed: Neighbours
    register: str = ""

    @property
    def from_at(self) -> datetime:
        return _start(self.from_day)

    @property
    def to_at(self) -> datetime:
        return _start(self.to_day)


Meters = tuple[UUID | None, UUID | None]
ALL: Meters = (None, None)


def exact(
    *, period: Period, account_ids: Sequence[UUID] | None, meters: Meters = ALL
) -> list[Span]:
    """Every span of a month, or of a part of one; ends known only where a measured read stands on
    them exactly. meters: only those from the first id to before the second one.

    Most months need no more, and this asks the database far less than `spans`.
    """
    return [
        _span(row, _exact_dial(row[6], *row[8:10]), _exact_dial(row[7], *row[10:12]))
        for row in _rows(_EXACT_STATEMENT, period, account_ids, meters)
    ]


def spans(*, period: Period, account_ids: Sequence[UUID] | None) -> list[Span]:
    """Every span of a month, or of a part of one, with the neighbours of both its ends."""
    return _with_neighbours(_rows(_SPANS_STATEMENT, period, account_ids))


def exported(*, period: Period, account_ids: Sequence[UUID]) -> list[Span]:
    """The same of the first export register of every meter that has one."""
    return _with_neighbours(_rows(_EXPORTED_STATEMENT, period, account_ids))


def spans_at(*, period: Period, point_ids: Sequence[UUID]) -> list[Span]:
    """The same of service points, whoever held them; `account_id` is the point's id."""
    return _with_neighbours(_rows(_POINTS_STATEMENT, period, point_ids))


def _with_neighbours(rows: Sequence[tuple[Any, ...]]) -> list[Span]:
    found = []
    for row in rows:
        size = BASE_PER_UNIT[DialUnit(row[3])]
        opened = (_dial(row[10:14]), _dial(row[14:18]))
        closed = (_dial(row[18:22]), _dial(row[22:26]))
        if row[8] is not None:
            opened = (Dial(_start(row[6]), _base(Decimal(row[8]), size)),) * 2
        if row[9] is not None:
            closed = (Dial(_start(row[7]), _base(Decimal(row[9]), size)),) * 2
        found.append(_span(row, opened, closed))
    return found


def _rows(
    statement: str, period: Period, account_ids: Sequence[UUID] | None, meters: Meters = ALL
) -> list[tuple[Any, ...]]:
    facts = {
        "low": meters[0],
        "high": meters[1],
        "first": period.start,
        "end": period.end,
        "accounts": None if account_ids is None else list(account_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return list(cursor.fetchall())


def _span(row: tuple[Any, ...], opened: Neighbours, closed: Neighbours) -> Span:
    return Span(
        row[0],
        row[1],
        Service(row[2]),
        _modulus(row[3], row[4]),
        row[5],
        row[6],
        row[7],
        opened,
        closed,
        row[-1],
    )


def _exact_dial(day: date, value: int | None, version: int | None) -> Neighbours:
    dial = None if value is None else Dial(_start(day), value, version=version or 0)
    return dial, dial


@cache
def _modulus(unit: str, digits: int) -> int:
    return _base(Decimal(10) ** digits, BASE_PER_UNIT[DialUnit(unit)])


@lru_cache(maxsize=10_000)
def _start(day: date) -> datetime:
    return start_of(day)


def _dial(cells: tuple[Any, ...]) -> Dial | None:
    at, value, quality, version = cells
    if not isinstance(at, datetime) or not isinstance(value, int):
        return None
    return Dial(at, value, quality == "estimated", version)


def _base(units: Decimal, size: Decimal) -> int:
    return round_half_up(*(units * size).as_integer_ratio())
