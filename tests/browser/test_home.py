"""The home page in both languages: the year's collection beside the same days of last year."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
SHOTS = os.environ.get("TAHSEEL_SCREENSHOTS")


@pytest.fixture
def _collected(database: Any) -> None:
    """KD 1,234.500 today, KD 1,000.000 on the same day of last year, by three channels."""
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock
    from tahseel.kernel.period import same_day_last_year

    assembly.assemble()
    world = street.build(clock.now())
    before = same_day_last_year(world.today)
    street.received(world, world.neighbour, 934_500, world.today, "knet")
    street.received(world, world.neighbour, 300_000, world.today, "bank_transfer")
    street.received(world, world.neighbour, 1_000_000, before, "cash")
    for months in range(1, 14):
        day = world.today - timedelta(days=31 * months)
        street.received(world, world.neighbour, 90_000 + 7_500 * (months % 5), day, "knet")


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("language", "scheme"), [("ar", "light"), ("en", "dark")])
def test_everybody_reads_what_was_collected_since_the_first_of_april(
    open_page: Open, assert_sound: Check, language: str, scheme: str, width: int
) -> None:
    page = open_page("/", language=language, width=width, scheme=scheme)

    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    label = "المحصّل منذ 1 أبريل" if language == "ar" else "Collected since 1 April"
    expect(page.locator(".kpi", has_text=label).locator(".delta")).to_be_visible()
    assert page.locator("figure.chart g.slot").count() == 12
    assert_sound(page)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/home-{language}-{width}.png", full_page=True)


@pytest.mark.usefixtures("_collected")
def test_the_switch_leads_to_english_and_back(open_page: Open) -> None:
    page = open_page("/")

    page.click("button[name=language][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("button[name=language][value=ar]")

    expect(page.locator("html")).to_have_attribute("lang", "ar")
