"""Tests of meters in Chromium: the work-list, a meter's tests, one test and what it corrects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def tested(database: Any) -> tuple[Any, Any]:
    """A meter that passed long ago and failed lately, and its failed test."""
    from tests.integration.channels import world as street
    from tests.integration.consumption.metrology import bench

    from tahseel.app import assembly, clock
    from tahseel.consumption.metrology import operations
    from tahseel.registry.meters import queries

    assembly.assemble()
    world = street.build(clock.now())
    meter = queries.meters_by_serial(serials=["E-00001"])["E-00001"].id
    days = (world.today - timedelta(days=380), world.today - timedelta(days=8))
    for day, error, paper in zip(days, (30, 315), ("C-2024/118", ""), strict=True):
        test = bench.new_test(meter, error=error, on=day, certificate=paper)
        operations.record_test(actor=bench.INSPECTOR, at=world.now, meter_id=meter, test=test)
    return meter, test.id


@looks
def test_a_failed_test_is_found_read_and_its_correction_asked_for(
    tested: tuple[Any, Any], open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, "/places/meters/truth/", look)
    expect(page.locator("#undecided tbody tr")).to_have_count(1)
    assert_sound(page)
    shot(page, "truth", look)

    page.goto(page.url.split("/places/")[0] + f"/places/meters/{tested[0]}/tests/")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    assert_sound(page)
    shot(page, "meter-tests", look)

    page.click("#list tbody a >> nth=0")
    expect(page.locator("#months tbody tr").first).to_be_visible()
    assert_sound(page)
    shot(page, "meter-test", look)

    page.fill("#correct input[name=reason]", "It runs fast")
    page.click("#act")
    expect(page.locator("#correct")).to_have_count(0)
    assert_sound(page)
