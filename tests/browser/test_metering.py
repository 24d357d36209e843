"""Reads to check and a meter's intervals, in Chromium: both languages, both widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in
from tests.integration.channels import quarter_hours

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]

DRAWN_MS_MAX = 500
NAVIGATION = """() => {
  const told = performance.getEntriesByType("navigation")[0];
  return told.loadEventEnd - told.startTime;
}"""


@pytest.fixture
def meter(database: Any, tmp_path: Path) -> Iterator[Any]:
    """A meter with a year of quarter hours, some of which failed a rule in the last whole month."""
    from django.test.utils import override_settings
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock
    from tahseel.registry.meters import queries

    assembly.assemble()
    with override_settings(LAKE=str(tmp_path / "lake"), RAW_FILES=str(tmp_path / "raw")):
        world = street.build(clock.now())
        found = queries.meters_by_serial(serials=["E-00001"])["E-00001"]
        quarter_hours.fill(found.id, world.now)
        quarter_hours.judge(found.id, world)
        yield found


@looks
def test_reads_that_failed_are_listed_read_and_decided(
    meter: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, "/exceptions/", look)
    expect(page.locator("#list tbody tr").first).to_be_visible()
    assert_sound(page)
    shot(page, "exceptions", look)

    page.select_option("#by-rule", "spike")
    page.click("#narrow")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.click("#list tbody a >> nth=0")
    expect(page.locator("#reads figure.curve")).to_be_visible()
    assert_sound(page)
    shot(page, "exception", look)

    page.click("#act-estimate summary")
    page.fill("#id_estimate-reason", "تشويش" if look[0] == "ar" else "Radio noise")
    page.click("#do-estimate")
    expect(page.locator(".legend li[data-series='1']")).to_be_visible()
    assert_sound(page)
    shot(page, "exception-estimated", look)


@looks
def test_a_year_of_quarter_hours_is_drawn_in_half_a_second(
    meter: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, f"/meters/{meter.id}/intervals/", look)
    expect(page.locator("#curve path.line").first).to_be_visible()
    assert_sound(page)
    shot(page, "intervals", look)
    took = []
    for _ in range(3):
        page.reload()
        took.append(page.evaluate(NAVIGATION))

    told = page.locator("#curve .unit").inner_text()
    assert any(
        str(quarter_hours.DAYS * quarter_hours.SLOTS - 212)[:2] in part for part in told.split()
    ), told
    assert min(took) < DRAWN_MS_MAX, took
    page.click("a[href*='days=31']")
    expect(page.locator("#curve path.line").first).to_be_visible()
    assert_sound(page)
    shot(page, "intervals-month", look)
