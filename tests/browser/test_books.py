"""The books, statements, what is collected for others and sold, in both languages and widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, Open, looks, shot, signed_in, world

__all__ = ["world"]
pytestmark = pytest.mark.browser
Check = Callable[[Page], None]


@looks
def test_the_books_are_sound_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("revenue_manager", open_page, "/desk/books/", look)
    site, number = page.url.split("/desk/")[0], world.number(world.resident)

    expect(page.locator("#trial table")).to_be_visible()
    line = page.locator("#trial .lede")
    assert line.evaluate("one => parseFloat(getComputedStyle(one).paddingInlineStart)") > 8
    assert_sound(page)
    shot(page, "books", look)
    for path in (
        f"/desk/accounts/{number}/statement/",
        "/desk/parties/municipality/",
        "/desk/sales/",
        f"/bills/{world.bill_number(world.resident)}/",
    ):
        page.goto(site + path)
        expect(page.locator("h1")).to_be_visible()
        assert_sound(page)
        shot(page, path.strip("/").replace("/", "-"), look)


@looks
def test_a_bill_brings_forward_what_stood_before(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tahseel.charging.billing import queries

    bills = queries.bills(world.accounts[world.resident])
    number = max(bills, key=lambda one: one.issued_on).number

    page = signed_in("resident", open_page, f"/bills/{number}/", look)

    expect(page.locator("#standing")).to_be_visible()
    assert_sound(page)
    shot(page, "bill-standing", look)
