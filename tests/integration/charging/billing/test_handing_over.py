"""A transfer makes the final bill of who leaves and settles his deposit, as a move-out does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.charging.billing.test_moving_out import (
    AUGUST,
    CUBIC,
    JULY,
    KWH,
    LEAVES,
    NOW,
    bill_month,
    counted,
    deposit,
    final_reads,
    leave,
    lived_until_june,
    read,
    used,
)
from tests.integration.charging.billing.test_parting_a_month import agree, july
from tests.integration.charging.billing.test_run import Street, build
from tests.integration.registry.town import CLERK, found

from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import DepositKind, DepositState, NewDeposit
from tahseel.books.ledger import queries as ledger
from tahseel.charging.billing import operations, queries
from tahseel.charging.billing.values import FinalRead, MovedOut
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity


@pytest.fixture
def street(database: Any) -> Street:
    made = build(found(), 1)
    lived_until_june(made)
    return made


def lays_down(street: Street, who: Any, fils: int = 125_000) -> NewDeposit:
    return NewDeposit(
        street.accounts[0], uuid4(), who, DepositKind.CASH, Money(fils), LEAVES, tender="cash"
    )


def hand_over(street: Street, to: Any, **facts: Any) -> MovedOut | None:
    given = {
        "actor": CLERK, "at": NOW, "intent_id": uuid4(), "account_id": street.accounts[0],
        "to_customer_id": to, "on_day": LEAVES, "capacity": Capacity.OWNER,
        "reads": final_reads(street),
    }  # fmt: skip
    return operations.hand_over(**{**given, **facts})


def pass_title(street: Street, to: Any, **facts: Any) -> MovedOut | None:
    given = {
        "actor": CLERK, "at": NOW, "intent_id": uuid4(), "account_id": street.accounts[0],
        "to_customer_id": to, "on_day": LEAVES, "deed": "TITLE 7", "reads": final_reads(street),
    }  # fmt: skip
    return operations.pass_title(**{**given, **facts})


def liable(street: Street, day: date = LEAVES) -> Any:
    return supply_queries.liable_customer(account_id=street.accounts[0], day=day)


def held(street: Street) -> dict[Any, DepositState]:
    found = deposits_queries.deposits(account_ids=street.accounts[:1]).get(street.accounts[0], [])
    return {one.customer_id: one.state for one in found}


@pytest.mark.parametrize("act", [hand_over, pass_title])
def test_who_leaves_is_billed_for_his_days_and_his_deposit_meets_it(
    street: Street, act: Any
) -> None:
    deposit(street, 125_000)
    newcomer = street.town.person()

    done = act(street, newcomer)

    [final, june] = queries.bills(street.accounts[0])
    assert (final.id, final.sequence, final.customer_id) == (done.bill_id, 1, street.payers[0])
    assert (final.period.start, final.period.end) == (date(2026, 7, 1), LEAVES)
    assert used(street) == {(1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC}
    assert done.settled.netted + done.settled.left == june.total + final.total
    assert done.settled.netted == min(june.total + final.total, Money(125_000))
    assert liable(street) == newcomer
    assert ledger.recompute().balanced
    assert claims.recompute().faults == ()


def test_what_is_left_of_the_leavers_deposit_is_owed_back_and_the_next_ones_is_held(
    street: Street,
) -> None:
    deposit(street, 900_000)
    newcomer = street.town.person()

    done = hand_over(
        street, newcomer, capacity=Capacity.TENANT, deposit=lays_down(street, newcomer)
    )

    [due] = deposits_queries.refunds_due()
    assert done is not None
    assert (due.customer_id, due.refund) == (street.payers[0], done.settled.refund)
    assert due.refund + done.settled.netted == Money(900_000)
    assert held(street) == {
        street.payers[0]: DepositState.REFUND_DUE, newcomer: DepositState.HELD,
    }  # fmt: skip
    assert claims.open_claims(street.accounts[0]) == []


def test_the_months_run_bills_the_rest_to_who_came_and_nobody_twice(street: Street) -> None:
    newcomer = street.town.person()
    hand_over(street, newcomer)
    read(street, date(2026, 8, 1), 6_200, 151)

    report, again = bill_month(JULY, AUGUST), bill_month(JULY, AUGUST)

    assert (report.bills, again.bills) == (1, 0)
    rest = next(b for b in queries.bills(street.accounts[0]) if b.month == JULY and not b.sequence)
    assert (rest.customer_id, rest.period.start) == (newcomer, LEAVES)
    assert used(street) == {
        (1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC,
        (0, "electricity"): 700 * KWH, (0, "water"): 6 * CUBIC,
    }  # fmt: skip


@pytest.mark.parametrize("act", [hand_over, pass_title])
def test_the_same_act_again_answers_the_first_outcome_and_changes_nothing(
    street: Street, act: Any
) -> None:
    deposit(street, 125_000)
    newcomer, other, intent = street.town.person(), street.town.person(), uuid4()
    first = act(street, newcomer, intent_id=intent)
    before, states = counted(), held(street)

    again = act(street, newcomer, intent_id=intent)
    with pytest.raises(InputDiffers):
        act(street, other, intent_id=intent)
    with pytest.raises(Refusal):
        act(street, newcomer)

    assert again == first
    assert (counted(), held(street)) == (before, states)


def test_a_tenant_without_the_deposit_that_is_asked_does_not_come_and_nothing_changes(
    street: Street,
) -> None:
    deposit(street, 125_000)
    newcomer = street.town.person()
    before, states = counted(), held(street)

    with pytest.raises(deposits.DepositMissing):
        hand_over(street, newcomer, capacity=Capacity.TENANT)
    with pytest.raises(deposits.DepositMissing):
        hand_over(
            street, newcomer, capacity=Capacity.TENANT, deposit=lays_down(street, newcomer, 124_999)
        )
    with pytest.raises(NotAllowed):
        hand_over(street, newcomer, capacity=Capacity.TENANT, waiver="is a widow")

    assert (counted(), held(street), liable(street)) == (before, states, street.payers[0])


@pytest.mark.parametrize("act", [hand_over, pass_title])
def test_a_transfer_is_refused_or_denied_whole_as_a_move_out_is(street: Street, act: Any) -> None:
    newcomer, before = street.town.person(), counted()
    stranger = FinalRead(uuid4(), "1.8.0", 5)
    auditor = type(CLERK)(CLERK.kind, "a", "a", frozenset({"auditor"}))
    wrong: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"on_day": date(2026, 7, 17)}, operations.MoveOutAhead),
        ({"on_day": date(2026, 6, 16)}, operations.MoveOutBilled),
        ({"reads": [stranger]}, operations.MoveOutRead),
        ({"actor": auditor}, NotAllowed),
    ]

    for change, family in wrong:
        with pytest.raises(family):
            act(street, newcomer, **change)

    assert (counted(), liable(street)) == (before, street.payers[0])


def test_an_owner_who_sells_a_let_house_owes_nothing_and_the_tenant_stays(street: Street) -> None:
    tenant, buyer = street.town.person(), street.town.person()
    hand_over(
        street, tenant, capacity=Capacity.TENANT, deposit=lays_down(street, tenant),
        at=datetime(2026, 7, 6, 9, tzinfo=UTC), on_day=date(2026, 7, 6),
        reads=final_reads(street, 4_500, 135),
    )  # fmt: skip
    bills = queries.bills(street.accounts[0])

    done = pass_title(street, buyer, reads=())

    assert done is None
    assert queries.bills(street.accounts[0]) == bills
    assert (liable(street), held(street)) == (tenant, {tenant: DepositState.HELD})


def test_the_owner_of_a_place_that_fell_vacant_that_day_is_no_debtor_of_the_leaver(
    street: Street,
) -> None:
    first = leave(street)

    with pytest.raises(supply.NobodyToMoveOut):
        hand_over(street, street.town.person())

    assert first.customer_id == street.payers[0]
    assert liable(street) is None


def test_a_customer_who_goes_on_as_the_owner_is_not_billed_for_it(street: Street) -> None:
    deposit(street, 125_000)

    done = hand_over(street, street.payers[0])

    assert done is None
    assert [bill.month for bill in queries.bills(street.accounts[0]) if bill.month == JULY] == []
    assert held(street) == {street.payers[0]: DepositState.HELD}


def test_an_estate_that_is_divided_is_billed_and_settled_as_anybody_who_leaves(
    street: Street,
) -> None:
    deposit(street, 900_000)
    dead, heir = street.payers[0], street.town.person()
    customers.record_death(
        actor=CLERK, at=NOW, customer_id=dead, died_on=date(2026, 7, 6), source="certificate 3"
    )
    supply.open_estate(actor=CLERK, at=NOW, account_id=street.accounts[0])

    done = pass_title(street, heir)

    assert done is not None
    [final] = [bill for bill in queries.bills(street.accounts[0]) if bill.month == JULY]
    assert (final.customer_id, final.period.start, final.period.end) == (
        dead, date(2026, 7, 1), LEAVES,
    )  # fmt: skip
    assert used(street) == {(1, "electricity"): 1_500 * KWH, (1, "water"): 15 * CUBIC}
    [due] = deposits_queries.refunds_due()
    assert (due.customer_id, due.refund) == (dead, done.settled.refund)
    assert liable(street) == heir
    assert ledger.recompute().balanced


def test_a_guarantee_of_the_leaver_is_called_for_what_is_left(street: Street) -> None:
    bank = NewDeposit(
        street.accounts[0], uuid4(), street.payers[0], DepositKind.GUARANTEE, Money(500_000),
        date(2026, 6, 1), issuer="NBK", reference="LG-7", expires_on=date(2027, 6, 1),
    )  # fmt: skip
    deposits.take(actor=CLERK, at=NOW, deposit=bank)

    done = hand_over(street, street.town.person())

    owed = sum(claim.open.fils for claim in claims.open_claims(street.accounts[0]))
    assert done is not None
    assert held(street) == {street.payers[0]: DepositState.CALLED}
    assert done.settled.called == done.settled.left == Money(owed)


@pytest.mark.parametrize("number", [2, 9, 31])
def test_whatever_the_day_each_billed_day_names_who_was_liable_and_nothing_is_lost(
    street: Street, number: int
) -> None:
    hand_over(
        street, street.town.person(), at=AUGUST, on_day=date(2026, 7, number),
        reads=final_reads(street, 4_000 + 100 * (number - 1), 130 + number - 1),
    )  # fmt: skip
    read(street, date(2026, 8, 1), 7_100, 161)

    bill_month(JULY, AUGUST)

    quantities = used(street)
    assert quantities[1, "electricity"] == 100 * (number - 1) * KWH
    assert quantities[1, "electricity"] + quantities[0, "electricity"] == 3_100 * KWH
    assert quantities[1, "water"] + quantities[0, "water"] == 31 * CUBIC
    assert sum(bill.period.days for bill in july(street)) == 31
    agree(street)
