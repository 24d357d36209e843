"""The simulated page in a browser: both languages, phone and desk, light and dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from simulators.knet import wire
from simulators.knet.bank import Bank, Terminal
from simulators.knet.faults import FaultPlan
from simulators.knet.server import Server

KEY = "0123456789ABCDEF"
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def url() -> Iterator[str]:
    bank = Bank([Terminal("T1", "secret1", KEY)], FaultPlan({}, 1))
    server = Server(("127.0.0.1", 0), bank, late_ms=10, merchant="وزارة الكهرباء", quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def payment_address(url: str, track_id: str) -> str:
    fields = {
        "id": "T1",
        "password": "secret1",
        "action": "1",
        "langid": "AR",
        "currencycode": "414",
        "amt": "123456.750",
        "responseURL": "http://127.0.0.1:9/response",
        "errorURL": f"{url}/healthz",
        "trackid": track_id,
    }
    plain = "".join(f"{name}={value}&" for name, value in fields.items())
    query = urlencode({"trandata": wire.seal(plain, KEY), "tranportalId": "T1"})
    return f"{url}/kpg/PaymentHTTP.htm?param=paymentInit&{query}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield made
        made.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_on_phone_and_desk(
    url: str, browser: Browser, width: int, language: str, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(payment_address(url, "A" * 19))

    page.goto(f"{page.url}&lang={language}")

    rules = {"runOnly": {"type": "tag", "values": WCAG_2_2_AA}}
    report = Axe().run(page, options=rules)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.browser
def test_a_browser_can_pay_and_is_led_on(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(payment_address(url, "B1"))

    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Pay", exact=True).click()

    assert page.url.startswith(f"{url}/healthz?paymentid=")
    assert page.url.endswith("&trackid=B1")
