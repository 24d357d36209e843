"""The month's sales: deliveries and loads of an account priced, booked and claimed together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

import orjson
from django.db import connection, transaction

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import RECEIVABLE, Entry
from tahseel.charging.sales import queries, rules
from tahseel.charging.sales.values import (
    CLAIM,
    Delivery,
    Outlet,
    Sale,
    SaleLine,
    SalesReport,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id, reference_letters
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

LETTERS = 4
BILLERS = ("revenue_manager",)


def bill_month(*, actor: Actor, at: datetime, month: BillingMonth, issued_on: date) -> SalesReport:
    """Bill what every account sold and burnt until the end of a month; one transaction an account.

    An account has one sale a month: a run that was killed is simply run again. What is delivered
    late is taken by the next month's. An outlet that told nothing waits. Raises NotAllowed.
    """
    require(actor, *BILLERS)
    report = SalesReport(month)
    open_ = queries.open_outlets(month=month)
    numbers = supply.accounts(account_ids={one.account_id for one in open_})
    for account_id, found in groupby(open_, key=lambda one: one.account_id):
        with transaction.atomic():
            ledger.lock_accounts([account_id])
            if queries.sales(month=month, account_id=account_id):
                report = replace(report, already=report.already + 1)
                continue
            lines, taken, why = _lines(account_id, list(found), month)
            customer = _liable(account_id, month)
            if customer is None or not lines:
                why = ["nobody_liable"] if customer is None else why
                report = replace(report, parked=dict(Counter(report.parked) + Counter(why)))
                continue
            sale = _sale(
                number=numbers[account_id].number,
                account_id=account_id,
                customer_id=customer,
                lines=lines,
                month=month,
                issued_on=issued_on,
            )
            _issue(actor=actor, at=at, account_id=account_id, sale=sale, taken=taken)
            report = replace(
                report,
                sales=report.sales + 1,
                total=report.total + sale.total,
                parked=dict(Counter(report.parked) + Counter(why)),
            )
    return report


def _liable(account_id: UUID, month: BillingMonth) -> UUID | None:
    """Who is liable on the month's last day, else the last who was in it."""
    spans = supply.liabilities(account_ids=[account_id]).get(account_id, [])
    mine = [
        span
        for span in spans
        if span.customer_id is not None
        and span.from_day < month.period.end
        and (span.until_day is None or span.until_day > month.period.start)
    ]
    return mine[-1].customer_id if mine else None


def _lines(
    account_id: UUID, outlets: Sequence[Outlet], month: BillingMonth
) -> tuple[list[SaleLine], list[Delivery], list[str]]:
    """Priced lines, the deliveries that they take, and why an outlet has none."""
    taken = queries.unbilled(until=month.period.end, account_id=account_id)
    told: dict[tuple[UUID, BillingMonth], int] = defaultdict(int)
    for one in taken:
        told[one.outlet_id, BillingMonth.of(one.day)] += one.litres
    lines, why = [], []
    every = {one.id: one for one in queries.outlets(account_id=account_id)}
    for (outlet_id, of), litres in sorted(told.items(), key=lambda one: (one[0][1].ordinal, one)):
        outlet = every[outlet_id]
        lines.append(rules.line(outlet, of, rules.days_in(outlet, of) or of.period, litres))
    for outlet in outlets:
        period = rules.days_in(outlet, month)
        assert isinstance(period, Period), "it is open in the month"
        if outlet.count:
            lines.append(rules.line(outlet, month, period, rules.burnt(outlet, period.days)))
        elif (outlet.id, month) not in told:
            why.append("no_delivery")
    return lines, taken, why


def _sale(
    *,
    number: str,
    account_id: UUID,
    customer_id: UUID,
    lines: Sequence[SaleLine],
    month: BillingMonth,
    issued_on: date,
) -> Sale:
    own = derived_id(account_id, "sale", str(month))
    letters = reference_letters(own, purpose="sale-number", count=LETTERS)
    return Sale(
        account_id=account_id,
        id=own,
        number=f"{number}-S{month.year:04d}{month.month:02d}-{letters}",
        month=month,
        customer_id=customer_id,
        total=Money(sum(line.amount.fils for line in lines)),
        issued_on=issued_on,
        due_date=issued_on + timedelta(days=rules.policy().due_days),
        lines=tuple(lines),
    )


@audit.audited("sales.issue", subject="account_id")
def _issue(
    *, actor: Actor, at: datetime, account_id: UUID, sale: Sale, taken: Sequence[Delivery]
) -> None:
    _store(sale, taken, at)
    ledger.post(actor=actor, at=at, entries=_entries(sale))
    if sale.total:
        owed = NewClaim(
            account_id, sale.id, sale.number, CLAIM, sale.issued_on, sale.due_date, sale.total,
            sale.customer_id,
        )  # fmt: skip
        claims.open_claims(actor=actor, at=at, claims=[owed])
    audit.note(sale=sale.number, total_fils=sale.total.fils, lines=len(sale.lines))


def _entries(sale: Sale) -> list[Entry]:
    sums: dict[Service, int] = {}
    for line in sale.lines:
        sums[line.service] = sums.get(line.service, 0) + line.amount.fils
    return [
        Entry(
            id=derived_id(sale.id, "entry", service),
            account_id=sale.account_id,
            debit=RECEIVABLE,
            credit=f"revenue.{service}",
            amount=Money(fils),
            business_date=sale.issued_on,
            source="sale",
            source_id=sale.id,
        )
        for service, fils in sorted(sums.items())
        if fils
    ]


def _store(sale: Sale, taken: Sequence[Delivery], at: datetime) -> None:
    book = rules.policy().book
    lines = [
        {
            "outlet": str(line.outlet_id), "code": line.code, "month": str(line.month),
            "quantity": line.quantity, "service": str(line.service), "fils": line.amount.fils,
            "rates": list(line.rates),
        }
        for line in sale.lines
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into sales_sale (account_id, id, number, month, customer_id, total, issued_on,"
            " due_date, book, book_version, lines, recorded_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                sale.account_id, sale.id, sale.number, sale.month.ordinal, sale.customer_id,
                sale.total.fils, sale.issued_on, sale.due_date, book.code, book.version,
                orjson.dumps(lines).decode(), at,
            ],
        )  # fmt: skip
        cursor.execute(
            "update sales_delivery set sale_id = %s where account_id = %s and id = any(%s::uuid[])",
            [sale.id, sale.account_id, [one.id for one in taken]],
        )
