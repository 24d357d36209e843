"""A ministry's finance officer and a manager look at bodies, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in

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


@pytest.fixture
def bodies(world: Any) -> dict[str, UUID]:
    from tests.integration.channels import ministries

    return ministries.build(world)


@looks
def test_bodies_are_walked_from_the_ministry_to_the_school(
    bodies: dict[str, UUID], open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("revenue_manager", open_page, "/bodies/", look)
    assert_sound(page)
    shot(page, "bodies", look)

    page.click(f"a[href='/bodies/{bodies['ministry']}/']")
    expect(page.locator("#tree tbody tr")).to_have_count(3)
    page.click("details.more > summary")
    assert_sound(page)
    shot(page, "body", look)

    page.click(f"#tree a[href='/bodies/{bodies['school']}/']")
    expect(page.locator("#accounts tbody tr")).to_have_count(1)
    assert_sound(page)
