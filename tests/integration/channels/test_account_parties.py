"""Roles, proxies, owners, estates and assumptions of debt, from the page of an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation
from tests.integration.channels.leaving import read_dials
from tests.integration.channels.world import CIVIL_ID, JOB, NEIGHBOUR_CIVIL_ID

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import DepositKind, DepositState, NewDeposit
from tahseel.channels.accounts.acts import ACTS
from tahseel.channels.accounts.acts.act import CustomerNotFound
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.customers import operations as customers
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import queries as premises_queries
from tahseel.registry.premises.values import NewUnit, Sector, UnitKind
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, PartySpan, Role, Vacancy

Leaves = Callable[..., list[dict[str, Any]]]


def page(world: Any, code: str = "") -> str:
    address = f"/desk/accounts/{world.number(world.resident)}/"
    return f"{address}acts/{code}/" if code else address


def day(world: Any, days: int = 0) -> str:
    return (world.today + timedelta(days=days)).isoformat()


def roles(world: Any, role: Role) -> list[PartySpan]:
    account_id = world.accounts[world.resident]
    spans = supply_queries.parties(account_ids=[account_id]).get(account_id, [])
    return [one for one in spans if one.role is role]


def payer(world: Any) -> dict[str, str]:
    return {
        "role": "payer", "who": NEIGHBOUR_CIVIL_ID, "from_day": day(world, -9), "until_day": "",
        "agreement": "HR-4",
    }  # fmt: skip


def test_a_payer_is_named_and_his_role_is_ended_from_its_row(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk")

    named = clerk.post(page(world, "role"), payer(world))
    (standing,) = roles(world, Role.PAYER)
    shown = clerk.get(page(world)).content.decode()
    form = clerk.get(f"{page(world, 'end-role')}?party={standing.id}").content.decode()
    ended = clerk.post(
        page(world, "end-role"),
        {"party": str(standing.id), "on_day": day(world), "reason": "left the company"},
    )

    assert (named.status_code, ended.status_code) == (302, 302)
    assert f"?party={standing.id}" in shown
    assert f'value="{standing.id}" selected' in form
    assert (standing.customer_id, standing.agreement) == (world.neighbour, "HR-4")
    (gone,) = roles(world, Role.PAYER)
    assert gone.until_day == world.today


def test_a_head_strikes_a_role_that_never_was_and_a_clerk_does_not(
    sign_in: Any, world: Any
) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    clerk.post(page(world, "role"), payer(world))
    (standing,) = roles(world, Role.PAYER)
    given = {"party": str(standing.id), "reason": "recorded twice"}

    denied = clerk.post(page(world, "strike-role"), given)
    empty = head.post(page(world, "strike-role"), {**given, "reason": " "})
    kept = roles(world, Role.PAYER)
    done = head.post(page(world, "strike-role"), given)

    assert [one.status_code for one in (denied, empty, done)] == [403, 422, 302]
    assert (kept, roles(world, Role.PAYER)) == ([standing], [])


def test_a_second_payer_on_the_same_days_is_refused_with_what_was_typed(
    sign_in: Any, world: Any
) -> None:
    clerk = sign_in("clerk")
    clerk.post(page(world, "role"), payer(world))

    again = clerk.post(page(world, "role"), {**payer(world), "who": CIVIL_ID})
    backwards = clerk.post(page(world, "role"), {**payer(world), "until_day": day(world, -30)})

    assert again.status_code == 409
    assert "HR-4" in again.content.decode()
    assert backwards.status_code == 422
    assert len(roles(world, Role.PAYER)) == 1


@pytest.mark.parametrize(
    "typed", ["Mona Haddad", "Mona Hadad", "منى حداد", "99887766", "290111500"]
)
def test_nobody_is_named_by_what_is_like_a_name_or_by_a_number_of_two(
    sign_in: Any, world: Any, typed: str
) -> None:
    answer = sign_in("clerk").post(page(world, "role"), {**payer(world), "who": typed})

    assert answer.status_code == 422
    assert CustomerNotFound.text_en in answer.content.decode()
    assert roles(world, Role.PAYER) == []


def test_whoever_may_not_act_is_denied_nothing_changes_and_a_leaf_tells(
    sign_in: Any, world: Any, leaves: Leaves
) -> None:
    auditor, clerk = sign_in("auditor"), sign_in("clerk")
    before = len(leaves("access.open_page"))

    read_only = auditor.post(page(world, "role"), payer(world))
    too_low = clerk.get(page(world, "assumption"))
    shown = auditor.get(page(world)).content.decode()

    assert (read_only.status_code, too_low.status_code) == (403, 403)
    assert roles(world, Role.PAYER) == []
    assert "acts/role/" not in shown
    denied = leaves("access.open_page")[before:]
    assert [one["outcome"] for one in denied] == ["denied", "denied"]
    assert clerk.get(page(world, "no-such-act")).status_code == 404


def test_a_proxy_is_authorised_by_his_document_until_its_end(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk")
    given = {
        "principal": str(world.resident), "who": NEIGHBOUR_CIVIL_ID, "document": "POA 118",
        "from_day": day(world, -1), "until_day": day(world, 300),
    }  # fmt: skip

    endless = clerk.post(page(world, "proxy"), {**given, "until_day": ""})
    stranger = clerk.post(page(world, "proxy"), {**given, "principal": str(new_id(world.now))})
    done = clerk.post(page(world, "proxy"), given)

    assert [one.status_code for one in (endless, stranger, done)] == [422, 422, 302]
    (proxy,) = roles(world, Role.PROXY)
    assert (proxy.principal_id, proxy.agreement) == (world.resident, "POA 118")


def neighbour_of(world: Any) -> NewUnit:
    """A new flat in the building of the resident."""
    account_id = world.accounts[world.resident]
    ref = supply_queries.accounts(account_ids=[account_id])[account_id]
    like = premises_queries.units(unit_ids=[ref.unit_id])[ref.unit_id]
    unit = NewUnit(
        id=new_id(world.now), premises_id=like.premises_id, kind=UnitKind.FLAT,
        sector=Sector.INVESTMENT, from_day=world.today - timedelta(days=100), number="77",
    )  # fmt: skip
    premises.add_unit(actor=JOB, at=world.now, unit=unit)
    return unit


def own(world: Any) -> None:
    supply.name_party(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident],
        customer_id=world.resident, role=Role.OWNER, from_day=world.today - timedelta(days=300),
    )  # fmt: skip


def put_down(world: Any) -> None:
    """What the resident left as a deposit, long ago."""
    deposits.take(
        actor=JOB, at=world.now,
        deposit=NewDeposit(
            world.accounts[world.resident], new_id(world.now), world.resident, DepositKind.CASH,
            Money(20_000), world.today - timedelta(days=100), tender="cash",
        ),
    )  # fmt: skip


def test_ownership_passes_by_its_deed_and_the_one_before_is_billed_and_settled(
    sign_in: Any, world: Any
) -> None:
    own(world)
    put_down(world)
    given = {
        "deposit_id": str(new_id(world.now)), "who": NEIGHBOUR_CIVIL_ID, "on_day": day(world),
        "deed": "TD 9", "takes_back": "on",
    }  # fmt: skip

    without = sign_in("clerk").post(page(world, "title"), {**given, "deed": " "})
    unread = sign_in("clerk").post(page(world, "title"), given)
    done = sign_in("clerk").post(page(world, "title"), {**given, **read_dials(world)})

    account_id = world.accounts[world.resident]
    assert [one.status_code for one in (without, unread, done)] == [422, 422, 302]
    owners = {one.customer_id: one.until_day for one in roles(world, Role.OWNER)}
    assert owners == {world.resident: world.today, world.neighbour: None}
    liable = supply_queries.liable_customer(account_id=account_id, day=world.today)
    assert liable == world.neighbour
    (held,) = deposits_queries.deposits(account_ids=[account_id])[account_id]
    assert held.netted == Money(20_000)


def test_an_account_is_handed_to_the_next_one_with_his_deposit_and_without_a_day_between(
    sign_in: Any, world: Any
) -> None:
    put_down(world)
    clerk = sign_in("clerk")
    shown = clerk.get(page(world, "transfer")).content.decode()
    typed = {
        "deposit_id": str(new_id(world.now)), "who": NEIGHBOUR_CIVIL_ID, "on_day": day(world),
        "capacity": "tenant", "agreement": "LEASE 7", "tender": "cash", "amount": "125",
        **read_dials(world),
    }  # fmt: skip

    less = clerk.post(page(world, "transfer"), {**typed, "amount": "124.999"})
    done = clerk.post(page(world, "transfer"), typed)
    again = clerk.post(page(world, "transfer"), typed)
    told = clerk.get(page(world)).content.decode()

    account_id = world.accounts[world.resident]
    chain = supply_queries.liabilities(account_ids=[account_id])[account_id]
    assert [one.status_code for one in (less, done, again)] == [422, 302, 302]
    assert all(f'name="{name}"' in shown for name in ("amount", *read_dials(world)))
    assert "Met by the deposit" in told
    assert [(one.customer_id, one.capacity) for one in chain] == [
        (world.resident, Capacity.OWNER), (world.neighbour, Capacity.TENANT),
    ]  # fmt: skip
    held = deposits_queries.deposits(account_ids=[account_id])[account_id]
    assert {one.customer_id: (one.state, one.amount) for one in held} == {
        world.resident: (DepositState.SETTLED, Money(20_000)),
        world.neighbour: (DepositState.HELD, Money(125_000)),
    }


def test_a_landlord_agrees_on_this_account_and_on_his_others_in_the_building(
    sign_in: Any, world: Any
) -> None:
    own(world)
    unit = neighbour_of(world)
    beside = supply.open_account(
        actor=JOB, at=world.now, id=new_id(world.now), unit_id=unit.id,
        opened_on=world.today - timedelta(days=60), vacancy=Vacancy.NOT_OCCUPIED,
    )  # fmt: skip
    supply.name_party(
        actor=JOB, at=world.now, account_id=beside.id, customer_id=world.resident,
        role=Role.OWNER, from_day=world.today - timedelta(days=60),
    )  # fmt: skip
    head = sign_in("office_head")

    done = head.post(
        page(world, "landlord"),
        {"owner": str(world.resident), "agreement": "LL-1", "from_day": day(world),
         "also": [str(beside.id)]},
    )  # fmt: skip

    assert sign_in("clerk").get(page(world, "landlord")).status_code == 403
    assert done.status_code == 302
    assert any(one.takes_back and one.agreement == "LL-1" for one in roles(world, Role.OWNER))
    liable = supply_queries.liability_on(account_id=beside.id, day=world.today)
    assert liable is not None
    assert (liable.customer_id, liable.capacity) == (world.resident, Capacity.LANDLORD)


def test_the_dead_leave_an_estate_whose_heirs_make_one_whole(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk")
    alive = "acts/estate/" in clerk.get(page(world)).content.decode()
    customers.record_death(
        actor=JOB, at=world.now, customer_id=world.resident,
        died_on=world.today - timedelta(days=5), source="certificate 3",
    )  # fmt: skip
    heirs = {
        "deceased": str(world.resident), "deed": "SUC 12", "from_day": day(world), "whole": "24",
        "heir_1": NEIGHBOUR_CIVIL_ID, "parts_1": "٢٤", "rows": "4",
    }  # fmt: skip

    offered = "acts/estate/" in clerk.get(page(world)).content.decode()
    opened = clerk.post(page(world, "estate"), {})
    unequal = clerk.post(page(world, "heirs"), {**heirs, "parts_1": "23"})
    nameless = clerk.post(page(world, "heirs"), {**heirs, "parts_2": "1"})
    grown = clerk.post(page(world, "heirs"), {**heirs, "more": "1"}).content.decode()
    done = clerk.post(page(world, "heirs"), heirs)

    assert (alive, offered) == (False, True)
    codes = [one.status_code for one in (opened, unequal, nameless, done)]
    assert codes == [302, 422, 422, 302]
    assert 'name="heir_8"' in grown
    assert f'value="{NEIGHBOUR_CIVIL_ID}"' in grown
    (heir,) = roles(world, Role.HEIR)
    assert (heir.customer_id, heir.share) == (world.neighbour, (24, 24))
    account_id = world.accounts[world.resident]
    liable = supply_queries.liability_on(account_id=account_id, day=world.today)
    assert liable is not None
    assert liable.capacity is Capacity.ESTATE


def test_a_debt_is_taken_over_by_a_signed_paper_shown_on_both_accounts_and_taken_back(
    sign_in: Any, world: Any
) -> None:
    head, there = sign_in("office_head"), world.number(world.neighbour)
    given = {
        "assumption_id": str(new_id(world.now)), "debtor": str(world.resident),
        "to_number": there, "who": NEIGHBOUR_CIVIL_ID, "amount": "40.250",
        "document": "AS 3", "signed_on": day(world),
    }  # fmt: skip

    wrong = head.post(page(world, "assumption"), {**given, "to_number": "1000000011"})
    done = head.post(page(world, "assumption"), given)
    (paper,) = supply_queries.assumptions(account_id=world.accounts[world.resident])
    here = head.get(page(world)).content.decode()
    other = head.get(f"/desk/accounts/{there}/").content.decode()
    back = head.post(
        page(world, "no-assumption"), {"assumption": str(paper.id), "reason": "signed in error"}
    )

    assert [one.status_code for one in (wrong, done, back)] == [422, 302, 302]
    assert paper.amount == Money(40_250)
    assert "AS 3" in here
    assert "AS 3" in other
    assert supply_queries.assumptions(account_id=world.accounts[world.resident]) == []


@pytest.mark.parametrize("code", sorted(ACTS))
def test_every_form_opens_for_a_head_of_office_in_both_languages(
    sign_in: Any, world: Any, code: str
) -> None:
    arabic = sign_in("office_head", language="ar").get(page(world, code))
    english = sign_in("office_head").get(page(world, code))

    with translation.override("en"):
        label = str(ACTS[code].label)
    assert (arabic.status_code, english.status_code) == (200, 200)
    assert label in english.content.decode()
    assert label not in arabic.content.decode()
