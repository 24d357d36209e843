"""A debt that moved, and one that may move, in Chromium, in every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, Open, looks, shot, signed_in, world

__all__ = ["world"]
pytestmark = pytest.mark.browser
Check = Callable[[Page], None]


@pytest.fixture
def _papers(world: Any) -> Any:
    """Two papers: the debt of the first has moved, that of the second waits to be moved."""
    from tests.integration.channels.world import CLERK, JOB

    from tahseel.books.claims import queries as claims
    from tahseel.books.transfers import operations as transfers
    from tahseel.kernel.actor import Actor, ActorKind
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.money import Money
    from tahseel.registry.supply import operations as supply
    from tahseel.trust.approvals import operations as approvals

    manager = Actor(ActorKind.STAFF, "manager-2", "manager", frozenset({"revenue_manager"}))
    account = world.accounts[world.resident]
    oldest = claims.open_claims(account)[0]
    for number in (3, 4):
        paper = new_id(world.now)
        supply.sign_assumption(
            actor=JOB, at=world.now, id=paper, from_account_id=account,
            from_customer_id=world.resident, to_account_id=world.accounts[world.neighbour],
            to_customer_id=world.neighbour, amount=Money(900_000), document=f"HAWALA 118/{number}",
            signed_on=world.today,
        )  # fmt: skip
        if number == 3:
            asked = transfers.propose_move(
                actor=CLERK, at=world.now, approval_id=new_id(world.now), assumption_id=paper,
                parts={oldest.id: oldest.payable}, reason="the neighbour signed",
            )  # fmt: skip
            approvals.approve(actor=manager, at=world.now, approval_id=asked)


@looks
@pytest.mark.usefixtures("_papers")
def test_a_debt_that_moved_and_its_forms_are_sound_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    address = f"/desk/accounts/{world.number(world.resident)}/"

    page = signed_in("office_head", open_page, address, look)
    expect(page.locator("#assumptions table").nth(1)).to_be_visible()
    page.locator("#assumptions").scroll_into_view_if_needed()
    assert_sound(page)
    shot(page, "debt-moved", look)
    site = page.url.split("/desk/")[0]
    for act in ("move-debt", "return-debt"):
        page.goto(f"{site}{address}acts/{act}/")
        expect(page.locator("#act")).to_be_visible()
        assert_sound(page)
        shot(page, act, look)
