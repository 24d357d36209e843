"""The counter's page of an account: what it shows, the acts that begin there, and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.leaving import read_dials
from tests.integration.channels.world import CIVIL_ID, JOB, NEIGHBOUR_CIVIL_ID

from tahseel.app import clock
from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.charging.billing import queries as bills
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Role, Vacancy
from tahseel.trust.audit import sequencer

Leaves = Callable[..., list[dict[str, Any]]]


def address(world: Any, act: str = "") -> str:
    return f"/desk/accounts/{world.number(world.resident)}/{act}"


def empty_flat(world: Any) -> Any:
    (unit,) = world.town.units(1)
    return supply.open_account(
        actor=JOB, at=world.now, id=new_id(world.now), unit_id=unit.id,
        opened_on=world.today - timedelta(days=90), vacancy=Vacancy.NOT_OCCUPIED,
    )  # fmt: skip


def lease(world: Any, **facts: str) -> dict[str, str]:
    kept = {
        "deposit_id": str(new_id(world.now)), "who": NEIGHBOUR_CIVIL_ID,
        "from_day": (world.today - timedelta(days=1)).isoformat(), "capacity": "tenant",
        "agreement": "LEASE-88", "tender": "cash", "amount": "125.000",
    }  # fmt: skip
    return {**kept, **facts}


def test_the_page_shows_who_is_liable_with_roles_deposit_and_supply_in_both_languages(
    sign_in: Any, world: Any
) -> None:
    account_id = world.accounts[world.resident]
    supply.name_party(
        actor=JOB, at=world.now, account_id=account_id, customer_id=world.neighbour,
        role=Role.PAYER, from_day=world.today - timedelta(days=9), agreement="HR-4",
    )  # fmt: skip

    english = sign_in("clerk").get(address(world)).content.decode()
    arabic = sign_in("clerk", language="ar").get(address(world)).content.decode()

    for text in ("Saleem Kumar", "Mona Haddad", "Payer for another", "HR-4", "Connected"):
        assert text in english
    for text in ("سليم كومار", "دافع عن غيره", "خدمة الكهرباء", "موصولة"):
        assert text in arabic
    assert CIVIL_ID not in english + arabic


def test_the_page_is_read_with_a_purpose_and_closed_to_customers_and_strangers(
    sign_in: Any, world: Any, leaves: Leaves
) -> None:
    before = len(leaves("read"))

    assert sign_in("auditor").get(address(world)).status_code == 200
    purposes = {leaf["purpose"] for leaf in leaves("read")[before:]}
    assert purposes == {"audit"}
    assert sign_in("exit_officer").get(address(world)).status_code == 403
    assert sign_in().get(address(world)).status_code == 302
    assert sign_in("clerk").get("/desk/accounts/1000000010/").status_code == 404


def test_a_tenant_moves_in_with_his_deposit(sign_in: Any, world: Any) -> None:
    account = empty_flat(world)
    page = f"/desk/accounts/{account.number}/"
    client = sign_in("clerk")

    asked = client.get(f"{page}move-in/").content.decode()
    sent = client.post(f"{page}move-in/", lease(world))
    shown = client.get(page).content.decode()

    assert 'value="125.000"' in asked
    assert (sent.status_code, sent.headers["Location"]) == (302, page)
    assert "Moved in." in shown
    assert "Mona Haddad" in shown
    (held,) = deposits_queries.deposits(account_ids=[account.id])[account.id]
    assert held.amount == Money(125_000)
    assert supply_queries.liable_customer(account_id=account.id, day=world.today) == world.neighbour


def test_a_form_that_is_refused_is_shown_again_and_nothing_is_changed(
    sign_in: Any, world: Any
) -> None:
    account = empty_flat(world)
    page = f"/desk/accounts/{account.number}/move-in/"
    client = sign_in("clerk")
    wrong = [
        (lease(world, amount="100"), 422, "A deposit of KD 125.000 is wanted"),
        (lease(world, amount="much"), 422, "This is not an amount in dinars."),
        (lease(world, amount=""), 422, "This is needed for the deposit."),
        (lease(world, who="299999999999"), 422, "not exactly one registered customer"),
        (lease(world, tender="guarantee"), 422, "This is needed for the deposit."),
        (lease(world, tender="none", amount="", waiver="a friend"), 403, ""),
    ]

    for typed, status, said in wrong:
        answer = client.post(page, typed)
        assert (answer.status_code, said in answer.content.decode()) == (status, True), said

    assert supply_queries.liable_customer(account_id=account.id, day=world.today) is None
    assert deposits_queries.deposits(account_ids=[account.id]) == {}


def test_a_second_tenant_on_the_same_days_is_refused_on_the_page(sign_in: Any, world: Any) -> None:
    answer = sign_in("clerk").post(address(world, "move-in/"), lease(world))

    assert answer.status_code == 409
    assert "Another customer has been liable" in answer.content.decode()


def read_before_leaving(world: Any) -> dict[str, str]:
    """The resident's deposit is held, his dials are read; what is typed of them when he leaves."""
    deposits.take(
        actor=JOB, at=world.now,
        deposit=NewDeposit(
            world.accounts[world.resident], new_id(world.now), world.resident, DepositKind.CASH,
            Money(20_000), world.today.replace(day=1) - timedelta(days=100), tender="cash",
        ),
    )  # fmt: skip
    return read_dials(world)


