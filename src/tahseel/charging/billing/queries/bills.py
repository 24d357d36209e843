"""Reading bills: of an account, one with its lines, by number, totals, and what is parked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing.queries.holding import billed_until
from tahseel.charging.billing.values import (
    REBILL,
    Bill,
    BillLine,
    BillView,
    ParkedAccount,
    Totals,
)
from tahseel.consumption.readings import queries as readings
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import PriceCause, PriceChange
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import LiabilitySpan, Part, PayerChange
from tahseel.trust.approvals import queries as approvals

PARKED_MAX = 10_000

_BILL = (
    "select account_id, id, number, month, sequence, from_day, to_day, issued_on, due_date,"
    " total_fils, book, book_version, sector, customer_id, corrects from billing_bill"
)
# A bill in whose place no other one stands.
_STANDS = (
    "not exists (select from billing_bill c"
    " where c.account_id = billing_bill.account_id and c.corrects = billing_bill.id)"
)
_LINE = (
    "select line_no, service, kind, rate, from_day, to_day, tier, tier_from, tier_to, quantity,"
    " trim_scale(price)::text, unit, amount_fils, meter_id, determinant_version, method,"
    " from_value, to_value from billing_line"
)


def bills(account_id: UUID) -> list[Bill]:
    """Every bill of an account, the newest month first."""
    return _bills(f"{_BILL} where account_id = %s order by month desc, sequence desc", account_id)


def some(*, account_ids: Sequence[UUID], bill_ids: Sequence[UUID]) -> list[Bill]:
    """Bills by account and id, the oldest days first."""
    return _bills(
        f"{_BILL} where account_id = any(%(accounts)s::uuid[]) and id = any(%(ids)s::uuid[])"
        " order by from_day, sequence",
        accounts=bulk.uuid_array(account_ids),
        ids=bulk.uuid_array(bill_ids),
    )


def standing(account_id: UUID) -> list[Bill]:
    """The bills of an account in whose place no other one stands, the newest month first."""
    return _bills(
        f"{_BILL} where account_id = %s and {_STANDS} order by month desc, sequence desc",
        account_id,
    )


def bill_view(account_id: UUID, bill_id: UUID) -> BillView | None:
    """One bill with its lines, or None."""
    found = _bills(f"{_BILL} where account_id = %s and id = %s", account_id, bill_id)
    if not found:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LINE} where account_id = %s and bill_id = %s order by line_no",
            [account_id, bill_id],
        )
        return BillView(found[0], tuple(_line(row) for row in cursor.fetchall()))


def views(bills: Sequence[Bill]) -> list[BillView]:
    """Bills with their lines, in the same order."""
    lines: dict[UUID, list[BillLine]] = {bill.id: [] for bill in bills}
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LINE.replace(' from billing_line', ', bill_id from billing_line')}"
            " where account_id = any(%s::uuid[]) and bill_id = any(%s::uuid[]) order by line_no",
            [bulk.uuid_array(bill.account_id for bill in bills), bulk.uuid_array(lines)],
        )
        for row in cursor.fetchall():
            lines[row[-1]].append(_line(row))
    return [BillView(bill, tuple(lines[bill.id])) for bill in bills]


def correcting(bills: Sequence[Bill]) -> dict[UUID, Bill]:
    """By id the bills in whose place these stand, and those that stand in the place of these."""
    found = _bills(
        f"{_BILL} where account_id = any(%(accounts)s::uuid[])"
        " and (id = any(%(before)s::uuid[]) or corrects = any(%(ids)s::uuid[]))",
        accounts=bulk.uuid_array(bill.account_id for bill in bills),
        before=bulk.uuid_array(bill.corrects for bill in bills if bill.corrects),
        ids=bulk.uuid_array(bill.id for bill in bills),
    )
    return {bill.id: bill for bill in found}


def by_number(number: str) -> Bill | None:
    """The bill that a customer quotes, or None."""
    found = _bills(f"{_BILL} where number = %s limit 1", number)
    return found[0] if found else None


def billed_accounts(month: BillingMonth, account_ids: Collection[UUID]) -> set[UUID]:
    """Those of the accounts that have the month's bill."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from billing_bill"
            " where month = %s and sequence = 0 and account_id = any(%s::uuid[])",
            [month.ordinal, bulk.uuid_array(account_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def next_sequence(*, account_id: UUID, month: BillingMonth) -> int:
    """The number of the next bill of an account beside the month's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(sequence), 0) + 1 from billing_bill"
            " where account_id = %s and month = %s",
            [account_id, month.ordinal],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def last_sequences(*, month: BillingMonth, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """The last bill of each account beside the month's own; one without is absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, max(sequence) from billing_bill"
            " where month = %s and sequence > 0 and account_id = any(%s::uuid[])"
            " group by account_id",
            [month.ordinal, bulk.uuid_array(account_ids)],
        )
        return dict(cursor.fetchall())


def totals(*, start: date, end: date) -> Totals:
    """Bills issued from `start` up to, not including, `end`; of a correction the difference."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where b.corrects is null),"
            " coalesce(sum(b.total_fils - coalesce(o.total_fils, 0)), 0)::bigint"
            " from billing_bill b left join billing_bill o"
            " on o.account_id = b.account_id and o.id = b.corrects"
            " where b.issued_on >= %s and b.issued_on < %s",
            [start, end],
        )
        row = cursor.fetchone()
    assert row is not None
    return Totals(row[0], Money(row[1]))


def first_month() -> BillingMonth | None:
    """The earliest month that was billed; None before any was."""
    with connection.cursor() as cursor:
        cursor.execute("select min(month) from billing_bill")
        [ordinal] = cursor.fetchone() or (None,)
    return None if ordinal is None else BillingMonth.from_ordinal(ordinal)


def billed_after(*, month: BillingMonth, day: date) -> Money:
    """What the bills of a month that were issued after a day come to, corrections by difference."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(b.total_fils - coalesce(o.total_fils, 0)), 0)::bigint"
            " from billing_bill b left join billing_bill o"
            " on o.account_id = b.account_id and o.id = b.corrects"
            " where b.month = %s and b.issued_on > %s",
            [month.ordinal, day],
        )
        [fils] = cursor.fetchone() or (0,)
    return Money(fils)


