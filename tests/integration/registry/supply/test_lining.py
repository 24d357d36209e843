"""Accounts whose rows the database makes: as `open_many` makes them, and refused for the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.registry.supply.test_liability import by, day

from tahseel.kernel.bulk import Lines
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers.models import Customer
from tahseel.registry.supply import operations, rules
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability, NewParty, Role

NOBODY = "null"


def text(value):
    return NOBODY if value is None else f"'{value}'"


def opened(town, accounts):
    """Through statements, as a caller that holds the rows in the database would give them."""
    rows = [
        f"select '{a.id}'::uuid as id, {text(a.number)} as number, '{a.unit_id}'::uuid as unit_id,"
        f" '{a.opened_on}'::date as opened_on, {text(a.closed_on)}::date as closed_on"
        for a in accounts
    ]
    links = [
        f"select '{one.id}'::uuid as id, '{a.id}'::uuid as account_id,"
        f" {text(one.customer_id)}::uuid as customer_id, '{one.capacity}' as capacity,"
        f" {text(one.vacancy)} as vacancy, '{one.agreement}' as agreement,"
        f" '{one.from_day}'::date as from_day"
        for a in accounts
        for one in a.liabilities
    ]
    roles = [
        f"select '{p.id}'::uuid as id, '{a.id}'::uuid as account_id,"
        f" '{p.customer_id}'::uuid as customer_id, '{p.role}' as role,"
        f" '{p.from_day}'::date as from_day, {text(p.until_day)}::date as until_day,"
        f" '{p.agreement}' as agreement, {p.takes_back} as takes_back"
        for a in accounts
        for p in a.parties
    ]
    given = [Lines(" union all ".join(one)) for one in (rows, links, roles)]
    return operations.open_lines(
        **by(town, town.house), batch="lines",
        accounts=given[0], liabilities=given[1], parties=given[2],
    )  # fmt: skip


def lived_in(town):
    """An account with an owner, then a tenant, closed after twenty days."""
    owner, tenant = town.people(2)
    (unit,) = town.units(1)
    links = (
        NewLiability(town.make_id(town.at), town.opened, owner, Capacity.OWNER),
        NewLiability(town.make_id(town.at), day(town, 7), tenant, Capacity.TENANT, None, "lease"),
    )
    role = NewParty(town.make_id(town.at), owner, Role.OWNER, town.opened, takes_back=True)
    return NewAccount(
        town.make_id(town.at), unit.id, town.opened, links, (role,),
        rules.account_number(77), day(town, 20),
    )  # fmt: skip


def stored(account):
    """Every row of an account, without what tells two accounts of one story apart."""
    return [
        list(model.objects.filter(**by_account).order_by("from_day").values())
        for model, by_account in (
            (Liability, {"account_id": account.id}),
            (Party, {"account_id": account.id}),
        )
    ] + [list(Account.objects.filter(pk=account.id).values())]


def test_accounts_made_in_the_database_are_the_ones_that_opening_makes(town, leaves):
    from django.db import transaction

    account = lived_in(town)
    with transaction.atomic():
        operations.open_many(**by(town, town.house), batch="python", accounts=[account])
        expected = stored(account)
        transaction.set_rollback(True)

    count = opened(town, [account])

    assert count == 1
    assert stored(account) == expected
    facts = leaves()[-1]["facts"]
    assert (facts["count"], facts["liabilities"], facts["parties"]) == (1, 2, 1)
    assert len(facts["digest"]) == 64


def gap(account):
    first, *rest = account.liabilities
    late = replace(first, from_day=account.opened_on + timedelta(days=1))
    return replace(account, liabilities=(late, *rest))


def without_days(account):
    *_, last = account.liabilities
    return replace(account, closed_on=last.from_day)


def unexplained(account):
    first, *rest = account.liabilities
    return replace(account, liabilities=(replace(first, customer_id=None), *rest))


def misnumbered(account):
    return replace(account, number=account.number[:-1] + str((int(account.number[-1]) + 1) % 10))


@pytest.mark.parametrize("spoilt", [gap, without_days, unexplained, misnumbered])
def test_one_account_with_a_broken_history_is_refused_with_all_the_others(town, spoilt):
    good, bad = lived_in(town), spoilt(replace(lived_in(town), number=rules.account_number(78)))

    with pytest.raises(operations.AccountRefused):
        opened(town, [good, bad])

    assert not Account.objects.exists()
    assert not Liability.objects.exists()


def test_nobody_is_made_liable_under_a_record_that_was_merged(town):
    account = lived_in(town)
    gone = account.liabilities[1].customer_id
    stays = account.liabilities[0].customer_id
    Customer.objects.filter(pk=gone).update(merged_into=stays)

    with pytest.raises(Refusal) as refused:
        opened(town, [account])

    assert refused.value.code == "merged_record"
    assert not Account.objects.exists()
