"""Outlets, deliveries, sales and what became of each outlet in a month. Names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.sales.values import (
    BILLED,
    EXCUSED,
    LEFT,
    PARKED,
    Delivery,
    Outlet,
    Sale,
    SaleLine,
    SoldPoint,
)
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

ROWS_MAX = 20_000
_OUTLET = "select account_id, id, code, kind, count, watts, from_day, until_day from sales_outlet"
_DELIVERY = "select account_id, id, outlet_id, day, litres, document, sale_id from sales_delivery"
_SALE = (
    "select account_id, id, number, month, customer_id, total, issued_on, due_date, lines::text"
    " from sales_sale"
)
# An outlet's month: sold, without a delivery, of nobody; else it was forgotten.
_PROVEN = """
select o.account_id, o.id, o.code, o.kind, o.count, o.watts, o.from_day, o.until_day,
  exists (select from sales_sale s where s.account_id = o.account_id and s.month = %(month)s
    and s.lines @> jsonb_build_array(jsonb_build_object('outlet', o.id::text)))
  or exists (select from sales_delivery d where d.account_id = o.account_id
    and d.outlet_id = o.id and d.day >= %(start)s and d.day < %(end)s and d.sale_id is not null),
  o.count > 0 or exists (select from sales_delivery d where d.account_id = o.account_id
    and d.outlet_id = o.id and d.day >= %(start)s and d.day < %(end)s),
  exists (select from supply_liability l where l.account_id = o.account_id
    and l.customer_id is not null and l.from_day < %(end)s
    and coalesce(l.until_day, 'infinity') > %(start)s),
  exists (select from sales_sale s where s.account_id = o.account_id and s.month = %(month)s)
from sales_outlet o
where o.from_day < %(end)s and coalesce(o.until_day, 'infinity') > %(start)s
order by o.code limit %(limit)s
"""


def outlets(*, account_id: UUID | None = None) -> list[Outlet]:
    """Every outlet and load, of an account or of all, by code."""
    return _outlets("where %s::uuid is null or account_id = %s order by code", *[account_id] * 2)


def open_outlets(*, month: BillingMonth) -> list[Outlet]:
    """Those that are open on a day of a month, by account and code."""
    return _outlets(
        "where from_day < %s and coalesce(until_day, 'infinity') > %s order by account_id, code",
        month.period.end,
        month.period.start,
    )


def by_code(codes: Collection[str]) -> dict[str, Outlet]:
    return {one.code: one for one in _outlets("where code = any(%s::text[])", list(codes))}


def unbilled(*, until: date, account_id: UUID) -> list[Delivery]:
    """An account's deliveries before a day that no sale has taken, the oldest first."""
    return _deliveries(
        "where account_id = %s and sale_id is null and day < %s order by day, document",
        account_id,
        until,
    )


def delivery(*, account_id: UUID, outlet_id: UUID, document: str) -> Delivery | None:
    found = _deliveries(
        "where account_id = %s and outlet_id = %s and document = %s",
        account_id,
        outlet_id,
        document,
    )
    return found[0] if found else None


def waiting() -> list[Delivery]:
    """Deliveries that no sale has taken yet, the newest first."""
    return _deliveries("where sale_id is null order by day desc, document limit %s", ROWS_MAX)


def sales(*, month: BillingMonth | None = None, account_id: UUID | None = None) -> list[Sale]:
    """Sales of a month, of an account, the newest month first."""
    ordinal = month.ordinal if month else None
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SALE} where (%s::int is null or month = %s) and (%s::uuid is null"
            " or account_id = %s) order by month desc, number limit %s",
            [ordinal, ordinal, account_id, account_id, ROWS_MAX],
        )
        return [_sale(row) for row in cursor.fetchall()]


def sold_accounts(*, account_ids: Collection[UUID]) -> set[UUID]:
    """Those of some accounts that have an outlet, open or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct account_id from sales_outlet where account_id = any(%s::uuid[])",
            [list(account_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def proven(*, month: BillingMonth) -> list[SoldPoint]:
    """What became of each outlet and load that was open in a month."""
    values: dict[str, Any] = {
        "month": month.ordinal,
        "start": month.period.start,
        "end": month.period.end,
        "limit": ROWS_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PROVEN, values)
        return [SoldPoint(Outlet(*row[:8]), *_judged(*row[8:])) for row in cursor.fetchall()]


def counted(*, month: BillingMonth) -> dict[str, int]:
    """How many outlets of a month were billed, parked, excused, left."""
    return dict(Counter(one.state for one in proven(month=month)))


def _judged(sold: bool, told: bool, owed: bool, closed: bool) -> tuple[str, str]:
    if sold:
        return BILLED, ""
    if not owed:
        return EXCUSED, "nobody_liable"
    if not told or closed:
        return PARKED, "late_delivery" if told else "no_delivery"
    return LEFT, "no_bill"


def _outlets(where: str, *values: Any) -> list[Outlet]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_OUTLET} {where}", list(values))
        return [Outlet(*row) for row in cursor.fetchall()]


def _deliveries(where: str, *values: Any) -> list[Delivery]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_DELIVERY} {where}", list(values))
        return [Delivery(*row) for row in cursor.fetchall()]


def _sale(row: tuple[Any, ...]) -> Sale:
    account, own, number, month, customer, total, issued, due, lines = row
    return Sale(
        account, own, number, BillingMonth.from_ordinal(month), customer, Money(total), issued, due,
        tuple(
            SaleLine(
                UUID(one["outlet"]), one["code"], BillingMonth.parse(one["month"]),
                one["quantity"], Service(one["service"]), Money(one["fils"]), tuple(one["rates"]),
            )
            for one in orjson.loads(lines)
        ),
    )  # fmt: skip
