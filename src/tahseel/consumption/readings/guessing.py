"""Months of meters that nobody read, guessed by what is known of meters like them. Writes nothing.

This is its own stage after `measuring`, outside the kernel: it knows months of many accounts and no
interval. Only measured months count; an estimate is never made of estimates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings import judging, likeness, netting, validating
from tahseel.consumption.readings.basis import ByLikeness
from tahseel.consumption.readings.likeness import Guess, Use
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel import bulk
from tahseel.kernel.period import BillingMonth

REASONS = frozenset(
    {"no_reads", "no_opening_read", "no_closing_read", "intervals_incomplete", netting.UNREAD}
)
WHOLE = Decimal(1)
_OWN = """
select distinct on (account_id, meter_id, month) account_id, meter_id, service, month, quantity,
  days, method
from readings_determinant
where account_id = any(%s::uuid[]) and month between %s and %s and days > 0
order by account_id, meter_id, month, version desc
"""
_AREAS = """
select a.id, p.area_id from supply_account a join premises_unit u on u.id = a.unit_id
join premises_premises p on p.id = u.premises_id where a.id = any(%s::uuid[])
"""
_AROUND = """
select distinct on (d.account_id, d.meter_id, d.month) d.account_id, p.area_id, d.service, d.month,
  d.quantity, d.days, d.method
from premises_premises p join premises_unit u on u.premises_id = p.id
join supply_account a on a.unit_id = u.id join readings_determinant d on d.account_id = a.id
where p.area_id = any(%s) and d.month = any(%s) and d.days > 0
order by d.account_id, d.meter_id, d.month, d.version desc
"""
Alike = tuple[str, str, str]
Known = Mapping[Alike, Mapping[int, Sequence[tuple[UUID, Use]]]]


def guessed(
    spans: Iterable[tuple[Span, int]], month: BillingMonth, sectors: Mapping[UUID, str]
) -> list[Determinant]:
    """What can be guessed of these; each span with the days of its meter in the month."""
    asked = list(spans)
    accounts = {span.account_id for span, _ in asked}
    if not asked:
        return []
    areas, own = _areas(accounts), _own(accounts, month)
    around = _around(set(areas.values()), month)
    rule = judging.rules().gap_rule()
    found = []
    for span, days in asked:
        alike = areas.get(span.account_id, ""), sectors.get(span.account_id, ""), str(span.service)
        others = {
            one: [use for account, use in uses if account != span.account_id]
            for one, uses in around.get(alike, {}).items()
        }
        told = likeness.guess(
            month=month.ordinal, own=_of(span, own, asked), area=others, rule=rule
        )
        if told is not None:
            found.append(_determinant(span, month, days, told))
    return found


def _of(
    span: Span,
    own: Mapping[UUID, Mapping[UUID, tuple[str, Mapping[int, Use]]]],
    asked: Sequence[tuple[Span, int]],
) -> Mapping[int, Use]:
    """The meter's own months; of a meter that is new, those of the ones that hung before it."""
    mine = own.get(span.account_id, {})
    if span.meter_id in mine:
        return mine[span.meter_id][1]
    here = {one.meter_id for one, _ in asked if one.account_id == span.account_id}
    before = [
        months
        for meter, (service, months) in mine.items()
        if meter not in here and service == span.service
    ]
    return before[0] if len(before) == 1 else {}


def _determinant(span: Span, month: BillingMonth, days: int, told: Guess) -> Determinant:
    return Determinant(
        span.account_id, span.meter_id, month, 1, span.service, told.over(days), Method.ESTIMATED,
        span.from_at, span.to_at, None, None, days, WHOLE,
        (
            ByLikeness(
                span.from_day, span.to_day, days, told.how, told.rate.numerator,
                told.rate.denominator, told.number,
            ),
        ),
    )  # fmt: skip


def again(one: Determinant, part: ByLikeness) -> Determinant:
    """The same guess from the rate it was made of."""
    told = Guess(part.how, part.rate, part.number)
    span = Span(
        one.account_id, one.meter_id, one.service, 1, 1, part.first, part.end, (None, None),
        (None, None), "",
    )  # fmt: skip
    return _determinant(span, one.month, part.days, told)


def _areas(account_ids: set[UUID]) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(_AREAS, [bulk.uuid_array(account_ids)])
        return dict(cursor.fetchall())


def _own(
    account_ids: set[UUID], month: BillingMonth
) -> dict[UUID, dict[UUID, tuple[str, dict[int, Use]]]]:
    """By account and meter its service and measured months of two years back."""
    found: dict[UUID, dict[UUID, tuple[str, dict[int, Use]]]] = defaultdict(dict)
    first = month.ordinal - 2 * likeness.YEAR
    with connection.cursor() as cursor:
        cursor.execute(_OWN, [bulk.uuid_array(account_ids), first, month.ordinal - 1])
        for account, meter, service, of, quantity, days, method in cursor.fetchall():
            if method != Method.ESTIMATED:
                months = found[account].setdefault(meter, (service, {}))[1]
                months[of] = Use(quantity, days)
    return found


def _around(areas: set[str], month: BillingMonth) -> Known:
    """Measured months of everybody in these areas: this one, and those of a year ago."""
    rule = judging.rules().gap_rule()
    last = month.ordinal - likeness.YEAR
    months = [month.ordinal, *range(last - rule.trend_months, last + 1)]
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [sorted(areas), months])
        rows = [row for row in cursor.fetchall() if row[6] != Method.ESTIMATED]
    sectors = validating.sectors({row[0] for row in rows}, month)
    found: dict[Alike, dict[int, list[tuple[UUID, Use]]]] = {}
    for account, area, service, of, quantity, days, _ in rows:
        alike = area, sectors.get(account, ""), service
        uses = found.setdefault(alike, {}).setdefault(of, [])
        uses.append((account, Use(quantity, days)))
    return found
