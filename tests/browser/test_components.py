"""The page of components in Chromium: both languages, phone and desk, light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("language", "scheme"), [("ar", "light"), ("en", "dark")])
def test_every_component_is_readable_by_everybody(
    open_page: Open, assert_sound: Check, language: str, scheme: str, width: int
) -> None:
    page = open_page("/components/", language=language, width=width, scheme=scheme)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.locator(".half").count() == 2
    assert_sound(page)


@pytest.mark.parametrize(("language", "scheme"), [("ar", "dark"), ("en", "light")])
def test_the_other_theme_of_each_language_is_readable_too(
    open_page: Open, assert_sound: Check, language: str, scheme: str
) -> None:
    page = open_page("/components/", language=language, scheme=scheme)

    assert_sound(page)


def test_time_runs_from_the_right_on_an_arabic_chart_and_from_the_left_on_an_english_one(
    open_page: Open,
) -> None:
    page = open_page("/components/")
    first = "[dir={}] figure.chart >> nth=0 >> g.slot >> nth=0 >> rect.column"
    last = "[dir={}] figure.chart >> nth=0 >> g.slot >> nth=11 >> rect.column"

    def left(selector: str, direction: str) -> float:
        box = page.locator(".half" + selector.format(direction)).bounding_box()
        assert box is not None
        return box["x"]

    assert left(first, "rtl") > left(last, "rtl")
    assert left(first, "ltr") < left(last, "ltr")


def test_a_dialog_opens_takes_the_keyboard_and_closes(open_page: Open, assert_sound: Check) -> None:
    page = open_page("/components/", language="en")

    page.locator("[data-opens=ltr-lift]").click()
    expect(page.locator("#ltr-lift")).to_be_visible()
    assert_sound(page)
    page.keyboard.press("Escape")

    expect(page.locator("#ltr-lift")).to_be_hidden()


def test_the_chosen_theme_and_language_last(open_page: Open, assert_sound: Check) -> None:
    page = open_page("/components/")

    page.locator("[data-theme-toggle]").click()
    page.locator("button[name=language][value=en]").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_keyboard_reaches_the_content_at_once(open_page: Open) -> None:
    page = open_page("/components/", width=390)

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_touch_targets_are_large_enough(open_page: Open) -> None:
    page = open_page("/components/", width=390)

    small = page.evaluate(
        """() => [...document.querySelectorAll('button, .button, .control, .nav a, summary')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)
            .map(e => e.outerHTML.slice(0, 80))"""
    )

    assert small == []
