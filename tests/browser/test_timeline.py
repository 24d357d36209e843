"""A member of staff reads a whole story in Chromium: both languages, both widths."""

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
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock
    from tahseel.trust.audit import sequencer

    assembly.assemble()
    made = street.build(clock.now())
    sequencer.sequence_pending(at=clock.now())
    return made


@looks
def test_a_story_is_found_read_and_cut_down(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tahseel.app import clock
    from tahseel.trust.audit import sequencer

    page = signed_in("auditor", open_page, "/desk/", look)
    page.fill("#id_text", "كومار")
    page.click("form[role=search] button")
    page.locator(f"a[href='/timeline/customer/{world.resident}/']").first.click()
    steps = page.locator("#story > li")
    expect(steps.first).to_be_visible()
    whole = steps.count()
    assert_sound(page)
    shot(page, "timeline", look)

    page.select_option("#id_what", "billing")
    page.click("form.filters button")
    expect(steps).to_have_count(3)
    assert steps.count() < whole
    page.locator("#story a[href^='?']").first.click()
    expect(page.locator(".notice")).to_be_visible()
    assert_sound(page)
    shot(page, "timeline-of-one", look)

    sequencer.sequence_pending(at=clock.now())
    page.goto(page.url.split("?")[0] + "readers/")
    expect(page.locator("table tbody tr").first).to_be_visible()
    assert_sound(page)
    shot(page, "timeline-readers", look)
