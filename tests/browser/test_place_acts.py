"""The page of a meter and a form of it, in every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, Open, looks, shot, signed_in, world
from tests.integration.channels.test_place_acts import at as unit_at
from tests.integration.channels.test_place_acts import crew, on

__all__ = ["crew", "world"]
pytestmark = pytest.mark.browser
Check = Callable[[Page], None]


@looks
@pytest.mark.usefixtures("crew")
def test_the_forms_of_a_meter_are_sound_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("supply_engineer", open_page, on(world, "ratio"), look)
    expect(page.locator("#act")).to_be_visible()
    assert_sound(page)
    shot(page, "meter-ratio", look)
    page.goto(page.url.split("/acts/")[0] + "/")
    assert_sound(page)
    shot(page, "meter-acts", look)


@looks
@pytest.mark.usefixtures("crew")
def test_the_form_of_a_programme_is_sound_in_every_look(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("supply_engineer", open_page, on(world, "programme"), look)
    expect(page.locator("#id_added_0_code")).to_be_visible()
    assert_sound(page)
    shot(page, "meter-programme", look)


@looks
def test_a_sector_of_billed_days_is_sound_for_who_asks_and_who_decides(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tests.integration.channels.test_past_prices import bills, propose

    page = signed_in("office_head", open_page, unit_at(world, "sector"), look)
    page.locator("#id_sector").select_option("government")
    page.locator("#id_from_day").fill(bills(world)[0].period.start.isoformat())
    assert_sound(page)
    shot(page, "sector-form", look)
    asked = propose(world, bills(world)[0].period.start)
    page = signed_in("revenue_manager", open_page, f"/approvals/{asked}/", look)
    expect(page.locator("#touched")).to_be_visible()
    assert_sound(page)
    shot(page, "sector-approval", look)
    page.locator("#approve").click()
    page = signed_in("clerk", open_page, f"/desk/accounts/{world.number(world.resident)}/", look)
    expect(page.locator("#misdirected")).to_be_visible()
    assert_sound(page)
    shot(page, "sector-work", look)
