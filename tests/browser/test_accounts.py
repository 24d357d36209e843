"""The counter's page of an account and its forms, in Chromium, in both languages and widths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, Open, looks, shot, signed_in, world

__all__ = ["world"]
pytestmark = pytest.mark.browser
Check = Callable[[Page], None]


@pytest.fixture
def _story(world: Any) -> None:
    """A payer of billed days, a proxy, deposits, and two reasons to be off."""
    _parties(world)
    _deposits(world)


def _parties(world: Any) -> None:
    from tests.integration.channels.world import JOB

    from tahseel.charging.billing import queries as billing
    from tahseel.kernel.quantity import Service
    from tahseel.registry.supply import operations as supply
    from tahseel.registry.supply.values import Role

    by, account, day = {"actor": JOB, "at": world.now}, world.accounts[world.resident], world.today
    since = min(day - timedelta(days=40), billing.bills(account)[0].period.start)
    supply.name_party(
        **by, account_id=account, customer_id=world.neighbour, role=Role.PAYER, from_day=since,
        agreement="HR-2026-4",
    )  # fmt: skip
    supply.authorise_proxy(
        **by, account_id=account, customer_id=world.neighbour, principal_id=world.resident,
        document="POA 2026/118", from_day=since, until_day=day + timedelta(days=300),
    )  # fmt: skip
    for reason in ("debt", "safety"):
        supply.order_stop(
            **by, account_id=account, reason=reason, services=[Service.ELECTRICITY],
            reference="REPORT 9",
        )  # fmt: skip


def _deposits(world: Any) -> None:
    """Held, to be renewed and demanded of the resident; owed back to the neighbour."""
    from tests.integration.channels.world import JOB

    from tahseel.books.deposits import operations as deposits
    from tahseel.books.deposits import store
    from tahseel.books.deposits.values import DepositKind, NewDeposit, Proposal, ProposalKind
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.money import Money

    by, day = {"actor": JOB, "at": world.now}, world.today
    since = day - timedelta(days=40)
    account, beside = world.accounts[world.resident], world.accounts[world.neighbour]
    cash = NewDeposit(
        account, new_id(world.now), world.resident, DepositKind.CASH, Money(125_000), since,
        tender="cash",
    )  # fmt: skip
    bank = NewDeposit(
        account, new_id(world.now), world.resident, DepositKind.GUARANTEE, Money(250_000), since,
        issuer="NBK", reference="LG-77", expires_on=day + timedelta(days=30),
    )  # fmt: skip
    back = NewDeposit(
        beside, new_id(world.now), world.neighbour, DepositKind.CASH, Money(125_000), since,
        tender="cash",
    )  # fmt: skip
    for deposit in (cash, bank, back):
        deposits.take(**by, deposit=deposit)
    deposits.settle(**by, account_id=beside, customer_id=world.neighbour, on_day=day)
    for kind, wanted in ((ProposalKind.RAISE, 500_000), (ProposalKind.RENEW, 250_000)):
        found = Proposal(
            account, new_id(world.now), world.resident, kind, day, Money(375_000), Money(wanted),
            Money(58_138), 12,
        )  # fmt: skip
        store.propose([found], at=world.now)
        if kind is ProposalKind.RAISE:
            deposits.decide_proposal(
                **by, account_id=account, proposal_id=found.id, accept=True, on_day=day
            )


@looks
@pytest.mark.usefixtures("_story")
def test_the_page_of_an_account_and_its_forms_are_sound_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    address = f"/desk/accounts/{world.number(world.resident)}/"

    page = signed_in("office_head", open_page, address, look)
    expect(page.locator("#liability")).to_be_visible()
    assert_sound(page)
    shot(page, "account", look)
    acts = (
        *("role", "end-role", "proxy", "transfer", "title", "landlord", "heirs", "assumption"),
        *("strike-role", "deposit", "refund", "no-demand", "bills-seen", "finish"),
    )
    for act in ("move-in", "move-out", "stop", *(f"acts/{code}" for code in acts)):
        page.goto(page.url.split("/desk/")[0] + address + f"{act}/")
        expect(page.locator("#act")).to_be_visible()
        assert_sound(page)
        shot(page, act.replace("/", "-"), look)
    page.goto(page.url.split("/desk/")[0] + "/desk/deposits/")
    expect(page.locator("#refunds")).to_be_visible()
    assert_sound(page)
    shot(page, "deposit-work", look)
    page.goto(page.url.split("/desk/")[0] + "/desk/bills/")
    expect(page.locator("#misdirected table")).to_be_visible()
    assert_sound(page)
    shot(page, "bill-work", look)


@looks
@pytest.mark.usefixtures("_story")
def test_a_customer_reads_what_deposit_is_asked_of_him_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("resident", open_page, f"/accounts/{world.number(world.resident)}/", look)

    expect(page.locator("#demand")).to_be_visible()
    assert_sound(page)
    shot(page, "portal-demand", look)


@pytest.mark.usefixtures("_story")
def test_supply_is_ended_and_a_form_is_sent_from_the_page(world: Any, open_page: Open) -> None:
    look: Look = ("en", "light", 1280)
    page = signed_in(
        "office_head", open_page, f"/desk/accounts/{world.number(world.resident)}/", look
    )

    page.get_by_text("End this reason").first.click()
    page.get_by_label("Why it has ended").first.fill("paid at the counter")
    page.get_by_role("button", name="End it").first.click()

    expect(page.get_by_text("Ended. Other reasons are left.")).to_be_visible()
