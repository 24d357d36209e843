"""Who is liable for a day: one answer, whatever sequence of moves led there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import operations, queries, rules
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.values import (
    Capacity,
    NewAccount,
    NewLiability,
    Role,
    Vacancy,
)

HORIZON = 40


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def day(town, n):
    return town.opened + timedelta(days=n)


def open_vacant(town, **facts):
    (unit,) = town.units(1)
    return operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        vacancy=Vacancy.NOT_OCCUPIED, **facts,
    )  # fmt: skip


def test_an_account_number_is_text_with_a_check_digit(town):
    account = open_vacant(town)

    assert rules.check_account_number(account.number) == account.number
    assert queries.account_ref(number=account.number) == account


def test_move_in_and_move_out_leave_no_day_without_an_answer(town):
    account = open_vacant(town)
    tenant = town.person()

    operations.move_in(
        **by(town), account_id=account.id, customer_id=tenant, from_day=day(town, 10)
    )
    operations.move_out(**by(town), account_id=account.id, on_day=day(town, 20))

    answers = [
        queries.liable_customer(account_id=account.id, day=day(town, n)) for n in (9, 10, 19, 20)
    ]
    assert answers == [None, tenant, tenant, None]
    empty = queries.liability_on(account_id=account.id, day=day(town, 20))
    assert (empty.capacity, empty.vacancy) == (Capacity.VACANT, Vacancy.NOT_OCCUPIED)
    (tenancy,) = queries.parties(account_ids=[account.id])[account.id]
    assert (tenancy.role, tenancy.from_day, tenancy.until_day) == (
        Role.TENANT, day(town, 10), day(town, 20),
    )  # fmt: skip


def test_a_second_payer_on_the_same_days_is_refused_with_the_facts_and_nothing_changes(
    town, leaves
):
    account = open_vacant(town)
    first, second = town.people(2)
    operations.move_in(**by(town), account_id=account.id, customer_id=first, from_day=day(town, 5))
    before = list(Liability.objects.order_by("from_day").values())

    with pytest.raises(operations.SecondPayer) as refusal:
        operations.move_in(
            **by(town), account_id=account.id, customer_id=second, from_day=day(town, 8)
        )

    assert refusal.value.facts["from_day"] == day(town, 5).isoformat()
    assert list(Liability.objects.order_by("from_day").values()) == before
    last = leaves()[-1]
    assert (last["outcome"], last["facts"]["code"]) == ("refused", "second_payer")


def test_a_move_in_before_the_last_change_is_refused(town):
    account = open_vacant(town)
    first, second = town.people(2)
    operations.move_in(**by(town), account_id=account.id, customer_id=first, from_day=day(town, 5))
    operations.move_out(**by(town), account_id=account.id, on_day=day(town, 15))

    with pytest.raises(operations.LiabilityOverlap):
        operations.move_in(
            **by(town), account_id=account.id, customer_id=second, from_day=day(town, 14)
        )

    assert queries.payers(account_ids=[account.id], day=day(town, 14)) == {account.id: first}


def test_supply_falls_back_to_the_landlord_who_agreed_and_a_tenant_takes_it_from_him(town):
    account = open_vacant(town)
    owner, tenant, next_tenant = town.people(3)
    operations.name_party(
        **by(town), account_id=account.id, customer_id=owner, role=Role.OWNER,
        from_day=town.opened, takes_back=True,
    )  # fmt: skip
    for who, start in ((tenant, 3), (next_tenant, 10)):
        operations.move_in(
            **by(town), account_id=account.id, customer_id=who, from_day=day(town, start)
        )
        operations.move_out(**by(town), account_id=account.id, on_day=day(town, start + 5))

    payers = [
        queries.liable_customer(account_id=account.id, day=day(town, n)) for n in (3, 8, 10, 15)
    ]
    assert payers == [tenant, owner, next_tenant, owner]
    assert queries.liability_on(account_id=account.id, day=day(town, 8)).capacity == "landlord"


def test_a_transfer_leaves_no_day_between(town):
    account = open_vacant(town)
    seller, buyer = town.people(2)
    operations.move_in(
        **by(town), account_id=account.id, customer_id=seller, from_day=town.opened,
        capacity=Capacity.OWNER,
    )  # fmt: skip

    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=buyer, on_day=day(town, 30),
        capacity=Capacity.OWNER,
    )  # fmt: skip

    assert queries.liable_customer(account_id=account.id, day=day(town, 29)) == seller
    assert queries.liable_customer(account_id=account.id, day=day(town, 30)) == buyer
    assert queries.liable_customer(account_id=account.id, day=town.opened) == seller


def test_the_dead_take_on_no_liability(town):
    account = open_vacant(town)
    person = town.person()
    customers.record_death(**by(town), customer_id=person, died_on=date(2025, 5, 1), source="feed")

    with pytest.raises(operations.DeadCustomer):
        operations.move_in(
            **by(town), account_id=account.id, customer_id=person, from_day=date(2025, 5, 1)
        )

    assert queries.accounts_ever_of(customer_id=person) == []


def test_a_unit_has_one_open_account_and_is_free_again_once_it_is_closed(town):
    account = open_vacant(town)
    again = {
        "id": town.make_id(town.at), "unit_id": account.unit_id,
        "vacancy": Vacancy.UNDER_CONSTRUCTION,
    }  # fmt: skip

    with pytest.raises(operations.UnitTaken):
        operations.open_account(**by(town), opened_on=day(town, 9), **again)
    operations.close_account(**by(town), account_id=account.id, closed_on=day(town, 9))
    second = operations.open_account(**by(town), opened_on=day(town, 9), **again)

    assert queries.liability_on(account_id=account.id, day=day(town, 9)) is None
    assert queries.liability_on(account_id=second.id, day=day(town, 9)) is not None
    with pytest.raises(operations.AccountClosed):
        operations.move_out(**by(town), account_id=account.id, on_day=day(town, 10))


def test_an_account_needs_a_payer_or_a_reason_and_a_sound_number(town):
    (unit,) = town.units(1)
    given = {"id": town.make_id(town.at), "unit_id": unit.id, "opened_on": town.opened}

    with pytest.raises(operations.AccountRefused):
        operations.open_account(**by(town), **given)
    with pytest.raises(operations.AccountNumberInvalid):
        operations.open_account(
            **by(town), **given, vacancy=Vacancy.OWNER_UNKNOWN, number="1000000010"
        )

    assert not Account.objects.exists()


def test_a_second_tenant_on_the_same_days_is_refused(town):
    account = open_vacant(town)
    first, second = town.people(2)
    given = {**by(town), "account_id": account.id, "role": Role.TENANT, "from_day": town.opened}
    operations.name_party(**given, customer_id=first)

    with pytest.raises(operations.PartyOverlap):
        operations.name_party(**given, customer_id=second)

    assert Party.objects.count() == 1


def test_the_database_itself_refuses_overlap_gap_and_an_unexplained_vacancy(town):
    account = open_vacant(town)
    person = town.person()
    row = {"account_id": account.id, "customer_id": person, "capacity": "tenant"}
    wrong = [
        {**row, "from_day": day(town, 5), "previous_until": day(town, 5)},
        {**row, "from_day": day(town, 5)},
        {**row, "from_day": day(town, 5), "previous_until": day(town, 4)},
        {**row, "customer_id": None, "capacity": "vacant", "from_day": day(town, 5)},
    ]
    Liability.objects.update(until_day=day(town, 3))

    for facts in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Liability.objects.create(id=town.make_id(town.at), **facts)

    assert Liability.objects.count() == 1


moves = st.lists(
    st.tuples(
        st.sampled_from(["move_in", "move_out", "transfer", "close"]),
        st.integers(0, 3),
        st.integers(-1, HORIZON),
    ),
    max_size=14,
)


def attempt(town, account_id, move, person, on):
    """One move; False when the rules said no."""
    given = {**by(town), "account_id": account_id}
    try:
        if move == "move_in":
            operations.move_in(**given, customer_id=person, from_day=on)
        elif move == "move_out":
            operations.move_out(**given, on_day=on)
        elif move == "transfer":
            operations.transfer(**given, to_customer_id=person, on_day=on, capacity=Capacity.TENANT)
        else:
            operations.close_account(**given, closed_on=on)
    except Refusal:
        return False
    return True


def foresee(expected, move, person, on):
    """The model: a plain table of days."""
    for later in [d for d in expected if d >= on]:
        if move == "close":
            del expected[later]
        else:
            expected[later] = None if move == "move_out" else person


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=moves)
def test_for_every_day_exactly_one_is_liable_or_the_vacancy_is_explained(town, steps):
    account = open_vacant(town)
    people = town.people(4)
    expected = {day(town, n): None for n in range(HORIZON + 2)}

    for move, who, n in steps:
        if attempt(town, account.id, move, people[who], day(town, n)):
            foresee(expected, move, people[who], day(town, n))

    spans = queries.liabilities(account_ids=[account.id])[account.id]
    end = max(expected) + timedelta(days=1)
    assert rules.uncovered_days(spans, town.opened, end) == []
    for on, payer in expected.items():
        span = rules.liable_on(spans, on)
        assert span.customer_id == payer
        assert (span.vacancy is None) == (payer is not None)
        assert queries.payers(account_ids=[account.id], day=on).get(account.id) == payer
    assert (
        rules.liable_on(spans, end) is None or Account.objects.get(pk=account.id).closed_on is None
    )


def test_many_accounts_with_their_histories_are_opened_with_one_leaf(town, leaves):
    units = town.units(3)
    first, second = town.people(2)
    accounts = [
        NewAccount(
            town.make_id(town.at),
            unit.id,
            town.opened,
            (
                NewLiability(
                    town.make_id(town.at), town.opened, None, Capacity.VACANT,
                    Vacancy.NOT_OCCUPIED,
                ),
                NewLiability(town.make_id(town.at), day(town, 5), first, Capacity.TENANT),
                NewLiability(town.make_id(town.at), day(town, 9), second, Capacity.TENANT),
            ),
        )
        for unit in units
    ]  # fmt: skip
    before = len(leaves())

    numbers = operations.open_many(**by(town, town.house), batch="three", accounts=accounts)

    assert list(numbers) == [account.id for account in accounts]
    assert sorted(numbers.values()) == list(numbers.values())
    assert queries.payers(account_ids=list(numbers), day=day(town, 6)) == dict.fromkeys(
        numbers, first
    )
    (leaf,) = leaves()[before:]
    assert (leaf["facts"]["count"], len(leaf["facts"]["digest"])) == (3, 64)


def test_a_batch_with_a_gap_is_refused_whole(town):
    good, bad = town.units(2)
    first = NewLiability(
        town.make_id(town.at), town.opened, None, Capacity.VACANT, Vacancy.NOT_OCCUPIED
    )
    late = NewLiability(
        town.make_id(town.at), day(town, 2), None, Capacity.VACANT, Vacancy.NOT_OCCUPIED
    )
    accounts = [
        NewAccount(town.make_id(town.at), good.id, town.opened, (first,)),
        NewAccount(town.make_id(town.at), bad.id, town.opened, (late,)),
    ]

    with pytest.raises(operations.AccountRefused):
        operations.open_many(**by(town, town.house), batch="gap", accounts=accounts)

    assert not Account.objects.exists()
