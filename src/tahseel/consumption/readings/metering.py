"""Which meter measured which account over which days of a month, with the dial at every end.

One statement over the registry's tables, because a month has as many rows as there are meters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings.rules import Dial
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import BASE_PER_UNIT, DialUnit

# The billing register of a meter: its first import register by code (1.8.0 comes before 1.8.1).
# A dial value given when a meter was hung or taken down is a read at the start of that day.
_SPANS = """
with metered as (
  select a.id as account_id, i.meter_id, m.service, g.code, g.unit, g.digits, g.multiplier,
    greatest(i.installed_on, a.opened_on, %(first)s::date) as from_day,
    least(i.removed_on, a.closed_on, %(end)s::date) as to_day,
    i.installed_on, i.removed_on, i.opening ->> g.code as opening, i.closing ->> g.code as closing
  from supply_account a
  join premises_service_point p on p.unit_id = a.unit_id
  join meters_installation i on i.service_point_id = p.id
  join meters_meter m on m.id = i.meter_id
  join lateral (
    select code, unit, digits, multiplier from meters_register r
    where r.meter_id = m.id and r.kind = 'import' order by code limit 1
  ) g on true
  where (%(accounts)s::uuid[] is null or a.id = any(%(accounts)s::uuid[]))
    and a.opened_on < %(end)s and (a.closed_on is null or a.closed_on > %(first)s)
    and i.installed_on < %(end)s and (i.removed_on is null or i.removed_on > %(first)s)
)
select account_id, meter_id, service, unit, digits, multiplier, from_day, to_day,
  installed_on, removed_on, opening, closing,
  b1.at, b1.value, b1.quality, n1.at, n1.value, n1.quality,
  b2.at, b2.value, b2.quality, n2.at, n2.value, n2.quality
from metered x
{before_from} {after_from} {before_to} {after_to}
where from_day < to_day
order by account_id, meter_id
"""
_NEIGHBOUR = """
left join lateral (
  select at, value, quality from readings_register_read r
  where r.meter_id = x.meter_id and r.register = x.code
    and r.at {compare} (x.{day}::timestamp at time zone 'Asia/Kuwait')
  order by r.at {order}, r.version desc limit 1
) {name} on true
"""


def _neighbour(name: str, day: str, compare: str, order: str) -> str:
    return _NEIGHBOUR.format(name=name, day=day, compare=compare, order=order)


_STATEMENT = _SPANS.format(
    before_from=_neighbour("b1", "from_day", "<=", "desc"),
    after_from=_neighbour("n1", "from_day", ">=", "asc"),
    before_to=_neighbour("b2", "to_day", "<=", "desc"),
    after_to=_neighbour("n2", "to_day", ">=", "asc"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """One account and meter over the days of a month on which both held.

    modulus: the dial's range in base units; opened and closed: the neighbours of each end, the
    read at or before it and the one at or after it.
    """

    account_id: UUID
    meter_id: UUID
    service: Service
    modulus: int
    multiplier: int
    from_day: date
    to_day: date
    opened: tuple[Dial | None, Dial | None]
    closed: tuple[Dial | None, Dial | None]

    @property
    def from_at(self) -> datetime:
        return start_of(self.from_day)

    @property
    def to_at(self) -> datetime:
        return start_of(self.to_day)


def spans(*, month: BillingMonth, account_ids: Sequence[UUID] | None) -> list[Span]:
    """Every span of the month, by account and meter."""
    period = month.period
    facts = {
        "first": period.start,
        "end": period.end,
        "accounts": None if account_ids is None else list(account_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, facts)
        return [_span(row) for row in cursor.fetchall()]


def _span(row: tuple[object, ...]) -> Span:
    account_id, meter_id, service, unit, digits, multiplier, from_day, to_day = row[:8]
    installed_on, removed_on, opening, closing = row[8:12]
    assert isinstance(from_day, date)
    assert isinstance(to_day, date)
    size = BASE_PER_UNIT[DialUnit(str(unit))]
    opened = (_dial(row[12:15]), _dial(row[15:18]))
    closed = (_dial(row[18:21]), _dial(row[21:24]))
    if from_day == installed_on and opening is not None:
        hung = Dial(start_of(from_day), _base(Decimal(str(opening)), size))
        opened = (hung, hung)
    if to_day == removed_on and closing is not None:
        down = Dial(start_of(to_day), _base(Decimal(str(closing)), size))
        closed = (down, down)
    assert isinstance(account_id, UUID)
    assert isinstance(meter_id, UUID)
    return Span(
        account_id,
        meter_id,
        Service(str(service)),
        _base(Decimal(10) ** int(str(digits)), size),
        int(str(multiplier)),
        from_day,
        to_day,
        opened,
        closed,
    )


def _dial(cells: tuple[object, ...]) -> Dial | None:
    at, value, quality = cells
    if not isinstance(at, datetime) or not isinstance(value, int):
        return None
    return Dial(at, value, estimated=quality == "estimated")


def _base(units: Decimal, size: Decimal) -> int:
    return round_half_up(*(units * size).as_integer_ratio())