def corrections_waiting(*, as_of: datetime) -> dict[UUID, UUID]:
    """The bills whose correction somebody has asked for, each with the approval that waits."""
    asked = approvals.waiting(as_of=as_of, operation=REBILL)
    return {UUID(str(view.payload["bill"])): view.id for view in asked}


def corrected() -> int:
    """How many bills another one stands in the place of."""
    with connection.cursor() as cursor:
        cursor.execute("select count(corrects) from billing_bill where corrects is not null")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def totals_by_month() -> dict[BillingMonth, Totals]:
    """Bills of every month that has some, in order; of a corrected one what stands in its place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select month, count(*), sum(total_fils)::bigint"  # noqa: S608 - a constant
            f" from billing_bill where {_STANDS} group by month order by month"
        )
        rows = cursor.fetchall()
    return {_month(row[0]): Totals(row[1], Money(row[2])) for row in rows}


def parked(month: BillingMonth | None = None) -> list[ParkedAccount]:
    """Accounts that still wait for a bill, of one month or of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, month, reason, refusal::text, parked_at from billing_parked"
            " where resolved_at is null and (%(month)s::int is null or month = %(month)s)"
            " order by month, account_id limit %(limit)s",
            {"month": month.ordinal if month else None, "limit": PARKED_MAX},
        )
        return [
            ParkedAccount(row[0], _month(row[1]), row[2], orjson.loads(row[3]), row[4])
            for row in cursor.fetchall()
        ]


def touched(
    *, account_id: UUID, from_day: date, until_day: date | None, customer_id: UUID | None
) -> list[Bill]:
    """The bills of some days that name another customer than this one, the oldest first."""
    return _bills(
        f"{_BILL} where account_id = %(account)s::uuid and to_day > %(from_day)s::date"
        " and (%(until_day)s::date is null or from_day < %(until_day)s::date)"
        f" and customer_id is distinct from %(customer)s::uuid and {_STANDS}"
        " order by from_day, sequence",
        account=account_id,
        from_day=from_day,
        until_day=until_day,
        customer=customer_id,
    )


def touched_by(change: PayerChange) -> list[Bill]:
    """The bills of a change's days that name another customer; of an estate all of them, because
    they went to the dead.
    """
    named = None if change.part is Part.ESTATE else change.customer_id
    return touched(
        account_id=change.account_id,
        from_day=change.from_day,
        until_day=change.until_day,
        customer_id=named,
    )


def names_another(change: PayerChange) -> bool:
    """Bills of the change's days name somebody else: what `supply` asks before one person acts."""
    return bool(touched_by(change))


