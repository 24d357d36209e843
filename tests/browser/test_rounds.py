"""Rounds in Chromium: the list, a round, the door on a phone; both languages, both widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in
from tests.integration.channels import walked

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def walk(database: Any, tmp_path: Path) -> Iterator[Any]:
    """The round of the street that is under way."""
    from django.test.utils import override_settings
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    with override_settings(LAKE=str(tmp_path / "lake"), RAW_FILES=str(tmp_path / "raw")):
        yield walked.out(street.build(clock.now()))


@looks
def test_a_reader_walks_from_door_to_door(
    walk: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("reader", open_page, "/rounds/", look)
    assert_sound(page)
    shot(page, "rounds", look)

    page.click("#list tbody a >> nth=0")
    assert_sound(page)
    shot(page, "round", look)

    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 29.3375, "longitude": 48.0758})
    page.click("#next")
    page.click("#read [data-locates]")
    expect(page.locator("#read [data-located]")).not_to_be_empty()
    assert_sound(page)
    page.fill("#id_read-dial_0", "9999")
    page.click("#save-read")
    expect(page.locator("#id_read-confirmed")).to_be_visible()
    assert_sound(page)
    shot(page, "stop-asked", look)

    page.check("#id_read-confirmed")
    page.click("#save-read")
    expect(page).to_have_url(f"{page.url.split('/stops/')[0]}/stops/2/")
    page.click("#none summary")
    page.select_option("#id_none-no_access", "locked")
    page.fill("#id_none-note", "مع الحارس" if look[0] == "ar" else "With the guard")
    assert_sound(page)
    shot(page, "stop", look)
    page.click("#save-none")
    expect(page).to_have_url(f"{page.url.split('/stops/')[0]}/stops/3/")


@looks
def test_a_head_sees_what_a_broken_file_lacked_and_who_reads_which_route(
    walk: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, f"/rounds/{walk.id}/", look)
    rows = f"round,meter,register,value,at\n{walk.id},E-00001,1.8.0,7OOO,2026-06-10\n"
    page.click("#act-results summary")
    page.set_input_files(
        "#id_results-results",
        {"name": "handheld-7.csv", "mimeType": "text/csv", "buffer": rows.encode()},
    )
    page.click("#do-results")
    assert_sound(page)
    shot(page, "round-refused-file", look)

    page.goto(page.url.split("/rounds/")[0] + "/rounds/routes/")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    assert_sound(page)
    shot(page, "routes", look)
