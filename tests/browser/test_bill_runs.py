"""Held bills and bill runs, in Chromium: both languages, both widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in
from tests.integration.channels.test_held_bills import held

__all__ = ["held"]
pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    return street.build(clock.now())


@looks
def test_held_bills_and_runs_are_read(
    world: Any, held: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, "/desk/bills/held/", look)
    expect(page.locator("#held tbody tr")).to_have_count(1)
    assert_sound(page)
    shot(page, "held", look)

    page.click("#held a[href*='release']")
    assert_sound(page)
    shot(page, "release", look)

    page.goto(page.url.split("/desk/")[0] + "/desk/bills/runs/")
    expect(page.locator("#proof tbody tr")).to_have_count(6)
    assert_sound(page)
    shot(page, "runs", look)
