"""What is collected for the municipality is owed to it and paid over, by two people, once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from tests.integration.charging.billing.test_run import Street, bill, use
from tests.integration.charging.charges.counter import (
    JULY,
    LATER,
    MANAGER,
    expect_denied,
    given,
    pay,
    sound,
    street,
    taken_back,
)
from tests.integration.registry.town import CLERK, HEAD

from tahseel.books.ledger import queries as ledger
from tahseel.charging.charges import operations, queries
from tahseel.charging.charges.operations import paying_over
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.trust.approvals import operations as approvals

__all__ = ["street"]


@pytest.fixture
def charged(street: Street) -> UUID:
    """12.500 for the municipality on the bill of July, and 30.000 paid of 52.500 in all."""
    paying_over.register()
    account = street.accounts[0]
    given(account, "municipality_fee", 12_500, cause="B-1")
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)
    bill()
    return account


def ask(actor: object = HEAD) -> UUID:
    return operations.ask_pay_over(
        actor=actor, at=LATER, approval_id=uuid4(), party="municipality", reference="TR-1"
    )  # type: ignore[arg-type]


def balance(code: str) -> int:
    rows = {row.code: row for row in ledger.trial_balance(as_of=LATER).rows}
    return rows[code].credit.fils - rows[code].debit.fils if code in rows else 0


def test_nothing_is_due_before_it_is_collected(charged: UUID) -> None:
    [line] = queries.statement(party="municipality")

    assert (line.charge.amount, line.collected, line.unpaid) == (Money(12_500), Money(0), Money(0))
    assert balance("payable.municipality") == 12_500
    expect_denied(ask, paying_over.NothingDue, "charges.ask_pay_over")


def test_what_is_collected_is_paid_over_once(charged: UUID) -> None:
    pay(charged, 52_500)
    approval = ask()

    approvals.approve(actor=MANAGER, at=LATER, approval_id=approval)

    [line] = queries.statement(party="municipality")
    assert (line.collected, line.paid_over, line.unpaid) == (Money(12_500), Money(12_500), Money(0))
    [done] = queries.paid_over(party="municipality")
    assert (done.amount, done.charges, done.reference) == (Money(12_500), 1, "TR-1")
    assert balance("payable.municipality") == 0
    assert sound()
    expect_denied(ask, paying_over.NothingDue, "charges.ask_pay_over")


def test_a_statement_that_changed_is_not_paid_over(charged: UUID) -> None:
    pay(charged, 52_000)
    approval = ask()
    pay(charged, 500)

    expect_denied(
        lambda: approvals.approve(actor=MANAGER, at=LATER, approval_id=approval),
        paying_over.StatementChanged,
        "approvals.approve",
    )


def test_what_is_taken_back_after_it_was_paid_over_is_shown_below_zero(charged: UUID) -> None:
    pay(charged, 52_500)
    approvals.approve(actor=MANAGER, at=LATER, approval_id=ask())

    taken_back(queries.of_account(charged)[0])

    [line] = queries.statement(party="municipality")
    assert line.unpaid == Money(-12_500)
    assert balance("payable.municipality") == -12_500
    assert sound()


def test_a_clerk_does_not_pay_over(charged: UUID) -> None:
    expect_denied(lambda: ask(CLERK), NotAllowed, "charges.ask_pay_over")
