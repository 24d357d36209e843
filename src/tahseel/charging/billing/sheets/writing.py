"""Writes a priced sheet in the running transaction: the rows that `billing.writing` would write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from psycopg.types.numeric import DecimalBinaryDumper

from tahseel.books.claims import operations as claims
from tahseel.books.claims import rules as claims_rules
from tahseel.books.claims.values import BILL
from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import rules, writing
from tahseel.charging.billing.sheets.pricing import Priced, places
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges import queries as waiting_charges
from tahseel.charging.charges.values import Carrier
from tahseel.charging.tariffs.values import Line, PriceBook
from tahseel.consumption.readings.values import METHODS
from tahseel.kernel import cells, columns
from tahseel.kernel.actor import Actor
from tahseel.kernel.cells import Bytes, Column
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import SERVICES
from tahseel.registry.supply import queries as supply


@dataclass(frozen=True, slots=True)
class Issue:
    """By which run bills go out, on which day and at which instant, priced by which book."""

    run_id: UUID
    issued_on: date
    at: datetime
    book: PriceBook

    @property
    def payable_until(self) -> date:
        return rules.due_date(self.issued_on)


def write(priced: Priced, issue: Issue, *, actor: Actor) -> None:
    """Bills, lines, entries and claims with their events. The accounts are locked."""
    sheet, at = priced.sheet, issue.at
    ids = columns.derived_ids(sheet.bills.account_id, b"bill", str(sheet.month).encode(), b"0")
    numbers = bill_numbers(sheet.bills.number, sheet.month, ids)
    columns.append(table="billing_bill", columns=_bills(priced, issue, ids, numbers))
    columns.append(table="billing_line", columns=_lines(priced, ids))
    ledger.post_charged(actor=actor, at=at, charged=_charged(priced, issue, ids))
    owed = priced.totals > 0
    opened = claims.Opened(
        account_id=sheet.bills.account_id[owed],
        id=ids[owed],
        reference=numbers.taken(owed),
        amount=priced.totals[owed],
        customer_id=sheet.bills.customer_id[owed],
        kind=BILL,
        opened_on=issue.issued_on,
        due_date=issue.payable_until,
    )
    claims.open_columns(actor=actor, at=at, opened=opened)
    if claims_rules.credit_policy().at_once:
        days = dict.fromkeys(priced.account_ids, issue.issued_on)
        claims.use_credit(actor=actor, at=at, account_ids=days, days=days)
    _carry(priced, issue, ids, actor)


def bill_numbers(numbers: Bytes, month: BillingMonth, ids: Bytes) -> Column:
    """`rules.bill_number` of every bill."""
    letters = columns.reference_letters(
        ids, purpose=rules.NUMBER_PURPOSE, count=rules.NUMBER_LETTERS
    )
    between = f"-{month.year:04d}{month.month:02d}-".encode()
    return cells.joined(cells.fixed(numbers), cells.same(between, len(ids)), cells.fixed(letters))


def _carry(priced: Priced, issue: Issue, ids: Bytes, actor: Actor) -> None:
    """What waits for the customers of these bills, who are few."""
    accounts = priced.account_ids
    waiting = waiting_charges.waiting_accounts(accounts)
    rows = [row for row, account in enumerate(accounts) if account in waiting]
    if not rows:
        return
    made = zip(
        rows, columns.uuids(ids[rows]), columns.uuids(priced.sheet.bills.customer_id[rows]),
        strict=True,
    )  # fmt: skip
    charges.carry(
        actor=actor,
        at=issue.at,
        carriers=[
            Carrier(accounts[row], bill, customer, issue.issued_on, issue.payable_until)
            for row, bill, customer in made
        ],
    )


def _bills(priced: Priced, issue: Issue, ids: Bytes, numbers: Column) -> dict[str, Column]:
    sheet, count = priced.sheet, len(priced.sheet)
    first, last = priced.days()
    sectors = [str(one).encode() for one in supply.SECTORS]
    return {
        "account_id": cells.fixed(sheet.bills.account_id),
        "id": cells.fixed(ids),
        "number": numbers,
        "month": cells.same(sheet.month.ordinal.to_bytes(4, "big"), count),
        "sequence": cells.same(bytes(2), count),
        "from_day": cells.numbers(first, 4),
        "to_day": cells.numbers(last, 4),
        "issued_on": cells.same(columns.day_cell(issue.issued_on), count),
        "due_date": cells.same(columns.day_cell(issue.payable_until), count),
        "total_fils": cells.numbers(priced.totals, 8),
        "book": cells.same(issue.book.code.encode(), count),
        "book_version": cells.same(issue.book.version.to_bytes(4, "big"), count),
        "sector": cells.chosen(sectors, sheet.bills.sector),
        "customer_id": cells.fixed(sheet.bills.customer_id),
        "run_id": cells.same(issue.run_id.bytes, count),
        "recorded_at": cells.same(columns.instant_cell(issue.at), count),
    }


def _lines(priced: Priced, ids: Bytes) -> dict[str, Column]:
    uses, use = priced.sheet.uses, priced.use
    bill = uses.bill[use]
    methods = [str(one).encode() for one in METHODS]
    known = {
        name: cells.blanked(cells.numbers(getattr(uses, name)[use], 8), ~told[use])
        for name, told in (("from_value", uses.from_known), ("to_value", uses.to_known))
    }
    words = {name: cells.chosen(told, priced.word) for name, told in _words(priced.words).items()}
    return {
        "account_id": cells.fixed(priced.sheet.bills.account_id).taken(bill),
        "bill_id": cells.fixed(ids).taken(bill),
        "line_no": cells.numbers(places(bill) + 1, 2),
        **words,
        "quantity": cells.numbers(priced.quantity, 8),
        "amount_fils": cells.numbers(priced.fils, 8),
        "meter_id": cells.fixed(uses.meter_id).taken(use),
        "determinant_version": cells.numbers(uses.version, 4).taken(use),
        "method": cells.chosen(methods, uses.method).taken(use),
        **known,
    }


def _words(lines: Sequence[Line]) -> dict[str, list[bytes | None]]:
    """What lines say beside quantity and fils."""
    dump = DecimalBinaryDumper(Decimal).dump
    return {
        "service": [str(one.service).encode() for one in lines],
        "kind": [str(one.kind).encode() for one in lines],
        "rate": [one.rate_id.encode() for one in lines],
        "from_day": [columns.day_cell(one.period.start) for one in lines],
        "to_day": [columns.day_cell(one.period.end) for one in lines],
        "tier": [one.tier.to_bytes(2, "big") for one in lines],
        "tier_from": [one.tier_from.to_bytes(8, "big") for one in lines],
        "tier_to": [
            None if one.tier_to is None else one.tier_to.to_bytes(8, "big") for one in lines
        ],
        "price": [bytes(dump(price) or b"") for price in map(writing.decimal_price, lines)],
        "unit": [one.unit.encode() for one in lines],
    }


def _charged(priced: Priced, issue: Issue, ids: Bytes) -> ledger.Charged:
    """One entry for each service that costs something."""
    uses, amounts = priced.sheet.uses, priced.amounts
    some = amounts > 0
    bill, service = uses.bill[some], uses.service[some]
    papers = ids[bill]
    words = [str(one).encode() for one in SERVICES]
    return ledger.Charged(
        account_id=priced.sheet.bills.account_id[bill],
        id=columns.derived_ids(papers, b"entry", cells.chosen(words, service)),
        codes=tuple(f"{writing.REVENUE}.{one}" for one in SERVICES),
        credit=service,
        amount=amounts[some],
        source_id=papers,
        business_date=issue.issued_on,
        source=writing.SOURCE,
    )


def prices(priced: Priced) -> Column:
    """What `events` tells of each service that was used, as it wants it."""
    uses, used = priced.sheet.uses, priced.used > 0
    count = int(used.sum())
    words = [str(one).encode() for one in SERVICES]
    return cells.joined(
        cells.same(b'["', count),
        cells.fixed(cells.uuid_text(priced.sheet.bills.account_id[uses.bill[used]])),
        cells.same(b'","', count),
        cells.chosen(words, uses.service[used]),
        cells.same(b'",', count),
        cells.digits(priced.used[used]),
        cells.same(b",", count),
        cells.digits(priced.amounts[used]),
        cells.same(b"],", count),
    )
