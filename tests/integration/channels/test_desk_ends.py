"""What ends before its day on the counter's screens: protections and documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tahseel.app import clock
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.models import Document, Protection
from tahseel.registry.customers.values import DocumentKind, NewDocument, ProtectionKind
from tahseel.trust.audit import sequencer


@pytest.fixture
def protection(world: Any) -> Any:
    """A resident on a machine; the page that ends it."""
    at = world.now
    operations.protect(
        actor=world.town.clerk, at=at, id=new_id(at), customer_id=world.resident,
        kind=ProtectionKind.LIFE_SUPPORT, from_day=world.today,
        until_day=world.today + timedelta(days=100), evidence="letter 5",
    )  # fmt: skip
    return Protection.objects.get()


@pytest.fixture
def paper(world: Any) -> Any:
    at = world.now
    document = NewDocument(
        id=new_id(at), kind=DocumentKind.PASSPORT, issuer="India", number="Z7712345",
        issued_on=None, expires_on=date(2035, 1, 1), reference="",
    )  # fmt: skip
    operations.add_document(
        actor=world.town.clerk, at=at, customer_id=world.resident, document=document
    )
    return Document.objects.get()


def page_of(world: Any) -> str:
    return f"/desk/customers/{world.resident}/"


def end_of(world: Any, protection: Any) -> str:
    return f"{page_of(world)}protections/{protection.id}/end/"


def withdrawal_of(world: Any, paper: Any) -> str:
    return f"{page_of(world)}documents/{paper.id}/withdraw/"


def test_a_head_ends_a_protection_and_the_story_tells_it(
    world: Any, sign_in: Any, protection: Any
) -> None:
    head, address = sign_in("office_head"), end_of(world, protection)
    offered = address in head.get(page_of(world)).content.decode()

    asked = head.get(address).content.decode()
    done = head.post(address, {"reason": "the machine went back"})
    sequencer.sequence_pending(at=clock.now())
    story = head.get(f"/timeline/customer/{world.resident}/").content.decode()
    arabic = sign_in("office_head", language="ar").get(page_of(world)).content.decode()

    assert offered
    assert "Life-support machine at home" in asked
    assert done.headers["Location"] == page_of(world)
    assert queries.protected_on(customer_ids=[world.resident], day=world.today) == set()
    assert "End a protection" in story
    assert "إنهاء الحالة المحمية" not in arabic


def test_a_clerk_ends_no_protection(world: Any, sign_in: Any, protection: Any, leaves: Any) -> None:
    clerk, address = sign_in("clerk"), end_of(world, protection)

    shown = clerk.get(page_of(world)).content.decode()
    tried = clerk.post(address, {"reason": "he owes"})

    assert address not in shown
    assert tried.status_code == 403
    assert Protection.objects.get().ended_at is None
    assert not leaves("customers.end_protection")
    assert leaves()[-1]["outcome"] == "denied"


def test_an_end_without_a_reason_is_asked_again_and_ends_nothing(
    world: Any, sign_in: Any, protection: Any
) -> None:
    answer = sign_in("office_head").post(end_of(world, protection), {"reason": "  "})

    assert answer.status_code == 422
    assert Protection.objects.get().ended_at is None


def test_what_has_ended_or_is_anothers_has_no_page(
    world: Any, sign_in: Any, protection: Any, paper: Any
) -> None:
    head = sign_in("office_head")
    strange = f"/desk/customers/{world.neighbour}/"
    head.post(end_of(world, protection), {"reason": "over"})
    head.post(withdrawal_of(world, paper), {"reason": "stolen"})

    again = [head.get(end_of(world, protection)), head.get(withdrawal_of(world, paper))]
    others = [
        head.get(f"{strange}protections/{protection.id}/end/"),
        head.get(f"{strange}documents/{paper.id}/withdraw/"),
    ]

    assert {answer.status_code for answer in (*again, *others)} == {404}


def test_a_clerk_withdraws_a_document_and_the_story_tells_it(
    world: Any, sign_in: Any, paper: Any
) -> None:
    clerk, address = sign_in("clerk"), withdrawal_of(world, paper)
    offered = address in clerk.get(page_of(world)).content.decode()

    asked = clerk.get(address).content.decode()
    done = clerk.post(address, {"reason": "reported stolen"})
    page = clerk.get(page_of(world)).content.decode()
    sequencer.sequence_pending(at=clock.now())
    story = clerk.get(f"/timeline/customer/{world.resident}/").content.decode()

    assert offered
    assert "Passport" in asked
    assert "Z7712345" not in asked
    assert done.headers["Location"] == page_of(world)
    assert Document.objects.get().withdrawal_reason == "reported stolen"
    assert address not in page
    assert "Withdraw an identity document" in story


def test_an_auditor_withdraws_no_document(world: Any, sign_in: Any, paper: Any) -> None:
    auditor, address = sign_in("auditor"), withdrawal_of(world, paper)

    shown = auditor.get(page_of(world)).content.decode()
    tried = auditor.post(address, {"reason": "mine"})

    assert address not in shown
    assert tried.status_code == 403
    assert Document.objects.get().withdrawn_at is None
