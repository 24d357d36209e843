"""The page that bills and settles who lost an account by a title that a registry told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.channels.test_accounts import address, read_before_leaving
from tests.integration.channels.world import JOB

from tahseel.books.deposits import queries as deposits_queries
from tahseel.charging.billing import queries as bills
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.supply import operations as supply


@pytest.fixture
def told(world: Any) -> dict[str, str]:
    """The resident leaves a deposit behind; returns the dials of the new owner's first day."""
    dials = read_before_leaving(world)
    supply.transfer_ownership(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident],
        to_customer_id=world.neighbour, on_day=world.today, deed="5521/2026",
    )  # fmt: skip
    return dials


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_list_leads_to_the_form_and_one_click_bills_and_settles(
    sign_in: Any, world: Any, told: dict[str, str], language: str
) -> None:
    account_id, form = world.accounts[world.resident], address(world, "acts/finish/")
    clerk = sign_in("clerk", language=language)
    listed = clerk.get("/desk/deposits/").content.decode()
    given = {"intent": str(new_id(world.now)), **told}

    shown = clerk.get(form)
    wrong = clerk.post(form, {**given, "dial_0": "abc"})
    done = clerk.post(form, given)
    clicked_twice = clerk.post(form, given)
    again = clerk.post(form, {**given, "intent": str(new_id(world.now))})

    assert form in listed
    assert [one.status_code for one in (shown, wrong, done)] == [200, 422, 302]
    assert (clicked_twice.status_code, again.status_code) == (302, 409)
    final = bills.bills(account_id)[0]
    assert (final.customer_id, final.period.end) == (world.resident, world.today)
    (deposit,) = deposits_queries.deposits(account_ids=[account_id])[account_id]
    assert deposit.netted == Money(20_000)
    assert "acts/finish/" not in clerk.get(address(world)).content.decode()


def test_the_auditor_sees_no_button_and_is_denied_the_form(
    sign_in: Any, world: Any, told: dict[str, str]
) -> None:
    before = bills.bills(world.accounts[world.resident])

    answer = sign_in("auditor").post(
        address(world, "acts/finish/"), {"intent": str(new_id(world.now)), **told}
    )

    assert answer.status_code == 403
    assert bills.bills(world.accounts[world.resident]) == before
    assert "acts/finish/" not in sign_in("auditor").get(address(world)).content.decode()
