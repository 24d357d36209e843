"""The page of a meter and a form of it, in every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, Open, looks, shot, signed_in, world
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
