"""Applying for supply and working on it, in Chromium: sound in both languages and widths."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import looks, shot, signed_in
from tests.integration.channels.services import site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
Look = tuple[str, str, int]


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    built = street.build(clock.now())
    unit = site.prepare(built)
    return dataclasses.replace(built), unit


def applied(world: Any, *, quoted: bool = False, failed: bool = False) -> Any:
    """The neighbour's application, as far as wanted."""
    from tests.integration.channels.world import CLERK

    from tahseel.channels.services import operations
    from tahseel.channels.services.models import Application
    from tahseel.channels.services.values import NewApplication, NewEvidence, Study
    from tahseel.kernel.actor import Actor, ActorKind
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.quantity import Service

    street, unit = world
    papers = [
        NewEvidence(new_id(street.now), kind, f"{kind}.pdf", site.PDF + kind.encode())
        for kind in ("ownership", "electrical_plan")
    ]
    made = operations.apply(
        actor=CLERK, at=street.now, evidence=papers,
        application=NewApplication(
            new_id(street.now), "new_connection", street.neighbour, unit, frozenset(Service), 60
        ),
    )  # fmt: skip
    engineer = Actor(ActorKind.STAFF, "e", "e", frozenset({"supply_engineer"}))
    inspector = Actor(ActorKind.STAFF, "i", "i", frozenset({"inspector"}))
    given: dict[str, Any] = {"at": street.now, "application_id": made.id}
    if quoted or failed:
        study = Study("SS-12/F3", 30, conditions=("غرفة محول داخل القسيمة",))
        operations.record_study(actor=engineer, study=study, **given)
        operations.quote(actor=engineer, **given)
    if failed:
        Application.objects.update(state="paid")
        operations.record_inspection(
            actor=inspector, reasons=["لا يوجد تأريض في اللوحة الرئيسية"], **given
        )
    return made


@looks
def test_an_owner_applies_and_is_told_what_is_wrong(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    page = signed_in("neighbour", open_page, "/services/", look)
    assert_sound(page)
    shot(page, "services", look)
    page.locator("a[href='/services/new_connection/apply/']").click()
    assert_sound(page)
    shot(page, "apply", look)

    page.fill("#id_place", "00000000")
    page.check("#id_services_0")
    page.fill("#id_load_kw", "40")
    page.fill("#id_place", site.PLATE)
    page.click("#send")

    expect(page.locator("#papers")).to_be_visible()
    assert_sound(page)
    shot(page, "applied", look)
    page.goto(page.url.split("/applications/")[0] + "/applications/")
    assert_sound(page)
    shot(page, "own-applications", look)


@looks
def test_an_engineer_studies_and_quotes(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    made = applied(world)
    page = signed_in("engineer", open_page, "/applications/", look)
    assert_sound(page)
    shot(page, "work-list", look)
    page.locator(f"a[href='/applications/{made.reference}/']").click()
    shot(page, "to-study", look)
    page.fill("#id_network_point", "SS-12/F3")
    page.fill("#id_available_kw", "200")
    page.click("#study")
    expect(page.locator("#quote")).to_be_visible()
    assert_sound(page)

    page.click("#quote")

    expect(page.locator("#fee tfoot .money")).to_be_visible()
    assert_sound(page)
    shot(page, "quoted-staff", look)


@looks
def test_an_owner_sees_the_fee_and_what_has_to_be_put_right(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    made = applied(world, failed=True)
    page = signed_in("neighbour", open_page, f"/applications/{made.reference}/", look)

    expect(page.locator("#ask-again")).to_be_visible()
    assert_sound(page)
    shot(page, "failed", look)


@looks
def test_a_head_decides_on_what_was_paid_for_and_not_put_right(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from datetime import timedelta

    from tahseel.channels.services import operations
    from tahseel.channels.services.models import Application
    from tahseel.kernel.actor import system
    from tahseel.kernel.period import local_day

    made, now = applied(world, failed=True), world[0].now
    Application.objects.update(deadline=local_day(now) - timedelta(days=1))
    operations.refer(actor=system("night"), at=now, application_id=made.id)
    path = f"/applications/{made.reference}/"
    mine = signed_in("neighbour", open_page, path, look)
    assert_sound(mine)
    shot(mine, "referred", look)
    page = signed_in("office_head", open_page, path, look)
    assert_sound(page)
    shot(page, "to-decide", look)

    page.fill("#id_close_reason", "لم يُبنَ البيت")
    page.click("#close")

    expect(page.locator("#decide-card")).to_have_count(0)
    assert_sound(page)
    shot(page, "closed", look)


@looks
def test_an_owner_is_led_to_pay(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    made = applied(world, quoted=True)
    page = signed_in("neighbour", open_page, f"/applications/{made.reference}/", look)
    assert_sound(page)
    shot(page, "quoted", look)

    page.click("#pay")

    expect(page.locator("#pay-with-knet")).to_be_visible()
    assert_sound(page)
    shot(page, "pay-fee", look)


@looks
def test_an_officer_gives_supply(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tahseel.channels.services.models import Application

    made = applied(world, quoted=True)
    Application.objects.update(state="passed")
    page = signed_in("connector", open_page, f"/applications/{made.reference}/", look)
    assert_sound(page)
    shot(page, "to-energise", look)
    for name, value in (
        ("electricity-serial", "E-70001"), ("electricity-opening", "000003"),
        ("water-serial", "W-70001"), ("water-opening", "000000"),
    ):  # fmt: skip
        page.fill(f"#id_{name}", value)

    page.click("#energise")

    expect(page.locator(".timeline li")).to_have_count(4)
    assert_sound(page)
    shot(page, "energised", look)
