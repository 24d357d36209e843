"""A unit found, certified and split, in Chromium: both languages, both widths."""

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
def plant(database: Any) -> Any:
    """A plant with a certificate, in a building that has a shop and a flat split in two."""
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock
    from tahseel.kernel.ids import new_id
    from tahseel.registry.premises import operations
    from tahseel.registry.premises.values import NewUnit, Sector, UnitKind

    assembly.assemble()
    world = street.build(clock.now())
    by = {"actor": world.town.head, "at": world.now}
    (plant,) = world.town.units(
        1, kind=UnitKind.PLANT, sector=Sector.INDUSTRIAL, paci_number="15667788", floor="1"
    )

    def beside(kind: UnitKind, number: str, sector: Sector, day: Any) -> NewUnit:
        return NewUnit(
            new_id(world.now), plant.premises_id, kind, sector, day, floor="2", number=number
        )

    flat = beside(UnitKind.FLAT, "7", Sector.INVESTMENT, plant.from_day)
    for unit in (flat, beside(UnitKind.SHOP, "1", Sector.COMMERCIAL, plant.from_day)):
        operations.add_unit(**by, unit=unit)
    operations.split_unit(
        **by, id=new_id(world.now), unit_id=flat.id, on_day=world.today, reference="B/2026/7",
        into=[beside(UnitKind.FLAT, n, Sector.INVESTMENT, world.today) for n in ("7A", "7B")],
        points={},
    )  # fmt: skip
    operations.record_certificate(
        **by, id=new_id(world.now), unit_id=plant.id, kind="productive_factory",
        number="PAI-2041", valid_from=world.today - timedelta(days=300),
        valid_until=world.today + timedelta(days=40),
    )  # fmt: skip
    return plant


@looks
def test_a_unit_is_found_read_and_split(
    plant: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("office_head", open_page, "/places/", look)
    assert_sound(page)
    page.fill("#search_q", "السالمية" if look[0] == "ar" else "Salmiya")
    page.press("#search_q", "Enter")
    expect(page.locator("#found")).to_be_visible()
    assert_sound(page)
    shot(page, "places", look)

    page.click(f"#found a[href='/places/units/{plant.id}/']")
    expect(page.locator("#sectors")).to_be_visible()
    assert_sound(page)
    page.click("#papers summary")
    assert_sound(page)
    shot(page, "place", look)
    page.click("#split")
    expect(page.locator("#change")).to_be_visible()
    assert_sound(page)
    shot(page, "place-split", look)
    page.go_back()
    page.click("#merge")
    expect(page.locator("#change")).to_be_visible()
    assert_sound(page)
    shot(page, "place-merge", look)
    page.goto(page.url.replace("merge/", ""))
    page.click("#beside tr:has-text('7A') a, #beside tr:has-text('7') a")
    assert_sound(page)
    shot(page, "place-part", look)


@looks
def test_a_meters_life_is_read(
    plant: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tahseel.registry.meters import queries

    meter = queries.meters_by_serial(serials=["E-00001"])["E-00001"]
    page = signed_in("office_head", open_page, f"/places/meters/{meter.id}/", look)
    expect(page.locator("#hangings")).to_be_visible()
    expect(page.locator("#consumption")).to_be_visible()
    assert_sound(page)
    shot(page, "meter", look)
