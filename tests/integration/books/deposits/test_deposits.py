"""A deposit from move-in to the bank: taken, netted, owed back, paid; guarantees beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import NewClaim
from tahseel.books.deposits import operations, queries
from tahseel.books.deposits.values import DepositKind, DepositState, NewDeposit, Settled
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.ledger.values import RECEIVABLE, Entry
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, Vacancy

THEN = datetime(2025, 4, 1, 9, tzinfo=UTC)  # the day on which the accounts of the town begin


def by(town, *roles, at=None):
    actor = replace(town.clerk, roles=frozenset(roles)) if roles else town.clerk
    return {"actor": actor, "at": at or town.at}


def empty_flat(town, kind=UnitKind.FLAT):
    (unit,) = town.units(1, kind=kind)
    return supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        vacancy=Vacancy.NOT_OCCUPIED,
    )  # fmt: skip


def money(account, customer, fils=125_000, on=date(2025, 4, 1), **facts):
    kept = {
        "account_id": account.id, "id": uuid4(), "customer_id": customer,
        "kind": DepositKind.CASH, "amount": Money(fils), "taken_on": on, "tender": "cash",
    }  # fmt: skip
    return NewDeposit(**{**kept, **facts})


def guarantee(account, customer, fils, expires_on=date(2027, 1, 1), **facts):
    return money(
        account, customer, fils, kind=DepositKind.GUARANTEE, tender="", issuer="NBK",
        reference="LG-77", expires_on=expires_on, **facts,
    )  # fmt: skip


def tenant_with(town, fils=125_000):
    account, tenant = empty_flat(town), town.person()
    operations.admit(
        **by(town), account_id=account.id, customer_id=tenant, from_day=town.opened,
        agreement="LEASE-1", deposit=money(account, tenant, fils),
    )  # fmt: skip
    return account, tenant


def owe(town, account, customer, fils, n=1, *, disputed=0):
    made = uuid4()
    opened = town.opened + timedelta(days=30 * n)
    claims.open_claims(
        **by(town),
        claims=[
            NewClaim(
                account.id, made, f"{account.number}-{n}-{made.hex[:6]}", "bill", opened,
                opened + timedelta(days=15), Money(fils), customer,
            )
        ],
    )  # fmt: skip
    entry = Entry(
        derived_id(made, "e"), account.id, RECEIVABLE, "revenue.electricity", Money(fils),
        opened, "bill", made,
    )  # fmt: skip
    ledger.post(**by(town), entries=[entry])
    if disputed:
        claims.dispute(**by(town), account_id=account.id, claim_id=made, amount=Money(disputed))
    return made


def settle(town, account, customer):
    return operations.settle(
        **by(town), account_id=account.id, customer_id=customer, on_day=date(2026, 2, 1)
    )


def on_books(code):
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(case when credit = %(c)s then amount else -amount end), 0)::int8"
            " from ledger_entry where %(c)s in (debit, credit)",
            {"c": code},
        )
        return cursor.fetchone()[0]


def announced():
    with connection.cursor() as cursor:
        cursor.execute("select name from kernel_outbox where name like 'deposits:%' order by name")
        return [row[0] for row in cursor.fetchall()]


def test_a_tenant_of_a_flat_leaves_125_dinars_which_are_a_liability_on_the_ledger(town):
    account, tenant = tenant_with(town)

    (held,) = queries.deposits(account_ids=[account.id])[account.id]

    assert (held.customer_id, held.amount, held.state) == (
        tenant, Money(125_000), DepositState.HELD,
    )  # fmt: skip
    assert on_books("deposit") == 125_000
    assert on_books("cash") == -125_000
    assert supply_queries.liable_customer(account_id=account.id, day=town.opened) == tenant
    assert announced() == ["deposits:deposit:taken"]


def test_less_than_is_wanted_is_refused_and_nobody_moves_in(town):
    account, tenant = empty_flat(town), town.person()
    given = {
        **by(town), "account_id": account.id, "customer_id": tenant, "from_day": town.opened,
    }  # fmt: skip

    for deposit in (None, money(account, tenant, 124_999)):
        with pytest.raises(operations.DepositMissing) as refusal:
            operations.admit(**given, deposit=deposit)
        assert refusal.value.facts["wanted"] == "125.000"
    with pytest.raises(NotAllowed):
        operations.admit(**given, waiver="a friend")

    assert supply_queries.liable_customer(account_id=account.id, day=town.opened) is None
    assert (on_books("deposit"), announced()) == (0, [])


def test_the_head_of_an_office_may_waive_it_and_an_owner_leaves_none(town):
    first, second, tenant, owner = empty_flat(town), empty_flat(town), *town.people(2)

    operations.admit(
        **by(town, "office_head"), account_id=first.id, customer_id=tenant,
        from_day=town.opened, waiver="widow of an employee, order 7",
    )  # fmt: skip
    operations.admit(
        **by(town), account_id=second.id, customer_id=owner, from_day=town.opened,
        capacity=Capacity.OWNER,
    )  # fmt: skip

    assert supply_queries.payers(account_ids=[first.id, second.id], day=town.opened) == {
        first.id: tenant, second.id: owner,
    }  # fmt: skip


def test_a_guarantee_counts_as_a_deposit_until_the_day_it_expires_and_moves_no_money(town):
    account, tenant = empty_flat(town, UnitKind.SHOP), town.person()
    operations.admit(
        **by(town, at=THEN), account_id=account.id, customer_id=tenant, from_day=town.opened,
        deposit=guarantee(account, tenant, 250_000, expires_on=date(2026, 1, 1)),
    )  # fmt: skip

    covers = [
        queries.cover(account_ids=[account.id], day=day)[account.id]
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    ]

    assert covers == [Money(250_000), ZERO]
    assert on_books("deposit") == 0


@pytest.mark.parametrize(
    ("expires_on", "from_day"),
    [
        (date(2026, 3, 1), date(2025, 4, 1)),  # the last day was yesterday
        (date(2026, 6, 1), date(2026, 6, 1)),  # it ends before he moves in
    ],
)
def test_a_guarantee_that_has_ended_by_the_move_in_secures_nothing(town, expires_on, from_day):
    account, tenant = empty_flat(town, UnitKind.SHOP), town.person()
    ended = guarantee(account, tenant, 250_000, expires_on=expires_on)
    given = {
        **by(town, "office_head"), "account_id": account.id, "customer_id": tenant,
        "from_day": from_day, "deposit": ended,
    }  # fmt: skip

    for waiver in ("", "the head of the office says so"):
        with pytest.raises(operations.GuaranteeExpired):
            operations.admit(**given, waiver=waiver)

    assert queries.deposits(account_ids=[account.id]) == {}
    assert supply_queries.liable_customer(account_id=account.id, day=from_day) is None
    assert announced() == []


def test_an_expired_guarantee_is_not_taken_beside_what_is_held(town):
    account, tenant = tenant_with(town)
    ended = guarantee(account, tenant, 250_000, expires_on=date(2026, 3, 1))
    last = replace(ended, id=uuid4(), expires_on=date(2026, 3, 2))

    with pytest.raises(operations.GuaranteeExpired):
        operations.take(**by(town), deposit=ended)

    assert operations.take(**by(town), deposit=last) is True
    later = town.at + timedelta(days=9)
    assert operations.take(**by(town, at=later), deposit=last) is False


def test_a_deposit_meets_its_owners_debts_the_oldest_first_and_the_rest_is_owed_back(town):
    account, tenant = tenant_with(town)
    owe(town, account, tenant, 20_000, 1)
    owe(town, account, tenant, 30_500, 2)

    outcome = settle(town, account, tenant)

    assert outcome == Settled(netted=Money(50_500), refund=Money(74_500))
    assert claims_queries.open_claims(account.id) == []
    assert ledger_queries.balance(account.id).receivable == ZERO
    assert (on_books("deposit"), on_books("refund")) == (0, 74_500)
    (done,) = queries.refunds_due()
    assert (done.netted, done.refund, done.state) == (
        Money(50_500), Money(74_500), DepositState.REFUND_DUE,
    )  # fmt: skip
    assert ledger_queries.recompute().balanced
    assert claims_queries.recompute().faults == ()


def test_a_debt_larger_than_the_deposit_stays_open_and_a_guarantee_is_called(town):
    account, tenant = tenant_with(town)
    operations.take(**by(town), deposit=guarantee(account, tenant, 100_000))
    owe(town, account, tenant, 200_000)

    outcome = settle(town, account, tenant)

    assert outcome == Settled(netted=Money(125_000), left=Money(75_000), called=Money(75_000))
    assert [claim.open for claim in claims_queries.open_claims(account.id)] == [Money(75_000)]
    states = [one.state for one in queries.deposits(account_ids=[account.id])[account.id]]
    assert sorted(states) == [DepositState.CALLED, DepositState.SETTLED]


def test_nobody_elses_debt_and_no_disputed_part_is_met(town):
    account, tenant = tenant_with(town)
    before = town.person()
    owe(town, account, before, 40_000, 1)
    owe(town, account, tenant, 30_000, 2, disputed=10_000)

    outcome = settle(town, account, tenant)

    assert outcome == Settled(netted=Money(20_000), refund=Money(105_000))
    still = {claim.customer_id: claim.open for claim in claims_queries.open_claims(account.id)}
    assert still == {before: Money(40_000), tenant: Money(10_000)}


def test_settling_twice_changes_nothing_the_second_time(town):
    account, tenant = tenant_with(town)
    owe(town, account, tenant, 5_000)
    settle(town, account, tenant)

    again = settle(town, account, tenant)

    assert again == Settled()
    assert on_books("refund") == 120_000


def test_the_same_deposit_twice_is_booked_once_and_another_under_its_id_is_refused(town):
    account, tenant = empty_flat(town), town.person()
    deposit = money(account, tenant)

    fresh = [operations.take(**by(town), deposit=deposit) for _ in range(2)]
    with pytest.raises(operations.DepositDiffers):
        operations.take(**by(town), deposit=replace(deposit, amount=Money(1)))

    assert fresh == [True, False]
    assert on_books("deposit") == 125_000


def test_an_incomplete_deposit_is_refused_and_a_stranger_to_the_counter_is_denied(town):
    account, tenant = empty_flat(town), town.person()
    wrong = [
        money(account, tenant, 0),
        money(account, tenant, issuer="NBK"),
        replace(guarantee(account, tenant, 1_000), reference=" "),
        replace(guarantee(account, tenant, 1_000), expires_on=date(2025, 4, 1)),
    ]

    for deposit in wrong:
        with pytest.raises(operations.DepositRefused):
            operations.take(**by(town), deposit=deposit)
    with pytest.raises(NotAllowed):
        operations.take(**by(town, "auditor"), deposit=money(account, tenant))

    assert queries.deposits(account_ids=[account.id]) == {}
    assert (on_books("deposit"), announced()) == (0, [])


amounts = st.lists(st.integers(1, 300_000), max_size=4)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deposits=amounts, debts=amounts, guarantees=amounts)
def test_no_fils_is_made_or_lost_by_a_settlement(town, deposits, debts, guarantees):
    account, tenant = empty_flat(town), town.person()
    books = {code: on_books(code) for code in ("deposit", "refund")}
    for n, fils in enumerate(deposits):
        operations.take(**by(town), deposit=money(account, tenant, fils, reference=str(n)))
    for fils in guarantees:
        operations.take(**by(town), deposit=guarantee(account, tenant, fils))
    for n, fils in enumerate(debts):
        owe(town, account, tenant, fils, n)

    outcome = settle(town, account, tenant)

    have, debt = sum(deposits), sum(debts)
    met = min(have, debt)
    assert (outcome.netted.fils, outcome.refund.fils) == (met, have - met)
    assert outcome.left.fils == debt - met
    assert outcome.called.fils == min(debt - met, sum(guarantees))
    assert on_books("deposit") - books["deposit"] == 0
    assert on_books("refund") - books["refund"] == have - met
    left = sum(claim.open.fils for claim in claims_queries.open_claims(account.id))
    assert left == debt - met == ledger_queries.balance(account.id).receivable.fils


def test_what_was_deposited_cannot_be_changed_by_the_application(town):
    account, _ = tenant_with(town)

    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("update deposits_deposit set amount = 1")

    assert isinstance(account.id, UUID)
