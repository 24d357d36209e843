"""What a month that is billed would cost by what is known today. Computed, and not written here."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tahseel.charging.billing import queries, rest, rules
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Bill, PricedBill
from tahseel.kernel.money import Money
from tahseel.registry.supply import queries as supply


def price_again(*, bill: Bill) -> Money | None:
    """The bill's days at today's sectors, certificates and quantities, by the bill's own book.

    None for one beside the month's own, of another book than the one in force, or of a month that
    could not be billed as one today: there a person computes.
    """
    made = remade(bill=bill)
    return made.total if made else None


def remade(*, bill: Bill) -> PricedBill | None:
    """The bill itself as it would be made today, under the id of the month's own; None as above."""
    book = rules.policy().book
    beside = bill.sequence and bill.corrects is None
    if beside or (bill.book, bill.book_version) != (book.code, book.version):
        return None
    ids = [bill.account_id]
    accounts, quantities = rest.of_month(
        month=bill.month,
        accounts=supply.billable_accounts(month=bill.month, account_ids=ids),
        quantities=running.by_account(bill.month, ids),
    )
    bills, parked = running.price(accounts, quantities, bill.month, book)
    if len(bills) != 1 or parked or bills[0].period != bill.period:
        return None
    return bills[0]


def says(made: PricedBill, bill: Bill) -> bool:
    """The bill that went out charges for the same quantities, days and tiers the same."""
    view = queries.bill_view(bill.account_id, bill.id)
    new = [
        (one.service, one.rate_id, one.period, one.tier, one.quantity, one.amount)
        for one in (priced.line for priced in made.lines)
    ]
    old = [
        (one.service, one.rate, one.period, one.tier, one.quantity, one.amount)
        for one in (view.lines if view else ())
    ]
    return new == old


def chain(bills: Mapping[UUID, Bill], last: Bill) -> list[UUID]:
    """The bill and those in whose place it stands, the newest first."""
    found = [last.id]
    while (before := bills[found[-1]].corrects) is not None:
        found.append(before)
    return found
