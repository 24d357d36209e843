"""Roles beside liability, each with its days: payer, occupant, proxy, heirs of an estate."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import jobs, operations, queries
from tahseel.registry.supply.models import Liability, Party
from tahseel.registry.supply.values import Capacity, Heir, Role


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def day(town, n):
    return town.opened + timedelta(days=n)


def account_of(town, payer, capacity=Capacity.OWNER):
    (unit,) = town.units(1)
    return operations.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=payer, capacity=capacity,
    )  # fmt: skip


def dead(town, customer_id, died_on):
    customers.record_death(**by(town), customer_id=customer_id, died_on=died_on, source="feed")


def roles_on(account, on):
    spans = queries.parties(account_ids=[account.id])[account.id]
    return {(span.role, span.customer_id) for span in spans if on in span}


def test_an_account_has_owner_tenant_payer_and_beneficiary_each_with_its_own_days(town):
    owner, tenant, employer, ministry, cousin = town.people(5)
    account = account_of(town, owner)
    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=tenant, on_day=day(town, 10),
        capacity=Capacity.TENANT, agreement="LEASE-7",
    )  # fmt: skip
    given = {**by(town), "account_id": account.id, "from_day": day(town, 12)}
    operations.name_party(
        **given, customer_id=employer, role=Role.PAYER, until_day=day(town, 20), agreement="HR-1"
    )
    operations.name_party(**given, customer_id=ministry, role=Role.BENEFICIARY)
    operations.name_party(**given, customer_id=cousin, role=Role.OCCUPANT)

    assert roles_on(account, day(town, 9)) == {(Role.OWNER, owner)}
    assert roles_on(account, day(town, 15)) == {
        (Role.OWNER, owner), (Role.TENANT, tenant), (Role.PAYER, employer),
        (Role.BENEFICIARY, ministry), (Role.OCCUPANT, cousin),
    }  # fmt: skip
    assert (Role.PAYER, employer) not in roles_on(account, day(town, 20))
    assert queries.liable_customer(account_id=account.id, day=day(town, 15)) == tenant


def test_an_occupant_who_is_not_the_debtor_owes_nothing(town):
    owner, occupant = town.people(2)
    account = account_of(town, owner)

    operations.name_party(
        **by(town), account_id=account.id, customer_id=occupant, role=Role.OCCUPANT,
        from_day=town.opened,
    )  # fmt: skip

    assert queries.accounts_ever_of(customer_id=occupant) == []
    assert queries.payers(account_ids=[account.id], day=town.opened) == {account.id: owner}


def test_a_second_payer_role_on_the_same_days_is_refused_and_nothing_changes(town, leaves):
    owner, first, second = town.people(3)
    account = account_of(town, owner)
    given = {
        **by(town), "account_id": account.id, "role": Role.PAYER, "from_day": day(town, 3),
        "until_day": day(town, 9),
    }  # fmt: skip
    operations.name_party(**given, customer_id=first)
    before = list(Party.objects.order_by("id").values())

    with pytest.raises(operations.PartyOverlap):
        operations.name_party(**{**given, "from_day": day(town, 8)}, customer_id=second)

    assert list(Party.objects.order_by("id").values()) == before
    assert leaves()[-1]["facts"]["code"] == "party_overlap"


def test_a_proxy_acts_while_the_power_of_attorney_lasts_and_no_longer_once_revoked(town):
    owner, proxy = town.people(2)
    account = account_of(town, owner)
    operations.authorise_proxy(
        **by(town), account_id=account.id, customer_id=proxy, principal_id=owner,
        document=" POA 2025/118 ", from_day=day(town, 1), until_day=day(town, 300),
    )  # fmt: skip
    (known,) = queries.proxies(account_id=account.id, day=day(town, 299))

    operations.end_party(
        **by(town), account_id=account.id, party_id=known.id, on_day=day(town, 100),
        reason="revoked by the principal",
    )  # fmt: skip

    assert (known.customer_id, known.principal_id, known.agreement) == (
        proxy, owner, "POA 2025/118",
    )  # fmt: skip
    held = [bool(queries.proxies(account_id=account.id, day=day(town, n))) for n in (0, 1, 99, 100)]
    assert held == [False, True, True, False]
    with pytest.raises(operations.PartyNotOpen):
        operations.end_party(
            **by(town), account_id=account.id, party_id=known.id, on_day=day(town, 100)
        )


def test_a_proxy_needs_a_document_a_term_and_a_principal_with_a_part(town):
    owner, proxy, stranger = town.people(3)
    account = account_of(town, owner)
    sound = {
        **by(town), "account_id": account.id, "customer_id": proxy, "principal_id": owner,
        "document": "POA 1", "from_day": day(town, 1), "until_day": day(town, 9),
    }  # fmt: skip
    wrong = [
        ({"document": "  "}, operations.ProxyUndocumented),
        ({"until_day": day(town, 1)}, operations.ProxyUndocumented),
        ({"principal_id": proxy}, operations.ProxyUndocumented),
        ({"principal_id": stranger}, operations.PrincipalHasNoPart),
        ({"from_day": day(town, -1)}, operations.PrincipalHasNoPart),
    ]

    for change, family in wrong:
        with pytest.raises(family):
            operations.authorise_proxy(**{**sound, **change})
    with pytest.raises(operations.RoleNeedsMore):
        operations.name_party(
            **by(town), account_id=account.id, customer_id=proxy, role=Role.PROXY,
            from_day=town.opened,
        )  # fmt: skip

    assert not Party.objects.filter(role=Role.PROXY).exists()


def test_after_a_death_the_estate_is_liable_and_the_heirs_have_their_shares(town):
    father, widow, son, daughter = town.people(4)
    account = account_of(town, father)
    dead(town, father, date(2025, 6, 1))

    done = jobs.OPEN_ESTATES.run(town.at, town.at.date())
    operations.record_heirs(
        **by(town), account_id=account.id, deceased_id=father, deed="HR-2025/44",
        from_day=date(2025, 7, 1), whole=24,
        heirs=[Heir(widow, 3), Heir(son, 14), Heir(daughter, 7)],
    )  # fmt: skip

    assert done == {"estates": 1}
    estate = queries.liability_on(account_id=account.id, day=date(2025, 6, 1))
    assert (estate.customer_id, estate.capacity) == (father, Capacity.ESTATE)
    before = queries.liability_on(account_id=account.id, day=date(2025, 5, 31))
    assert (before.customer_id, before.capacity) == (father, Capacity.OWNER)
    shares = {
        span.customer_id: span.share
        for span in queries.parties(account_ids=[account.id])[account.id]
        if span.role is Role.HEIR
    }
    assert shares == {widow: (3, 24), son: (14, 24), daughter: (7, 24)}
    assert jobs.OPEN_ESTATES.run(town.at, town.at.date()) == {"estates": 0}


def test_an_estate_is_handed_to_an_heir_and_the_heirs_roles_end(town):
    father, son = town.people(2)
    account = account_of(town, father)
    dead(town, father, date(2025, 6, 1))
    operations.open_estate(**by(town), account_id=account.id)
    operations.record_heirs(
        **by(town), account_id=account.id, deceased_id=father, deed="HR-1",
        from_day=date(2025, 6, 20), heirs=[Heir(son, 1)], whole=1,
    )  # fmt: skip

    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=son, on_day=date(2025, 8, 1),
        capacity=Capacity.OWNER, agreement="TITLE-9",
    )  # fmt: skip

    payers = [
        queries.liable_customer(account_id=account.id, day=on)
        for on in (date(2025, 7, 31), date(2025, 8, 1))
    ]
    assert payers == [father, son]
    (heir,) = [s for s in queries.parties(account_ids=[account.id])[account.id] if s.share]
    assert heir.until_day == date(2025, 8, 1)


def test_a_death_that_is_known_late_counts_from_the_last_change(town):
    seller, buyer = town.people(2)
    account = account_of(town, seller)
    operations.transfer(
        **by(town), account_id=account.id, to_customer_id=buyer, on_day=date(2025, 6, 10),
        capacity=Capacity.OWNER,
    )  # fmt: skip
    dead(town, buyer, date(2025, 6, 1))

    since = operations.open_estate(**by(town), account_id=account.id)

    assert since == date(2025, 6, 10)
    assert queries.liable_customer(account_id=account.id, day=date(2025, 6, 9)) == seller
    last = queries.liability_on(account_id=account.id, day=date(2025, 6, 10))
    assert (last.customer_id, last.capacity) == (buyer, Capacity.ESTATE)


def test_estates_and_heirs_are_refused_where_nobody_died_or_shares_do_not_fit(town):
    father, son, other = town.people(3)
    account = account_of(town, father)
    deed = {
        **by(town), "account_id": account.id, "deceased_id": father, "deed": "HR-1",
        "from_day": date(2025, 7, 1), "heirs": [Heir(son, 1)], "whole": 1,
    }  # fmt: skip
    attempts = [
        (lambda: operations.open_estate(**by(town), account_id=account.id), operations.StillAlive),
        (lambda: operations.record_heirs(**deed), operations.EstateUnknown),
    ]
    for attempt, family in attempts:
        with pytest.raises(family):
            attempt()
    dead(town, father, date(2025, 6, 1))
    operations.open_estate(**by(town), account_id=account.id)
    wrong_shares = [
        {"whole": 2}, {"heirs": [Heir(son, 2), Heir(son, -1)]}, {"heirs": [], "whole": 0},
    ]  # fmt: skip

    for change in wrong_shares:
        with pytest.raises(operations.HeirSharesWrong):
            operations.record_heirs(**{**deed, **change})
    with pytest.raises(operations.EstateUnknown):
        operations.record_heirs(**{**deed, "deceased_id": other})
    with pytest.raises(Refusal):
        operations.record_heirs(**{**deed, "heirs": [Heir(father, 1)]})

    assert not Party.objects.filter(role=Role.HEIR).exists()


def test_the_database_itself_refuses_roles_without_their_documents(town):
    owner, other = town.people(2)
    account = account_of(town, owner)
    row = {
        "account_id": account.id, "customer_id": other, "from_day": town.opened,
        "until_day": day(town, 9), "agreement": "X 1",
    }  # fmt: skip
    wrong = [
        {**row, "role": "proxy"},
        {**row, "role": "proxy", "principal_id": owner, "until_day": None},
        {**row, "role": "proxy", "principal_id": owner, "agreement": ""},
        {**row, "role": "heir", "principal_id": owner},
        {**row, "role": "heir", "principal_id": owner, "share_parts": 3, "share_whole": 2},
        {**row, "role": "owner", "principal_id": owner},
        {**row, "role": "owner", "share_parts": 1, "share_whole": 2},
        {**row, "role": "lodger"},
    ]

    for facts in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Party.objects.create(id=town.make_id(town.at), **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Liability.objects.filter(account_id=account.id).update(customer=None, capacity="vacant")

    assert Party.objects.count() == 1
    assert Liability.objects.get().vacancy is None
