"""Credit of one customer is never freed out of another's, and never used beyond the account's."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from tests.integration.books.claims.test_credit import (
    ADAM,
    AT,
    BASMA,
    DAY,
    JOB,
    books,
    claim,
    owe,
    pay,
    sound,
    stands,
    still_open,
)

from tahseel.books.claims import operations, owning, queries
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import Entry
from tahseel.kernel.money import Money

__all__ = ["books"]


def leave(account: UUID, fils: int, customer: UUID) -> None:
    """Credit that is owed back in money instead, as the end of an application owes it."""
    gone = Entry(uuid4(), account, "credit", "bank", Money(fils), DAY, "refund", uuid4())
    ledger.post(actor=JOB, at=AT, entries=[gone])
    owning.keep_credit(at=AT, moves=[(gone, customer)])


@pytest.mark.parametrize("used", [0, 30])
def test_what_is_freed_for_one_customer_is_never_taken_from_another(used: int) -> None:
    account = uuid4()
    pay(account, 100)
    pay(account, 100, BASMA)
    if used:
        owe(claim(account, used))
    leave(account, 100 - used, ADAM)
    before = stands(account), still_open(account)

    with pytest.raises(ledger.CreditBelowZero) as refused, transaction.atomic():
        operations.free_credit(
            actor=JOB, at=AT, account_id=account, customer_id=ADAM, amount=Money(100)
        )

    assert (stands(account), still_open(account)) == before
    assert refused.value.facts["credit"] == used - 100
    assert queries.credit_of(account_id=account, customer_id=BASMA) == Money(100)
    assert sound()


def test_no_more_is_used_than_stands_on_the_account(database: Any) -> None:
    """Of two records that were merged and parted again, one kept what the other one had used."""
    account = uuid4()
    pay(account, 100)
    owe(claim(account, 100))
    with database.as_app() as app:
        app.execute(
            "update claims_credit set customer_id = %s where account_id = %s and amount > 0",
            [BASMA, account],
        )
    pay(account, 60)

    owe(claim(account, 100, customer=BASMA, month=3))

    assert (still_open(account), stands(account)) == ([40], (40, 0))
