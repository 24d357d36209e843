"""Booking a visit in Chromium: both languages, both widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def number(database: Any) -> str:
    """The resident's account."""
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    world = street.build(clock.now())
    return world.number(world.resident)


@looks
def test_a_customer_books_a_half_day_and_finds_it_again(
    number: str, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("resident", open_page, f"/accounts/{number}/visits/", look)
    page.select_option("#book select[name=slot]", index=4)
    assert_sound(page)

    page.click("#act")

    expect(page.locator("#booked section")).to_have_count(1)
    page.click("#booked summary")
    assert_sound(page)
    shot(page, "visits", look)
