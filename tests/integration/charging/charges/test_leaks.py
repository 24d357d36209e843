"""A repaired leak gives back a capped share of what was used beyond the account's own use."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from tests.integration.charging.billing.test_run import JUNE, Street, bill, use
from tests.integration.charging.charges.counter import (
    JULY,
    LATER,
    MANAGER,
    agree,
    credit,
    expect_denied,
    owed,
    sound,
    street,
)
from tests.integration.registry.town import CLERK, HEAD

from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.operations import releasing, relieving
from tahseel.charging.billing.values import Bill, BillView
from tahseel.charging.charges.operations import ChargedBefore
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.trust.approvals import operations as approvals

__all__ = ["street"]
BEFORE = [BillingMonth(2026, number) for number in (3, 4, 5)]
THOUSAND_GALLONS = Fraction(454_609, 100)


def leaking(street: Street, litres: int, usual: int = 60_000) -> Bill:
    """The first account's July, after three months of ordinary use."""
    releasing.register()
    for month in BEFORE:
        use(street, street.accounts, month, wh=4_000_000, litres=usual)
        bill(month)
    use(street, street.accounts[:1], JULY, wh=4_000_000, litres=litres)
    bill()
    held = queries.held_back()
    if held and rules.needs_second(held[0].total):
        approval = operations.propose_release(
            actor=HEAD, at=LATER, approval_id=uuid4(), account_id=held[0].account_id,
            held_id=held[0].id, reason="a leak",
        )  # fmt: skip
        approvals.approve(actor=MANAGER, at=LATER, approval_id=approval)
    elif held:
        operations.release_held(
            actor=HEAD, at=LATER, account_id=held[0].account_id, held_id=held[0].id, reason="leak"
        )
    return queries.standing(street.accounts[0])[0]


def ask(leak: Bill, repaired_on: date = date(2026, 8, 1), report: str = "R-5") -> UUID:
    return operations.ask_relief(
        actor=CLERK, at=LATER, approval_id=uuid4(), account_id=leak.account_id,
        bill_id=leak.id, repaired_on=repaired_on, report=report,
    )  # fmt: skip


def water(view: BillView) -> Money:
    return Money(sum(line.amount.fils for line in view.lines if line.service == "water"))


@pytest.mark.parametrize("litres", [90_000, 123_457, 250_001])
def test_old_new_and_difference_are_those_of_a_reckoning_by_hand(
    street: Street, litres: int
) -> None:
    leak = leaking(street, litres)
    view = queries.bill_view(leak.account_id, leak.id)
    assert view is not None
    [line] = [one for one in view.lines if one.service == "water"]

    found = operations.relief(bill=leak)

    used = 3 * 60_000 + 0  # March, April, May; June had none
    usual = int(Fraction(used * 31, 31 + 30 + 31 + 30) + Fraction(1, 2))
    forgiven = (litres - usual) // 2
    new = Fraction(litres - forgiven) / THOUSAND_GALLONS * Fraction(line.price)
    assert (found.used, found.usual, found.forgiven) == (litres, usual, forgiven)
    assert found.old == water(view)
    assert found.new == Money(int(new + Fraction(1, 2)))
    assert found.amount == found.old - found.new


def test_the_allowance_is_a_credit_once_a_second_person_agrees(street: Street) -> None:
    leak = leaking(street, 250_000)
    account, found = leak.account_id, operations.relief(bill=leak)
    before = owed(account)

    done = agree(ask(leak), MANAGER)

    assert (done.amount, done.met) == (found.amount, found.amount)
    assert found.old.dinars() in done.evidence
    assert owed(account) == before - found.amount
    assert credit(account) == Money(0)
    assert sound()
    assert queries.standing(account)[0].total == leak.total


def test_the_cap_holds(street: Street) -> None:
    leak = leaking(street, 9_000_000)

    found = operations.relief(bill=leak)

    assert found.old - found.new > Money(500_000)
    assert found.amount == Money(500_000)


def test_a_month_is_relieved_once(street: Street) -> None:
    leak = leaking(street, 250_000)
    agree(ask(leak), MANAGER)

    expect_denied(lambda: ask(leak, report="R-6"), ChargedBefore, "billing.ask_relief")


@pytest.mark.parametrize("litres", [0, 40_000])
def test_ordinary_use_is_no_leak(street: Street, litres: int) -> None:
    with pytest.raises(relieving.NothingToRelieve):
        operations.relief(bill=leaking(street, litres))


@pytest.mark.parametrize("repaired_on", [date(2026, 6, 30), date(2026, 8, 6)])
def test_a_leak_is_repaired_after_it_began_and_not_tomorrow(
    street: Street, repaired_on: date
) -> None:
    leak = leaking(street, 250_000)

    with pytest.raises(relieving.LeakNotRepaired):
        ask(leak, repaired_on)


def test_without_months_of_his_own_nothing_is_usual(street: Street) -> None:
    [june] = queries.standing(street.accounts[0])

    with pytest.raises(Refusal, match="leak_no_usual_use"):
        operations.relief(bill=june)
    assert june.month == JUNE
