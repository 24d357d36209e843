"""A resident is held, pays, and walks: the exit officer's screen on real processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser import processes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
Open = Callable[..., Page]
Check = Callable[[Page], None]
SHOTS = os.environ.get("TAHSEEL_SCREENSHOTS")
SHOWN_MS_MAX = 15_000
RELEASE_MS_MAX = 10_000
FREED = "رُفع الإيقاف عن جميع معاملاتكم"
WORDS = {"ar": ("موقوف", "لا مانع", "تم الدفع"), "en": ("Held", "Clear", "Payment received")}


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    return street.build(clock.now())


@pytest.fixture
def site(world: Any, database: Any, tmp_path: Path) -> Iterator[str]:
    with processes.running(database, tmp_path) as address:
        yield address


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def sign_in(page: Page, world_password: str) -> None:
    page.fill("input[name=username]", "exit_officer")
    page.fill("input[name=password]", world_password)
    page.click("main button[type=submit]")


def look_up(page: Page, civil_id: str) -> None:
    page.fill("#id_civil_id", civil_id)
    page.select_option("#id_gate", "exit")
    page.click("main form:has(#id_civil_id) button[type=submit]")


def pay(page: Page, sound: Check, language: str, mark: str) -> None:
    """From the page of the reference over the payment page to the result."""
    sound(page)
    shot(page, f"pay-{mark}")
    page.click("#pay-with-knet")
    page.wait_for_url("**/kpg/paymentpage.htm*")
    assert page.locator("html").get_attribute("lang") == language
    page.click("button[name=do][value=pay]")
    page.wait_for_url("**/payments/*/result")
    expect(page.locator("[data-state=posted]")).to_be_visible(timeout=SHOWN_MS_MAX)
    expect(page.locator(".verdict .title")).to_have_text(WORDS[language][2])
    sound(page)
    shot(page, f"result-{mark}")


def read_the_text(page: Page, address: str) -> None:
    """The freed person's phone, a moment later."""
    bubble = page.locator("article", has_text=FREED)
    page.goto(address)
    end = time.monotonic() + SHOWN_MS_MAX / 1_000
    while not bubble.count() and time.monotonic() < end:
        page.wait_for_timeout(200)
        page.reload()
    expect(bubble).to_have_count(1)


@pytest.mark.parametrize("screen", [(tongue, width) for tongue in WORDS for width in (390, 1280)])
def test_a_held_resident_pays_and_the_border_page_turns_clear(
    world: Any,
    open_page: Open,
    assert_sound: Check,
    tmp_path: Path,
    screen: tuple[str, int],
) -> None:
    from tests.integration.channels.world import CIVIL_ID, PASSWORD

    language, width = screen
    held, clear, _ = WORDS[language]
    mark = f"{language}-{width}"
    page = open_page("/sign-in/?next=/border/", language=language, width=width)
    sign_in(page, PASSWORD)
    page.wait_for_url("**/border/")
    assert_sound(page)
    look_up(page, CIVIL_ID)

    answer = page.locator("#answer")
    expect(answer.locator("[data-answer=held] .verdict .title")).to_have_text(held)
    assert CIVIL_ID not in page.content()
    assert CIVIL_ID not in page.url
    assert_sound(page)
    shot(page, f"held-{mark}")

    if width < 600:
        page.click("#pay")
        pay(page, assert_sound, language, mark)
        page.click("#back-to-border")
    else:
        with page.context.expect_page() as opened:
            page.click("#pay-in-tab")
        pay(opened.value, assert_sound, language, mark)

    verdict = answer.locator("[data-answer=clear]")
    expect(verdict.locator(".verdict .title")).to_have_text(clear, timeout=SHOWN_MS_MAX)
    measured = verdict.locator("[data-clear-ms]").get_attribute("data-clear-ms")
    assert measured is not None
    assert 0 <= int(measured) < RELEASE_MS_MAX
    expect(verdict.locator(".timeline li[data-state=done]")).to_have_count(6)
    assert_sound(page)
    shot(page, f"clear-{mark}")
    read_the_text(page, processes.phone(tmp_path))
    assert_sound(page)
    shot(page, f"phone-{mark}")
