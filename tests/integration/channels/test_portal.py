"""Own accounts, bills and payments: each visitor sees his part, and nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from tests.integration.channels.world import JOB

from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits import store
from tahseel.books.deposits.values import DepositKind, NewDeposit, Proposal, ProposalKind
from tahseel.books.payments.values import IntentState
from tahseel.channels.pages import formats
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import ZERO, Money
from tahseel.recovery.clearance import queries as clearance
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity

Leaves = Callable[..., list[dict[str, Any]]]


def intents() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from payments_intent")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def reference(world: Any) -> str:
    held = clearance.open_holds(customer_ids=[world.resident])[world.resident]
    return next(hold.reference for hold in held if hold.gate == "exit")


def begin(client: Any, ref: str, **fields: str) -> Any:
    """Open the page of a reference and press its button."""
    page = client.get(f"/pay/{ref}/").content.decode()
    sent = dict(re.findall(r'name="(intent|amount)" value="([^"]*)"', page))
    return client.post(f"/pay/{ref}/", {**sent, **fields})


def test_a_customer_with_one_account_is_led_to_it(world: Any, sign_in: Any) -> None:
    told = sign_in("resident").get("/accounts/")

    assert told.headers["Location"] == f"/accounts/{world.number(world.resident)}/"


def test_the_account_page_shows_bills_balance_holds_and_what_to_do(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    page = sign_in("resident").get(f"/accounts/{world.number(world.resident)}/")
    text = page.content.decode()

    owed = sum(c.open.fils for c in claims.open_claims(world.accounts[world.resident]))
    assert f"{owed // 1000}.{owed % 1000:03d}" in text
    assert text.count("Pay and lift the hold") == 1
    assert text.count("/bills/") == 3
    assert "Overdue" in text
    assert "Your transactions with the Interior Ministry are held" in text
    assert "What to do" in text
    assert f"/pay/{reference(world)}/" in text
    purposes = {leaf["purpose"] for leaf in leaves() if leaf["actor"]["kind"] == "customer"}
    assert purposes == {"own_account"}


def asked(world: Any) -> Any:
    """The resident's deposit is to come to KD 250 within the country's days."""
    account_id = world.accounts[world.resident]
    proposal = Proposal(
        account_id, new_id(world.now), world.resident, ProposalKind.RAISE, world.today, ZERO,
        Money(250_000), Money(120_000), 12,
    )  # fmt: skip
    store.propose([proposal], at=world.now)
    deposits.decide_proposal(
        actor=JOB, at=world.now, account_id=account_id, proposal_id=proposal.id, accept=True,
        on_day=world.today,
    )  # fmt: skip
    [demand] = deposits_queries.open_demands(account_ids=[account_id])
    return demand


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_deposit_that_is_asked_for_is_shown_with_what_is_missing_the_day_and_what_to_do(
    world: Any, sign_in: Any, language: str
) -> None:
    client, path = (
        sign_in("resident", language=language),
        f"/accounts/{world.number(world.resident)}/",
    )
    before = client.get(path).content.decode()
    demand = asked(world)
    paid = NewDeposit(
        demand.account_id, new_id(world.now), world.resident, DepositKind.CASH, Money(100_125),
        world.today, tender="cash",
    )  # fmt: skip

    deposits.take(actor=JOB, at=world.now, deposit=paid)
    shown = client.get(path).content.decode()
    rest = replace(paid, id=new_id(world.now), amount=Money(149_875))
    deposits.take(actor=JOB, at=world.now, deposit=rest)
    after = client.get(path).content.decode()

    with translation.override(language):
        day = formats.day(demand.due_on)
    card = shown[shown.index('id="demand"') :]
    assert "149.875" in card
    assert "100.125" in card
    assert day in card
    assert 'id="demand"' not in before
    assert 'id="demand"' not in after
    assert ("no debt" in shown) is (language == "en")


def test_who_came_after_and_the_neighbour_see_nothing_of_a_deposit_asked_of_another(
    world: Any, sign_in: Any
) -> None:
    asked(world)
    supply.transfer(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident],
        to_customer_id=world.neighbour, on_day=world.today, capacity=Capacity.TENANT,
    )  # fmt: skip
    path = f"/accounts/{world.number(world.resident)}/"

    follower = sign_in("neighbour").get(path).content.decode()
    clerk = sign_in("clerk").get(path).content.decode()
    auditor = sign_in("auditor").get(path).content.decode()

    assert 'id="demand"' not in follower
    assert "acts/deposit/" in clerk
    assert 'id="demand"' in auditor
    assert "acts/deposit/" not in auditor


def test_the_bill_page_explains_its_lines(world: Any, sign_in: Any) -> None:
    number = world.bill_number(world.resident)
    text = sign_in("resident").get(f"/bills/{number}/").content.decode()

    assert "Meter reading" in text
    assert "E-00001" in text
    assert "kWh" in text
    assert "4,286" in text
    assert f"/pay/{number}/" in text


@pytest.mark.parametrize("which", ["account", "bill"])
def test_somebody_elses_page_does_not_exist_and_the_attempt_is_recorded(
    world: Any, sign_in: Any, leaves: Leaves, which: str
) -> None:
    path = {
        "account": f"/accounts/{world.number(world.resident)}/",
        "bill": f"/bills/{world.bill_number(world.resident)}/",
    }[which]

    told = sign_in("neighbour").get(path)

    assert told.status_code == 404
    assert world.number(world.resident) not in re.sub(
        r'name="next" value="[^"]*"', "", told.content.decode()
    )
    assert [leaf["outcome"] for leaf in leaves("portal.open_page")] == ["denied"]
    read = [leaf for leaf in leaves() if leaf["purpose"] and leaf["actor"]["kind"] == "customer"]
    assert read == []
    assert intents() == 0


@pytest.mark.parametrize("path", ["/accounts/9999999999/", "/bills/none/"])
def test_an_unknown_number_looks_the_same(sign_in: Any, leaves: Leaves, path: str) -> None:
    told = sign_in("neighbour").get(path)

    assert told.status_code == 404
    assert [leaf["outcome"] for leaf in leaves("portal.open_page")] == ["denied"]


@pytest.mark.parametrize("role", ["clerk", "office_head", "revenue_manager"])
def test_staff_of_the_counter_open_an_account_with_its_payer_masked(
    world: Any, sign_in: Any, leaves: Leaves, role: str
) -> None:
    text = sign_in(role).get(f"/accounts/{world.number(world.resident)}/").content.decode()

    assert "Saleem Kumar" in text
    assert "0015" in text
    assert "285010100015" not in text
    assert f"/pay/{reference(world)}/" in text
    assert "customer_service" in {leaf["purpose"] for leaf in leaves()}


def test_an_auditor_reads_and_has_nothing_to_press(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    client = sign_in("auditor")
    account = client.get(f"/accounts/{world.number(world.resident)}/").content.decode()
    bill = client.get(f"/bills/{world.bill_number(world.resident)}/").content.decode()

    assert "/pay/H-" not in account
    assert f"/pay/{world.bill_number(world.resident)}/" not in bill
    assert "audit" in {leaf["purpose"] for leaf in leaves()}


@pytest.mark.parametrize("role", ["exit_officer", "security_officer"])
def test_other_staff_are_refused(world: Any, sign_in: Any, leaves: Leaves, role: str) -> None:
    for path in (
        f"/accounts/{world.number(world.resident)}/",
        f"/bills/{world.bill_number(world.resident)}/",
    ):
        assert sign_in(role).get(path).status_code == 403

    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied", "denied"]
    assert not [leaf for leaf in leaves() if leaf["purpose"] and leaf["actor"]["kind"] == "staff"]


def test_who_moves_in_sees_nothing_of_who_was_there_before(world: Any, sign_in: Any) -> None:
    supply.transfer(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident],
        to_customer_id=world.neighbour, on_day=world.today - timedelta(days=1),
        capacity="tenant",
    )  # fmt: skip
    path = f"/accounts/{world.number(world.resident)}/"

    new, old = sign_in("neighbour").get(path), sign_in("resident").get(path)

    assert new.status_code == old.status_code == 200
    assert b"/bills/" not in new.content
    assert b"Ministry are held" not in new.content
    assert b"No reading yet" in new.content
    assert old.content.count(b"/bills/") == 3
    assert b"Ministry are held" in old.content
    bill = f"/bills/{world.bill_number(world.resident)}/"
    assert sign_in("neighbour").get(bill).status_code == 404


@pytest.mark.usefixtures("bank")
def test_a_reference_tells_an_amount_and_no_name(world: Any, sign_in: Any, leaves: Leaves) -> None:
    client = sign_in()
    for ref in (reference(world), world.bill_number(world.resident)):
        text = client.get(f"/pay/{ref}/").content.decode()
        assert "Kumar" not in text
        assert "pay-with-knet" in text

    asked = [leaf["subject"] for leaf in leaves() if leaf["purpose"] == "payment"]
    assert asked.count(world.bill_number(world.resident)) == 2  # as a hold, then as a bill


def test_an_unknown_and_a_settled_reference_look_the_same(world: Any, sign_in: Any) -> None:
    client = sign_in()
    settled = client.get(f"/pay/{world.bill_number(world.neighbour)}/")
    unknown = client.get("/pay/NOTHING-OF-OURS-202607/")

    assert settled.status_code == unknown.status_code == 404
    hidden = re.compile(rb'value="[^"]*"|content="[^"]*"')
    assert hidden.sub(b"", settled.content) == hidden.sub(b"", unknown.content)


def test_a_hold_is_paid_whole_whatever_amount_is_sent(world: Any, sign_in: Any, bank: Any) -> None:
    from tahseel.books.payments import queries

    told = begin(sign_in(), reference(world), amount="0.001")
    track = told.headers["Location"].split("track=")[1]
    intent = queries.intent_by_track(track)

    assert intent is not None
    assert intent.amount.fils == 58_138
    assert intent.hold_reference == reference(world)


@pytest.mark.parametrize("amount", ["0", "-1", "1.2345", "abc", "", "9999999"])
def test_a_wrong_amount_sends_nobody_to_the_bank(
    world: Any, sign_in: Any, bank: Any, amount: str
) -> None:
    told = begin(sign_in(), world.bill_number(world.resident), amount=amount)

    assert told.status_code == 200
    assert bank.begun == 0
    assert intents() == 0


def test_a_part_of_a_bill_may_be_paid_in_arabic_digits(world: Any, sign_in: Any, bank: Any) -> None:
    told = begin(sign_in(language="ar"), world.bill_number(world.resident), amount="١٫٢٥٠")

    assert told.status_code == 302
    assert intents() == 1


def test_pressing_twice_is_one_payment(world: Any, sign_in: Any, bank: Any) -> None:
    client, ref = sign_in(), reference(world)
    page = client.get(f"/pay/{ref}/").content.decode()
    sent = dict(re.findall(r'name="(intent|amount)" value="([^"]*)"', page))

    first, second = (client.post(f"/pay/{ref}/", sent) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert intents() == 1


@pytest.mark.parametrize(
    "told",
    [
        ("captured", IntentState.POSTED, "Payment received"),
        ("cancelled", IntentState.CANCELLED, "Not paid"),
        ("not_found", IntentState.SENT, "We are finding out"),
        ("away", IntentState.SENT, "We are finding out"),
    ],
)
def test_the_result_is_what_the_bank_answers(
    world: Any, sign_in: Any, bank: Any, told: tuple[str, IntentState, str]
) -> None:
    from tahseel.books.payments import queries

    outcome, state, word = told
    sent = begin(sign_in(), reference(world))
    intent = queries.intent_by_track(sent.headers["Location"].split("track=")[1])
    assert intent is not None
    bank.outcome = outcome

    page = sign_in().get(f"/payments/{intent.id}/result")
    text = page.content.decode()
    part = sign_in().get(f"/payments/{intent.id}/result", headers={"HX-Request": "true"})

    assert word in text
    assert f'data-state="{state}"' in text
    assert intent.track_id in text
    assert ("hx-get" in text) == (state is IntentState.SENT)
    assert ("100202600000001" in text) == (state is IntentState.POSTED)
    assert "Kumar" not in text
    assert b"<html" not in part.content
    assert len(claims.open_claims(world.accounts[world.resident])) == (
        1 if state is IntentState.POSTED else 3
    )


def test_only_the_officer_is_led_back_to_the_border(world: Any, sign_in: Any, bank: Any) -> None:
    from tahseel.books.payments import queries

    told = begin(sign_in("exit_officer"), reference(world))
    intent = queries.intent_by_track(told.headers["Location"].split("track=")[1])
    assert intent is not None
    bank.outcome = "captured"
    address = f"/payments/{intent.id}/result"

    assert b"back-to-border" in sign_in("exit_officer").get(address).content
    assert b"back-to-border" not in sign_in().get(address).content


def test_a_result_of_nobody_is_not_there(sign_in: Any) -> None:
    assert sign_in().get("/payments/00000000-0000-7000-8000-000000000000/result").status_code == 404
