"""The counter's pages of a customer, of duplicates and of a merge, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_portal import Look, looks, shot, signed_in

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations
from tahseel.registry.customers.models import Document, Protection
from tahseel.registry.customers.values import (
    CustomerKind,
    DocumentKind,
    NewDocument,
    ProtectionKind,
)
from tahseel.trust.approvals import operations as approvals

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Check = Callable[[Page], None]
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
HEAD = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    return street.build(clock.now())


@pytest.fixture
def told(world: Any) -> tuple[UUID, UUID]:
    """A resident with a history, papers and a merged record; and another record like his."""
    at = world.now
    by = {"actor": CLERK, "at": at}
    operations.correct_name(
        **by, customer_id=world.resident, name_ar="سليم كومار سينغ", name_en="Saleem Kumar Singh",
        effective_on=date(2026, 1, 1), reason="قراءة خاطئة", evidence="بطاقة مدنية 4471",
    )  # fmt: skip
    operations.protect(
        **by, id=new_id(at), customer_id=world.resident, kind=ProtectionKind.LIFE_SUPPORT,
        from_day=world.today, until_day=world.today.replace(year=world.today.year + 1),
        evidence="تقرير مستشفى 77",
    )  # fmt: skip
    paper = NewDocument(new_id(at), DocumentKind.PASSPORT, "in", "Z1234567")
    operations.add_document(**by, customer_id=world.resident, document=paper)
    twins = [
        operations.register(
            **by, id=new_id(at), kind=CustomerKind.UNKNOWN, civil_id=None, name_ar="سليم كومار",
            name_en="", mobile="99887766",
        ).id
        for _ in range(2)
    ]  # fmt: skip
    asked = operations.propose_merge(
        **by, approval_id=new_id(at), merged_id=twins[0], into_id=world.resident,
        reason="الهاتف نفسه والاسم نفسه",
    )  # fmt: skip
    merge_id = approvals.approve(actor=HEAD, at=at, approval_id=asked)
    assert isinstance(merge_id, UUID)
    return twins[1], merge_id


@looks
def test_a_head_reads_a_customer_and_compares_two_records(
    world: Any, told: tuple[UUID, UUID], open_page: Open, assert_sound: Check, look: Look
) -> None:
    twin, merge_id = told
    page = signed_in("office_head", open_page, f"/desk/customers/{world.resident}/", look)
    site = page.url.partition("/desk/")[0]
    expect(page.locator("#life tbody tr")).to_have_count(1)
    assert_sound(page)
    shot(page, "customer", look)

    here = f"/desk/customers/{world.resident}/"
    protection, paper = Protection.objects.get(), Document.objects.get()
    for name, path in (
        ("customer-name", f"{here}name/"),
        ("end-protection", f"{here}protections/{protection.id}/end/"),
        ("withdraw-document", f"{here}documents/{paper.id}/withdraw/"),
        ("duplicates", "/desk/duplicates/"),
        ("merge", f"/desk/merge/{twin}/{world.resident}/"),
        ("merged", f"/desk/merges/{merge_id}/"),
    ):
        page.goto(site + path)
        assert_sound(page)
        shot(page, name, look)

    expect(page.locator("#unmerge form")).to_be_visible()


@looks
def test_a_head_reads_what_waits_and_decides_on_a_withdrawn_death(
    world: Any, open_page: Open, assert_sound: Check, look: Look
) -> None:
    from tests.integration.channels.test_desk_records import stored

    stored(world, version=1, state="issued")
    record = stored(world, version=2, state="withdrawn")
    page = signed_in("office_head", open_page, "/desk/records/", look)
    assert_sound(page)
    shot(page, "records", look)

    page.click(f"a[href='/desk/records/{record.id}/']")
    expect(page.locator("#decide form")).to_be_visible()
    assert_sound(page)
    shot(page, "record", look)