def priced_by(change: PriceChange) -> list[Bill]:
    """Every bill that charges for the days of a sector or a certificate, the oldest first."""
    return _bills(
        f"{_BILL} where account_id = any(%(accounts)s::uuid[]) and to_day > %(from_day)s::date"
        f" and (%(until_day)s::date is null or from_day < %(until_day)s::date) and {_STANDS}"
        " order by from_day, account_id, sequence",
        accounts=bulk.uuid_array(accounts_priced_by(change)),
        from_day=change.from_day,
        until_day=change.until_day,
    )


def of_days(*, account_id: UUID, days: Period) -> list[Bill]:
    """The bills of an account that charge for some days, the oldest first."""
    return _bills(
        f"{_BILL} where account_id = %s and to_day > %s and from_day < %s"
        " order by from_day, sequence",
        account_id,
        days.start,
        days.end,
    )


def is_settled(change: PriceChange) -> bool:
    """A month of the change's days is determined or billed, of any account that it concerns."""
    last = BillingMonth.of(change.until_day - timedelta(days=1)) if change.until_day else None
    return bool(priced_by(change)) or readings.is_determined(
        account_ids=accounts_priced_by(change), first=BillingMonth.of(change.from_day), last=last
    )


def accounts_priced_by(change: PriceChange) -> list[UUID]:
    """Those of the units, and of the units through whose meters they are supplied.

    A unit ceases to stand after its accounts are closed: all that it ever had are looked at.
    """
    units = {change.unit_id, *change.beside}
    supplying = {one.supplier_id for u in units for one in premises.suppliers_of(unit_id=u)}
    found = supply.accounts_between(
        unit_ids=units | supplying,
        from_day=date.min if change.cause is PriceCause.SHAPE else change.from_day,
        until_day=change.until_day,
    )
    return [one.id for one in found]


def unfinished(*, account_id: UUID, day: date) -> LiabilitySpan | None:
    """The last one whose liability passed to another customer, while his days have no bill yet.

    None once a bill has gone out for the day on which it passed, or for all days before it, and for
    what lies more than a month back: that is the runs'.
    """
    chain = supply.liabilities(account_ids=[account_id]).get(account_id, [])
    passed = [
        before
        for before, after in pairwise(chain)
        if before.customer_id is not None
        and after.customer_id not in (None, before.customer_id)
        and BillingMonth.of(day).previous().first_day <= after.from_day <= day
    ]
    if not passed:
        return None
    last = passed[-1]
    until = max((bill.period.end for bill in bills(account_id)), default=last.from_day)
    held = billed_until(month=BillingMonth.of(last.until_day or day), account_ids=[account_id])
    until = max(until, held.get(account_id, until))
    return last if last.until_day is not None and until < last.until_day else None


def _bills(sql: str, *values: str | UUID | date, **named: str | UUID | date | None) -> list[Bill]:
    with connection.cursor() as cursor:
        cursor.execute(sql, named or list(values))
        return [_bill(row) for row in cursor.fetchall()]


def _bill(row: tuple[Any, ...]) -> Bill:
    return Bill(
        account_id=row[0],
        id=row[1],
        number=row[2],
        month=_month(row[3]),
        sequence=row[4],
        period=Period(row[5], row[6]),
        issued_on=row[7],
        due_date=row[8],
        total=Money(row[9]),
        book=row[10],
        book_version=row[11],
        sector=row[12],
        customer_id=row[13],
        corrects=row[14],
    )


def _line(row: tuple[Any, ...]) -> BillLine:
    return BillLine(
        number=row[0],
        service=Service(row[1]),
        kind=row[2],
        rate=row[3],
        period=Period(row[4], row[5]),
        tier=row[6],
        tier_from=row[7],
        tier_to=row[8],
        quantity=row[9],
        price=row[10],
        unit=row[11],
        amount=Money(row[12]),
        meter_id=row[13],
        determinant_version=row[14],
        method=row[15],
        from_value=row[16],
        to_value=row[17],
    )


def _month(ordinal: int) -> BillingMonth:
    return BillingMonth(ordinal // 12, ordinal % 12 + 1)


def issued(*, month: BillingMonth) -> list[tuple[UUID, UUID, Money]]:
    """(account id, bill id, total) of every bill of a month, by account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, id, total_fils from billing_bill where month = %s"
            " order by account_id, sequence",
            [month.ordinal],
        )
        return [(row[0], row[1], Money(row[2])) for row in cursor.fetchall()]
