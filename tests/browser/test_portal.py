"""A customer's own pages, the counter's search and paying by reference, in Chromium."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]
SHOTS = os.environ.get("TAHSEEL_SCREENSHOTS")
LOOKS = [("ar", "light", 390), ("ar", "dark", 1280), ("en", "dark", 390), ("en", "light", 1280)]
looks = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[2]}")


@pytest.fixture
def world(database: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock
    from tahseel.consumption.readings import queries
    from tahseel.kernel.period import Period

    def daily(*, account_id: Any, period: Period) -> list[queries.DailyConsumption]:
        """A smart meter's days, one of them missing."""
        days: list[date] = [day for day in period if day.day != 7]
        return [
            queries.DailyConsumption(day, 90_000 + 4_000 * (day.toordinal() % 9), complete=True)
            for day in days
        ]

    monkeypatch.setattr(queries, "account_daily_consumption", daily)
    assembly.assemble()
    return street.build(clock.now())


def signed_in(username: str, open_page: Open, path: str, look: Look) -> Page:
    """The page as this person opens it, with a session made without the sign-in form."""
    from django.conf import settings
    from django.test import Client

    from tahseel.trust.access.models import User

    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = open_page("/components/", **_chosen(look))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session,
                "url": page.url.replace("/components/", "/"),
            }
        ]
    )
    page.goto(page.url.replace("/components/", path))
    return page


def _chosen(look: Look) -> dict[str, Any]:
    return dict(zip(("language", "scheme", "width"), look, strict=True))


def shot(page: Page, name: str, look: Look) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{look[0]}-{look[2]}.png", full_page=True)


@looks
def test_a_customer_reads_the_own_account_and_its_bills(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("resident", open_page, "/accounts/", look)

    expect(page).to_have_url(page.url.split("/accounts/")[0] + "/accounts/"
                             + world.number(world.resident) + "/")  # fmt: skip
    assert page.locator("figure.chart").count() == 3
    assert_sound(page)
    shot(page, "account", look)

    page.locator("a[href^='/bills/']").first.click()
    expect(page.locator("tfoot .money")).to_be_visible()
    assert_sound(page)
    shot(page, "bill", look)


@looks
def test_the_counter_finds_a_customer_and_opens_the_account(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("clerk", open_page, "/desk/", look)
    page.fill("#id_text", "كومار")
    page.click("form[role=search] button")
    account = page.locator(f"a[href='/accounts/{world.number(world.resident)}/']")

    expect(account).to_be_visible()
    assert_sound(page)
    shot(page, "find", look)
    account.click()
    expect(page.locator("figure.chart").first).to_be_visible()
    assert_sound(page)
    shot(page, "staff-account", look)


@looks
def test_anybody_pays_by_reference(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = open_page("/pay/", **_chosen(look))
    assert_sound(page)
    page.fill("#id_reference", world.bill_number(world.resident))
    page.click("main form button[type=submit]")

    expect(page.locator("#pay-with-knet")).to_be_visible()
    assert_sound(page)
    shot(page, "pay-bill", look)

    page.fill("#id_amount", "9999999")
    page.click("#pay-with-knet")
    expect(page.locator(".notice[data-tone=bad]")).to_be_visible()
    assert_sound(page)


def test_an_unknown_reference_is_told_kindly(
    world: Any, open_page: Open, assert_sound: Check
) -> None:
    page = open_page("/pay/H-2026-XXXXXXXX/", status=404)

    assert_sound(page)
