"""A site on a port of its own, Debian's chromium, and what every page must pass."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
IDLE_SOCKET_S = 20


class _Quiet(WSGIRequestHandler):
    timeout = IDLE_SOCKET_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
        """Requests are not worth a line in the test report."""


class _Threads(ThreadingMixIn, WSGIServer):
    """A thread a request; each gives its database connection back when it ends."""

    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        from django.db import connections

        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


@pytest.fixture
def site(database: Any) -> Iterator[str]:
    """The address of the web process, on this test's own database."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Threads, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file.

    Playwright keeps an event loop in this thread, which Django would take for a reason to refuse
    the database; the variable says that it is none.
    """
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


Open = Callable[..., Page]


def _complains(said: ConsoleMessage, status: int) -> bool:
    """Whether a line on the console is a fault; the status that a test expects is none."""
    return said.type == "error" and (status == 200 or f"status of {status}" not in said.text)


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[Open]:
    """`open_page(path, language="ar", width=390, scheme="dark", status=200)` opens a page.

    Whatever the page complains of on its console (a blocked script, a missing file) fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def open_it(
        path: str,
        *,
        language: str = "ar",
        width: int = 1280,
        scheme: str = "light",
        status: int = 200,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        context.add_cookies([{"name": "tahseel_language", "value": language, "url": site}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if _complains(said, status) else None,
        )
        answer = page.goto(site + path)
        assert answer is not None
        assert answer.status == status
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def assert_sound() -> Callable[[Page], None]:
    """No WCAG 2.2 AA violation that axe finds, and nothing wider than the window."""

    def check(page: Page) -> None:
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready.then(() => true)")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{wide} px wider than the window at {page.url}"
        rules = {"runOnly": {"type": "tag", "values": WCAG_2_2_AA}}
        found = Axe().run(page, options=rules)
        assert found.violations_count == 0, found.generate_report()

    return check
