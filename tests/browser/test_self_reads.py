"""A customer reads an own meter and a clerk looks at it, in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in
from tests.integration.channels import walked
from tests.integration.channels.test_self_reads import always
from tests.unit.consumption.field.test_pictures import png

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def street(database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The street with a history of reads, and the window open."""
    from django.test.utils import override_settings
    from tests.integration.channels import world

    from tahseel.app import assembly, clock

    assembly.assemble()
    always(monkeypatch)
    with override_settings(LAKE=str(tmp_path / "lake"), RAW_FILES=str(tmp_path / "raw")):
        built = world.build(clock.now())
        walked.told(built)
        yield built


@looks
def test_an_odd_read_is_asked_about_and_waits_for_a_clerk(
    street: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    account = f"/accounts/{street.number(street.resident)}/"
    page = signed_in("resident", open_page, account, look)
    expect(page.locator("#own-meters a")).to_have_count(2)
    assert_sound(page)
    shot(page, "account-own-meters", look)

    page.click("#own-meters a >> nth=0")
    page.fill("#id_dial_0", "99000")
    page.set_input_files(
        "#id_photo", {"name": "dial.png", "mimeType": "image/png", "buffer": png(240, 160)}
    )
    page.click("#send")
    expect(page.locator("#id_confirmed")).to_be_visible()
    assert_sound(page)
    shot(page, "self-read-asked", look)
    page.check("#id_confirmed")
    page.click("#send")
    expect(page.locator("#own-meters a")).to_have_count(1)

    clerk = signed_in("clerk", open_page, "/rounds/self-reads/", look)
    assert_sound(clerk)
    shot(clerk, "self-reads", look)
    clerk.click("#list tbody a >> nth=0")
    assert_sound(clerk)
    shot(clerk, "self-read", look)
    clerk.fill("#id_reason", "الصورة واضحة" if look[0] == "ar" else "The photograph shows it")
    clerk.click("#take")
    expect(clerk.locator("#list tbody tr")).to_have_count(0)