def test_a_tenant_moves_out_with_his_final_bill_and_his_deposit_is_netted(
    sign_in: Any, world: Any
) -> None:
    account_id, first = world.accounts[world.resident], world.today.replace(day=1)
    dials = read_before_leaving(world)

    given = {
        "intent": str(new_id(world.now)), "on_day": world.today.isoformat(),
        "vacancy": "not_occupied", **dials,
    }  # fmt: skip
    sent = sign_in("clerk").post(
        address(world, "move-out/"),
        given,
    )
    clicked_twice = sign_in("clerk").post(address(world, "move-out/"), given)

    assert sent.status_code == 302, sent.content.decode()
    assert clicked_twice.status_code == 302
    assert supply_queries.liable_customer(account_id=account_id, day=world.today) is None
    (held,) = deposits_queries.deposits(account_ids=[account_id])[account_id]
    assert held.netted == Money(20_000)
    if world.today > first:
        final = bills.bills(account_id)[0]
        assert (final.sequence, final.period.end) == (1, world.today)
    assert claims.open_claims(account_id)


def test_a_move_out_without_reads_is_refused_with_the_meter_it_lacks(
    sign_in: Any, world: Any
) -> None:
    answer = sign_in("clerk").post(
        address(world, "move-out/"),
        {
            "intent": str(new_id(world.now)),
            "on_day": world.today.isoformat(),
            "vacancy": "not_occupied",
            "dial_0": "abc",
        },
    )

    assert answer.status_code == 422
    assert re.search("This is not a dial", answer.content.decode())
    account_id = world.accounts[world.resident]
    assert supply_queries.liable_customer(account_id=account_id, day=world.today)


def test_supply_is_cut_for_reasons_and_each_is_ended_by_who_may(sign_in: Any, world: Any) -> None:
    page = address(world)
    head, clerk = sign_in("office_head"), sign_in("clerk")
    given = {"services": ["electricity"], "reference": "REPORT 9"}

    denied = clerk.post(f"{page}stop/", {**given, "reason": "debt"})
    head.post(f"{page}stop/", {**given, "reason": "debt"})
    head.post(f"{page}stop/", {**given, "reason": "safety"})
    shown = head.get(page).content.decode()
    account_id = world.accounts[world.resident]
    (state, _) = supply_queries.supply_states(account_ids=[account_id])[account_id]
    ended = [
        head.post(f"{page}stops/{one.id}/end/", {"because": "done"}, follow=True).content.decode()
        for one in state.stops
    ]

    assert denied.status_code == 403
    assert "Disconnection ordered" in shown
    assert "REPORT 9" in shown
    assert "Other reasons are left" in ended[0]
    assert "Supply is on again" in ended[1]


def test_the_office_records_when_a_crew_cut_supply_and_the_story_tells_it(
    sign_in: Any, world: Any, leaves: Any
) -> None:
    from tahseel.registry.supply.models import Stop

    head = sign_in("office_head")
    head.post(
        f"{address(world)}stop/",
        {"reason": "debt", "services": ["electricity"], "reference": "N 7"},
    )
    stop = Stop.objects.get()
    here = f"{address(world)}stops/{stop.id}/confirm/"
    begun = {"off_on": (world.today - timedelta(days=3)).isoformat(), "off_time": "09:00"}

    offered = here in head.get(address(world)).content.decode()
    early = head.post(here, begun)
    unchanged = Stop.objects.get().state
    now = local_day_and_minute()
    done = head.post(here, {"off_on": now[0], "off_time": now[1]})
    page = head.get(address(world)).content.decode()
    sequencer.sequence_pending(at=clock.now())
    story = head.get(f"/timeline/account/{world.accounts[world.resident]}/").content.decode()
    arabic = sign_in("clerk", language="ar").get(address(world)).content.decode()

    assert offered
    assert (early.status_code, unchanged) == (422, "ordered")
    assert leaves("supply.confirm_stop")[0]["outcome"] == "refused"
    assert done.status_code == 302
    assert Stop.objects.get().state == "in_force"
    assert "Cut at" in page
    assert here not in page
    assert "وقت القطع" in arabic
    assert "Confirm a stop of supply" in story


def local_day_and_minute() -> tuple[str, str]:
    from tahseel.app import clock
    from tahseel.kernel.period import LOCAL_ZONE

    here = clock.now().astimezone(LOCAL_ZONE)
    return here.date().isoformat(), here.strftime("%H:%M")


def test_a_proposal_on_a_deposit_is_decided_by_a_head_of_office(sign_in: Any, world: Any) -> None:
    from tahseel.books.deposits import store
    from tahseel.books.deposits.values import Proposal, ProposalKind, ProposalState

    account_id = world.accounts[world.resident]
    proposal = Proposal(
        account_id, new_id(clock.now()), world.resident, ProposalKind.RAISE, world.today,
        Money(125_000), Money(250_000), Money(120_000), 12,
    )  # fmt: skip
    store.propose([proposal], at=world.now)
    page, act = address(world), address(world, f"proposals/{proposal.id}/")

    shown = sign_in("office_head").get(page).content.decode()
    denied = sign_in("clerk").post(act, {"answer": "accept"})
    unexplained = sign_in("office_head").post(act, {"answer": "refuse"})
    refused = sign_in("office_head").post(act, {"answer": "refuse", "because": "pays in time"})

    assert "Raise the deposit" in shown
    assert "250.000" in shown
    assert (denied.status_code, unexplained.status_code, refused.status_code) == (403, 422, 302)
    known = deposits_queries.proposal(account_id=account_id, proposal_id=proposal.id)
    assert known is not None
    assert (known.state, known.reason) == (ProposalState.REFUSED, "pays in time")


@pytest.mark.parametrize("act", ["move-in/", "move-out/", "stop/"])
def test_an_auditor_only_reads(sign_in: Any, world: Any, act: str) -> None:
    client = sign_in("auditor")

    assert client.get(address(world, act)).status_code == 403
    assert "move-in" not in client.get(address(world)).content.decode()
