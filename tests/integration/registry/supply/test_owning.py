"""Title, landlords' agreements, and debts that somebody else signs for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.registry.supply import operations, queries
from tahseel.registry.supply.models import Assumption, Liability, Party
from tahseel.registry.supply.values import Capacity, Role, Vacancy


def by(town, role="office_head"):
    return {"actor": replace(town.clerk, roles=frozenset({role})), "at": town.at}


def day(town, n):
    return town.opened + timedelta(days=n)


def account_of(town, payer, capacity=Capacity.OWNER):
    (unit,) = town.units(1)
    return operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=payer, capacity=capacity, vacancy=None if payer else Vacancy.NOT_OCCUPIED,
    )  # fmt: skip


def owner_of(town, account, customer, **facts):
    operations.name_party(
        **by(town), account_id=account.id, customer_id=customer, role=Role.OWNER,
        from_day=town.opened, **facts,
    )  # fmt: skip


def owners_on(account, on):
    spans = queries.parties(account_ids=[account.id]).get(account.id, [])
    return [(s.customer_id, s.takes_back) for s in spans if s.role is Role.OWNER and on in s]


def liable(account, on):
    span = queries.liability_on(account_id=account.id, day=on)
    return span.customer_id, span.capacity


def test_title_passes_with_its_deed_and_the_owner_who_was_liable_is_no_longer(town):
    seller, buyer = town.people(2)
    account = account_of(town, seller)

    operations.transfer_ownership(
        **by(town), account_id=account.id, to_customer_id=buyer, on_day=day(town, 30),
        deed="TITLE 5521",
    )  # fmt: skip

    assert liable(account, day(town, 29)) == (seller, Capacity.OWNER)
    assert liable(account, day(town, 30)) == (buyer, Capacity.OWNER)
    assert owners_on(account, day(town, 29)) == [(seller, False)]
    assert owners_on(account, day(town, 30)) == [(buyer, False)]


def test_a_tenant_stays_and_stays_liable_when_the_building_is_sold(town):
    seller, buyer, tenant = town.people(3)
    account = account_of(town, tenant, Capacity.TENANT)
    owner_of(town, account, seller, takes_back=True)

    operations.transfer_ownership(
        **by(town), account_id=account.id, to_customer_id=buyer, on_day=day(town, 30),
        deed="TITLE 1", takes_back=True,
    )  # fmt: skip
    operations.move_out(**by(town), account_id=account.id, on_day=day(town, 60))

    assert liable(account, day(town, 59)) == (tenant, Capacity.TENANT)
    assert liable(account, day(town, 60)) == (buyer, Capacity.LANDLORD)


def test_a_sale_without_a_deed_or_before_the_last_change_is_refused_and_changes_nothing(town):
    seller, buyer = town.people(2)
    account = account_of(town, seller)
    given = {**by(town), "account_id": account.id, "to_customer_id": buyer}
    before = list(Party.objects.values()), list(Liability.objects.values())

    with pytest.raises(operations.DeedMissing):
        operations.transfer_ownership(**given, on_day=day(town, 30), deed=" ")
    with pytest.raises(operations.PartyOverlap):
        operations.transfer_ownership(**given, on_day=day(town, -1), deed="TITLE 1")

    assert (list(Party.objects.values()), list(Liability.objects.values())) == before


def test_a_landlords_agreement_covers_many_units_and_takes_what_stands_vacant(town):
    landlord, tenant = town.people(2)
    let, empty = account_of(town, tenant, Capacity.TENANT), account_of(town, None)
    for account in (let, empty):
        owner_of(town, account, landlord)

    operations.agree_landlord(
        **by(town), account_ids=[let.id, empty.id], owner_id=landlord, agreement="LA-8",
        from_day=day(town, 5),
    )  # fmt: skip
    operations.move_out(**by(town), account_id=let.id, on_day=day(town, 40))

    assert liable(empty, day(town, 4)) == (None, Capacity.VACANT)
    assert liable(empty, day(town, 5)) == (landlord, Capacity.LANDLORD)
    assert liable(let, day(town, 39)) == (tenant, Capacity.TENANT)
    assert liable(let, day(town, 40)) == (landlord, Capacity.LANDLORD)


def test_an_agreement_with_one_unit_of_another_owner_is_refused_for_all(town):
    landlord, stranger = town.people(2)
    own, other = account_of(town, None), account_of(town, None)
    owner_of(town, own, landlord)
    owner_of(town, other, stranger)

    with pytest.raises(operations.NotTheOwner):
        operations.agree_landlord(
            **by(town), account_ids=[own.id, other.id], owner_id=landlord, agreement="LA-9",
            from_day=day(town, 5),
        )  # fmt: skip

    assert [liable(a, day(town, 9))[0] for a in (own, other)] == [None, None]
    assert owners_on(own, day(town, 9)) == [(landlord, False)]


def assume(town, role="office_head", **facts):
    operations.sign_assumption(
        **{
            **by(town, role), "id": town.make_id(town.at), "amount": Money(90_000),
            "document": "ASSUMPTION 3", "signed_on": day(town, 20), **facts,
        }
    )  # fmt: skip


def two_accounts(town):
    son, father = town.people(2)
    return account_of(town, son, Capacity.TENANT), son, account_of(town, father), father


def test_a_debt_may_move_only_by_a_paper_that_the_new_debtor_signed(town):
    flat, son, house, father = two_accounts(town)
    assume(
        town, from_account_id=flat.id, from_customer_id=son, to_account_id=house.id,
        to_customer_id=father,
    )  # fmt: skip

    (known,) = queries.assumptions(account_id=house.id)
    operations.withdraw_assumption(**by(town), id=known.id, reason="both agreed")

    assert (known.amount, known.document, known.from_customer_id) == (
        Money(90_000), "ASSUMPTION 3", son,
    )  # fmt: skip
    assert queries.assumptions(account_id=flat.id) == []
    with pytest.raises(operations.AssumptionUnknown):
        operations.withdraw_assumption(**by(town), id=known.id, reason="again")


def test_an_unsigned_or_groundless_assumption_is_refused_and_a_clerk_is_denied(town, leaves):
    flat, son, house, father = two_accounts(town)
    sound = {
        "from_account_id": flat.id, "from_customer_id": son, "to_account_id": house.id,
        "to_customer_id": father,
    }  # fmt: skip
    wrong = [
        ({"document": ""}, operations.AssumptionUnsigned),
        ({"amount": Money(0)}, operations.AssumptionUnsigned),
        ({"to_account_id": flat.id, "to_customer_id": son}, operations.AssumptionUnsigned),
        ({"from_customer_id": father}, operations.AssumptionWithoutDebtor),
        ({"to_customer_id": son}, operations.AssumptionWithoutDebtor),
        ({"signed_on": day(town, -1)}, operations.AssumptionWithoutDebtor),
    ]

    for change, family in wrong:
        with pytest.raises(family):
            assume(town, **{**sound, **change})
    with pytest.raises(NotAllowed):
        assume(town, "clerk", **sound)

    assert not Assumption.objects.exists()
    assert leaves()[-1]["outcome"] == "denied"
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox where name = 'supply:assumption:signed'")
        assert cursor.fetchone()[0] == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Assumption.objects.create(
            id=town.make_id(town.at), from_account_id=flat.id, from_customer_id=son,
            to_account_id=flat.id, to_customer_id=son, amount_fils=1, document="X",
            signed_on=day(town, 1), recorded_at=town.at, recorded_by="x",
        )  # fmt: skip
