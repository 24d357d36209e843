"""Writing bills: rows, ledger entries and claims of priced bills, in the running transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import BILL, NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import RECEIVABLE, Entry
from tahseel.charging.billing import rules
from tahseel.charging.billing.values import PricedBill, PricedLine
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges.values import Carrier
from tahseel.charging.tariffs.values import Line, PriceBook
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

REVENUE = "revenue"
SOURCE = "bill"

_BILL = {
    "account_id": "uuid",
    "id": "uuid",
    "number": "text",
    "month": "int4",
    "sequence": "int2",
    "from_day": "date",
    "to_day": "date",
    "issued_on": "date",
    "due_date": "date",
    "total_fils": "int8",
    "book": "text",
    "book_version": "int4",
    "sector": "text",
    "customer_id": "uuid",
    "run_id": "uuid",
    "recorded_at": "timestamptz",
    "corrects": "uuid",
}
_LINE = {
    "account_id": "uuid",
    "bill_id": "uuid",
    "line_no": "int2",
    "service": "text",
    "kind": "text",
    "rate": "text",
    "from_day": "date",
    "to_day": "date",
    "tier": "int2",
    "tier_from": "int8",
    "tier_to": "int8",
    "quantity": "int8",
    "price": "numeric",
    "unit": "text",
    "amount_fils": "int8",
    "meter_id": "uuid",
    "determinant_version": "int4",
    "method": "text",
    "from_value": "int8",
    "to_value": "int8",
}


def write(
    bills: Sequence[PricedBill],
    *,
    run_id: UUID,
    issued_on: date,
    book: PriceBook,
    actor: Actor,
    at: datetime,
) -> None:
    """Bills and lines by COPY, their entries and claims, what they carry. Accounts are locked."""
    due = rules.due_date(issued_on)
    rows(bills, run_id=run_id, issued_on=issued_on, book=book, at=at)
    posted = [entry for bill in bills for entry in entries(bill, issued_on)]
    ledger.post_many(actor=actor, at=at, entries=posted)
    owed = [_claim(bill, issued_on, due) for bill in bills if bill.total.fils]
    claims.open_claims(actor=actor, at=at, claims=owed)
    carriers = [Carrier(one.account_id, one.id, one.customer_id, issued_on, due) for one in bills]
    charges.carry(actor=actor, at=at, carriers=carriers)


def rows(
    bills: Sequence[PricedBill], *, run_id: UUID, issued_on: date, book: PriceBook, at: datetime
) -> None:
    """Bills and their lines alone; what is posted and claimed is the caller's."""
    issue = (run_id, issued_on, rules.due_date(issued_on))
    bill_rows = [_bill_row(bill, issue, book, at) for bill in bills]
    bulk.copy_rows(table="billing_bill", columns=_BILL, rows=bill_rows)
    bulk.copy_rows(table="billing_line", columns=_LINE, rows=_line_rows(bills))


def entries(bill: PricedBill, issued_on: date) -> Iterator[Entry]:
    """One entry for each service that costs something, or gives back more than it costs."""
    for service, amount in bill.by_service().items():
        if amount:
            sides = (RECEIVABLE, f"{REVENUE}.{service}")
            debit, credit = sides if amount.fils > 0 else sides[::-1]
            yield Entry(
                id=entry_id(bill.id, service),
                account_id=bill.account_id,
                debit=debit,
                credit=credit,
                amount=Money(abs(amount.fils)),
                business_date=issued_on,
                source=SOURCE,
                source_id=bill.id,
            )


def entry_id(bill: UUID, service: Service) -> UUID:
    """The id of what a bill posts for a service."""
    return derived_id(bill, "entry", service)


def _claim(bill: PricedBill, issued_on: date, due: date) -> NewClaim:
    return NewClaim(
        account_id=bill.account_id,
        id=bill.id,
        reference=bill.number,
        kind=BILL,
        opened_on=issued_on,
        due_date=due,
        amount=bill.total,
        customer_id=bill.customer_id,
    )


def _bill_row(
    bill: PricedBill, issue: tuple[UUID, date, date], book: PriceBook, at: datetime
) -> tuple[object, ...]:
    run_id, issued_on, due = issue
    return (
        bill.account_id,
        bill.id,
        bill.number,
        bill.month.ordinal,
        bill.sequence,
        bill.period.start,
        bill.period.end,
        issued_on,
        due,
        bill.total.fils,
        book.code,
        book.version,
        bill.sector,
        bill.customer_id,
        run_id,
        at,
        bill.corrects,
    )


def _line_rows(bills: Sequence[PricedBill]) -> Iterator[tuple[object, ...]]:
    for bill in bills:
        for number, priced in enumerate(bill.lines, start=1):
            yield _line_row(bill, number, priced)


def decimal_price(line: Line) -> Decimal:
    """Fils a unit, as a bill shows it."""
    return Decimal(line.price.numerator) / line.price.denominator


def _line_row(bill: PricedBill, number: int, priced: PricedLine) -> tuple[object, ...]:
    line, determinant = priced.line, priced.determinant
    return (
        bill.account_id,
        bill.id,
        number,
        str(line.service),
        line.kind,
        line.rate_id,
        line.period.start,
        line.period.end,
        line.tier,
        line.tier_from,
        line.tier_to,
        line.quantity,
        decimal_price(line),
        line.unit,
        line.amount.fils,
        determinant.meter_id,
        determinant.version,
        str(determinant.method),
        determinant.from_value,
        determinant.to_value,
    )
