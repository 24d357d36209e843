"""What a month that is billed would cost by what is known today. Computed, and never written."""

from __future__ import annotations

from tahseel.charging.billing import rest, rules
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Bill
from tahseel.kernel.money import Money
from tahseel.registry.supply import queries as supply


def price_again(*, bill: Bill) -> Money | None:
    """The bill's days at today's sectors, certificates and quantities, by the bill's own book.

    None for one beside the month's own, of another book than the one in force, or of a month that
    could not be billed as one today: there a person computes.
    """
    book = rules.policy().book
    if bill.sequence or (bill.book, bill.book_version) != (book.code, book.version):
        return None
    ids = [bill.account_id]
    accounts, quantities = rest.of_month(
        month=bill.month,
        accounts=supply.billable_accounts(month=bill.month, account_ids=ids),
        quantities=running.by_account(bill.month, ids),
    )
    bills, parked = running.price(accounts, quantities, bill.month, book)
    return bills[0].total if len(bills) == 1 and not parked else None
