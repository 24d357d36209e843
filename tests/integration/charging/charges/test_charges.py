"""One-off charges and credits: two people, one cause once, exact in the books, exactly undone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from tests.integration.charging.billing.test_run import Street, bill, use
from tests.integration.charging.charges.counter import (
    BILLED,
    JULY,
    LATER,
    MANAGER,
    agree,
    ask,
    credit,
    expect_denied,
    given,
    owed,
    pay,
    rows,
    sound,
    street,
    taken_back,
)
from tests.integration.registry.town import CLERK, HEAD

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.charging.billing import queries as billing
from tahseel.charging.charges import operations, queries, rules
from tahseel.charging.charges.operations import asking
from tahseel.charging.charges.values import ChargeState
from tahseel.kernel.actor import system
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.states import WrongState
from tahseel.trust.approvals.rules import OwnApproval

__all__ = ["street"]


def test_nothing_is_charged_before_a_second_person_agrees(street: Street) -> None:
    account = street.accounts[0]
    before = rows()

    approval = ask(account)

    assert rows()[:3] == before[:3]
    assert queries.of_account(account) == []
    [waits] = queries.asked(as_of=LATER)
    assert (waits.approval_id, waits.amount) == (approval, Money(30_000))


def test_a_charge_at_once_is_a_claim_of_its_own(street: Street) -> None:
    account = street.accounts[0]

    charge = given(account)

    claim = claims.claim(account, charge.id)
    assert claim is not None
    assert (claim.reference, claim.amount, claim.kind) == (
        charge.reference, Money(30_000), "charge",
    )  # fmt: skip
    assert (charge.posted_on, charge.due_on) == (date(2026, 8, 5), date(2026, 8, 20))
    assert owed(account) == BILLED + Money(30_000)
    assert sound()


def test_a_charge_for_the_next_bill_waits_for_it_and_shares_its_due_day(street: Street) -> None:
    account, other = street.accounts
    charge = given(account, "meter_test", None)
    assert (charge.state, owed(account)) == (ChargeState.WAITING, BILLED)
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)

    bill()

    [july] = [one for one in billing.bills(account) if one.month == JULY]
    [carried] = queries.of_bill(account_id=account, bill_id=july.id)
    assert (carried.id, carried.state, carried.due_on) == (
        charge.id, ChargeState.POSTED, july.due_date,
    )  # fmt: skip
    assert july.total == BILLED
    assert owed(account) == BILLED * 2 + Money(10_000)
    assert owed(other) == BILLED * 2
    assert sound()


def test_a_run_again_carries_nothing_twice(street: Street) -> None:
    account = street.accounts[0]
    given(account, "meter_test", None)
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)
    bill()
    before = rows()

    bill()

    assert rows() == before


def test_a_bill_of_another_customer_carries_nothing_of_the_one_before(street: Street) -> None:
    account = street.accounts[0]
    given(account, "meter_test", None)
    with connection.cursor() as cursor:
        cursor.execute("update charges_charge set customer_id = %s", [street.payers[1]])
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)

    bill()

    assert [one.state for one in queries.of_account(account)] == [ChargeState.WAITING]
    assert owed(account) == BILLED * 2


def test_what_no_bill_carried_in_time_is_claimed_by_itself(street: Street) -> None:
    account = street.accounts[0]
    given(account, "meter_test", None)
    house = system("charges")

    early = operations.claim_left_over(actor=house, at=LATER + timedelta(days=59))
    late = operations.claim_left_over(actor=house, at=LATER + timedelta(days=61))

    assert (early, late) == (0, 1)
    assert owed(account) == BILLED + Money(10_000)
    assert sound()


def test_a_credit_lowers_what_is_owed_and_is_no_line_below_zero(street: Street) -> None:
    account = street.accounts[0]

    done = given(account, "goodwill", 7_250, cause="complaint 9")

    assert (done.met, owed(account), credit(account)) == (Money(7_250), Money(12_750), Money(0))
    assert sound()


def test_goodwill_beyond_what_is_owed_is_refused(street: Street) -> None:
    account = street.accounts[0]

    expect_denied(
        lambda: ask(account, "goodwill", 20_001), operations.CreditBeyondOwed, "charges.ask"
    )


def test_goodwill_is_held_against_what_is_owed_when_it_is_agreed_to(street: Street) -> None:
    account = street.accounts[0]
    approval = ask(account, "goodwill", 20_000)
    pay(account, 1)

    expect_denied(lambda: agree(approval), operations.CreditBeyondOwed, "approvals.approve")


def test_a_disputed_part_is_not_met_by_a_credit(street: Street) -> None:
    account = street.accounts[0]
    [claim] = claims.open_claims(account)
    claim_operations.dispute(
        actor=CLERK, at=LATER, account_id=account, claim_id=claim.id, amount=Money(15_000)
    )

    expect_denied(
        lambda: ask(account, "goodwill", 5_001), operations.CreditBeyondOwed, "charges.ask"
    )
    given(account, "goodwill", 5_000)

    assert owed(account) == Money(15_000)


def test_a_saving_credit_beyond_what_is_owed_stands_to_the_accounts_credit(street: Street) -> None:
    account = street.accounts[0]
    given(account, "saving_credit", 50_000, cause="2025", actor=HEAD)
    use(street, street.accounts, JULY, wh=4_000_000, litres=0)

    bill()

    assert (owed(account), credit(account)) == (Money(0), Money(10_000))
    assert sound()


def test_a_credit_that_was_used_meanwhile_is_taken_back_from_where_it_went(street: Street) -> None:
    account, august = street.accounts[0], JULY.next()
    credited = given(account, "saving_credit", 50_000, cause="2025", actor=HEAD)
    for month in (JULY, august):
        use(street, street.accounts, month, wh=4_000_000, litres=0)
        bill(month)
    before = (owed(account), credit(account))

    taken_back(credited)

    assert before == (Money(10_000), Money(0))
    assert (owed(account), credit(account)) == (Money(60_000), Money(0))
    assert sound()


@pytest.mark.parametrize(
    ("kind", "fils"),
    [("meter_test", 9_999), ("damage", 999), ("damage", 20_000_001), ("damage", 0)],
)
def test_an_amount_outside_the_limits_is_refused(street: Street, kind: str, fils: int) -> None:
    expect_denied(
        lambda: ask(street.accounts[0], kind, fils), operations.AmountOutOfLimits, "charges.ask"
    )


def test_one_cause_is_charged_once(street: Street) -> None:
    account = street.accounts[0]
    given(account, cause="D-17")

    expect_denied(lambda: ask(account, cause=" d-17 "), operations.ChargedBefore, "charges.ask")
    assert ask(account, cause="D-18")


def test_the_same_cause_waits_once(street: Street) -> None:
    account = street.accounts[0]
    ask(account)

    expect_denied(lambda: ask(account), operations.ChargeWaits, "charges.ask")


def test_the_same_request_again_is_the_same_approval(street: Street) -> None:
    account, approval = street.accounts[0], uuid4()

    first, again = (ask(account, approval=approval) for _ in range(2))

    assert first == again
    assert len(queries.asked(as_of=LATER)) == 1
    expect_denied(lambda: ask(account, fils=31_000, approval=approval), InputDiffers, "charges.ask")


def test_whoever_asks_does_not_agree_and_a_large_sum_is_the_managers(street: Street) -> None:
    account = street.accounts[0]
    own = ask(account, actor=HEAD)
    large = ask(account, fils=100_000, cause="large")
    assessed = ask(account, "theft_assessment", 2_000, actor=HEAD)

    expect_denied(lambda: agree(own, HEAD), OwnApproval, "approvals.approve")
    expect_denied(lambda: agree(large, HEAD), NotAllowed, "approvals.approve")
    expect_denied(lambda: agree(assessed, HEAD), NotAllowed, "approvals.approve")
    assert agree(large, MANAGER).amount == Money(100_000)


def test_a_clerk_does_not_ask_for_an_assessment(street: Street) -> None:
    expect_denied(lambda: ask(street.accounts[0], "theft_assessment"), NotAllowed, "charges.ask")


def test_a_computed_credit_is_not_typed(street: Street) -> None:
    expect_denied(
        lambda: ask(street.accounts[0], "leak_allowance", 100), operations.NotByHand, "charges.ask"
    )


def test_an_unknown_account_an_unknown_kind_and_no_evidence_are_refused(street: Street) -> None:
    expect_denied(lambda: ask(uuid4()), asking.AccountUnknown, "charges.ask")
    expect_denied(lambda: ask(street.accounts[0], "bribe"), rules.KindUnknown, "charges.ask")
    expect_denied(
        lambda: ask(street.accounts[0], cause="  "), operations.CauseUnclear, "charges.ask"
    )


def test_a_closed_account_is_charged_no_more(street: Street) -> None:
    account = street.accounts[0]
    waits = ask(account, cause="before")
    with connection.cursor() as cursor:
        cursor.execute(
            "update supply_liability set until_day = '2026-08-01' where account_id = %s", [account]
        )
        cursor.execute(
            "update supply_account set closed_on = '2026-08-01' where id = %s", [account]
        )

    expect_denied(lambda: ask(account), asking.AccountClosed, "charges.ask")
    expect_denied(lambda: agree(waits), asking.AccountClosed, "approvals.approve")


def test_a_charge_is_taken_back_exactly_and_may_then_be_charged_again(street: Street) -> None:
    account = street.accounts[0]
    charge = given(account)

    done = taken_back(charge)

    assert (done.state, owed(account), credit(account)) == (
        ChargeState.REVERSED, BILLED, Money(0),
    )  # fmt: skip
    assert sound()
    assert given(account, cause=charge.cause).state is ChargeState.POSTED


def test_what_was_paid_of_a_charge_becomes_credit_when_it_is_taken_back(street: Street) -> None:
    account = street.accounts[0]
    charge = given(account)
    pay(account, 45_000)

    taken_back(charge)

    assert (owed(account), credit(account)) == (Money(0), Money(25_000))
    assert sound()


def test_a_disputed_charge_is_taken_back_whole(street: Street) -> None:
    account = street.accounts[0]
    charge = given(account)
    claim_operations.dispute(
        actor=CLERK, at=LATER, account_id=account, claim_id=charge.id, amount=Money(30_000)
    )

    taken_back(charge)

    assert owed(account) == BILLED
    assert sound()


def test_a_credit_that_is_taken_back_is_owed_again(street: Street) -> None:
    account = street.accounts[0]
    done = given(account, "goodwill", 20_000)
    assert owed(account) == Money(0)

    taken_back(done)

    assert owed(account) == BILLED
    assert sound()


def test_nothing_is_taken_back_twice(street: Street) -> None:
    charge = given(street.accounts[0])
    taken_back(charge)

    expect_denied(lambda: taken_back(charge), WrongState, "charges.ask_reversal")


def test_what_waits_is_taken_back_without_an_entry(street: Street) -> None:
    account = street.accounts[0]
    charge = given(account, "meter_test", None)
    entries = rows()[0]

    taken_back(charge)

    assert rows()[0] == entries
    assert queries.waiting([account]) == []


def test_what_was_agreed_to_cannot_be_changed_in_the_table(street: Street) -> None:
    given(street.accounts[0])

    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("update charges_charge set amount = 1")
