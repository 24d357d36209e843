"""The counter's screens of a customer, of duplicates and merges: who may, what is shown, done."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations
from tahseel.registry.customers.models import Apart, Change, Contact, Customer, Document, Merge
from tahseel.registry.customers.values import CustomerKind

Leaves = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def twin(world: Any) -> UUID:
    """A second record of the resident, by a misspelt name, without a number."""
    from tests.integration.channels.world import CLERK

    from tahseel.app import clock

    at = clock.now()
    return operations.register(
        actor=CLERK, at=at, id=new_id(at), kind=CustomerKind.UNKNOWN, civil_id=None,
        name_ar="سليم كومار", name_en="Salim Kumaar", mobile="99887766",
    ).id  # fmt: skip


def of(customer_id: UUID, code: str = "") -> str:
    return f"/desk/customers/{customer_id}/" + (f"{code}/" if code else "")


def test_a_clerk_sees_who_a_customer_is_without_his_numbers(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    from tests.integration.channels.world import CIVIL_ID

    page = sign_in("clerk").get(of(world.resident))

    body = page.content.decode()
    assert page.status_code == 200
    assert "Saleem Kumar" in body
    assert "Identity verified" in body
    assert world.number(world.resident) in body
    assert CIVIL_ID not in body
    assert "99887766" not in body
    assert str(world.resident) in {leaf["subject"] for leaf in leaves("read")}


@pytest.mark.parametrize("username", ["exit_officer", "resident", None])
def test_nobody_else_sees_a_customer(world: Any, sign_in: Any, username: str | None) -> None:
    client = sign_in(username)

    for address in (of(world.resident), "/desk/duplicates/"):
        page = client.get(address)
        assert page.status_code in (302, 403)
        assert "Saleem" not in page.content.decode()


def test_the_auditor_reads_and_is_given_nothing_to_do(world: Any, sign_in: Any) -> None:
    auditor = sign_in("auditor")

    page = auditor.get(of(world.resident))
    tried = auditor.post(of(world.resident, "name"), {"name_en": "Another"})

    assert "Correct the name" not in page.content.decode()
    assert tried.status_code == 403
    assert not Change.objects.exists()


def test_a_clerk_corrects_a_name_and_the_page_tells_what_stood_before(
    world: Any, sign_in: Any
) -> None:
    clerk = sign_in("clerk")

    sent = clerk.post(
        of(world.resident, "name"),
        {"name_ar": "سليم كومار سينغ", "name_en": "Saleem Kumar Singh",
         "effective_on": "2026-01-01", "reason": "card misread", "evidence": "card 7"},
    )  # fmt: skip
    page = clerk.get(of(world.resident)).content.decode()

    assert (sent.status_code, sent.headers["Location"]) == (302, of(world.resident))
    assert "Saleem Kumar Singh" in page
    assert re.search(r"<bdi>Saleem Kumar</bdi>", page)


def test_a_wrong_civil_number_is_refused_on_the_page_and_nothing_changes(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    before = bytes(Customer.objects.get(pk=world.resident).civil_id_index)

    page = sign_in("clerk", language="ar").post(
        of(world.resident, "civil-number"),
        {"civil_id": "292091998297", "proof": "smart_card", "effective_on": "2026-01-01",
         "reason": "slip", "evidence": "card"},
    )  # fmt: skip

    assert page.status_code == 422
    assert "الرقم المدني المنتهي بـ 8297 غير صحيح" in page.content.decode()
    assert bytes(Customer.objects.get(pk=world.resident).civil_id_index) == before
    assert leaves("customers.check_civil_id")[-1]["outcome"] == "refused"


def test_a_clerk_asks_for_another_civil_number_and_somebody_else_decides(
    world: Any, sign_in: Any
) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    number = world.town.civil_id().digits
    before = bytes(Customer.objects.get(pk=world.resident).civil_id_index)

    asked = clerk.post(
        of(world.resident, "civil-number"),
        {"civil_id": number, "proof": "smart_card", "effective_on": "2026-01-01",
         "reason": "slip", "evidence": "card"},
    )  # fmt: skip
    unchanged = bytes(Customer.objects.get(pk=world.resident).civil_id_index)
    tried = clerk.post(asked.headers["Location"] + "approve/")
    words = head.get(asked.headers["Location"]).content.decode()
    head.post(asked.headers["Location"] + "approve/")

    assert (asked.status_code, unchanged, tried.status_code) == (302, before, 403)
    assert "Change the civil number of “Saleem Kumar”" in words
    assert number not in words
    assert bytes(Customer.objects.get(pk=world.resident).civil_id_index) != before


def test_a_document_and_a_protection_are_recorded_and_shown(world: Any, sign_in: Any) -> None:
    clerk = sign_in("clerk")

    clerk.post(
        of(world.resident, "document"), {"kind": "passport", "issuer": "in", "number": "Z 123 4567"}
    )
    clerk.post(
        of(world.resident, "protection"),
        {"kind": "life_support", "from_day": "2020-01-01", "until_day": "2021-01-01",
         "evidence": "hospital 5"},
    )  # fmt: skip
    page = clerk.get(of(world.resident)).content.decode()

    assert Document.objects.count() == 1
    assert "Z1234567" not in page
    assert "Passport" in page
    assert "Life-support machine at home" in page
    assert "hospital 5" in page


def test_two_records_are_compared_merged_by_two_people_and_told_apart_again(
    world: Any, sign_in: Any, twin: UUID
) -> None:
    clerk, head = sign_in("clerk"), sign_in("office_head")
    address = f"/desk/merge/{twin}/{world.resident}/"
    listed = clerk.get("/desk/duplicates/").content.decode()

    asked = clerk.post(address, {"reason": "one telephone", "answer": "merge"})
    words = head.get(asked.headers["Location"]).content.decode()
    head.post(asked.headers["Location"] + "approve/")
    merge = Merge.objects.get()
    goes = clerk.get(of(twin)).content.decode()
    back = clerk.post(f"/desk/merges/{merge.id}/", {"reason": "two people after all"})
    told = head.get(back.headers["Location"]).content.decode()
    head.post(back.headers["Location"] + "approve/")

    assert address in listed
    assert "The same mobile number" in listed
    assert "Merge the record of “Salim Kumaar” into that of “Saleem Kumar”" in words
    assert "This record was merged" in goes
    assert "Take back the merge" in told
    merge.refresh_from_db()
    assert merge.undone_at is not None
    assert Customer.objects.get(pk=twin).merged_into_id is None


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_came_while_two_were_one_is_shown_and_moved_by_two_people(
    world: Any, sign_in: Any, twin: UUID, language: str
) -> None:
    clerk, head = sign_in("clerk", language=language), sign_in("office_head", language=language)

    def agreed(asked: Any) -> None:
        assert asked.status_code == 302, asked.content.decode()
        head.post(asked.headers["Location"] + "approve/")

    agreed(
        clerk.post(
            f"/desk/merge/{twin}/{world.resident}/", {"reason": "one telephone", "answer": "merge"}
        )
    )
    merge = Merge.objects.get()
    clerk.post(
        of(world.resident, "document"), {"kind": "passport", "issuer": "in", "number": "Z 123 4567"}
    )
    agreed(clerk.post(f"/desk/merges/{merge.id}/", {"reason": "two people after all"}))
    address = f"/desk/merges/{merge.id}/since/"

    listed = clerk.get(f"/desk/merges/{merge.id}/").content.decode()
    as_json = clerk.get(f"/api/v1/merges/{merge.id}/since").json()
    own = clerk.get(address).content.decode()
    unsaid = clerk.post(address, {"rows": ["0"]})
    asked = clerk.post(address, {"rows": ["0"], "reason": "the passport is his"})
    still = Document.objects.get().customer_id
    words = head.get(asked.headers["Location"]).content.decode()
    clerk.post(asked.headers["Location"] + "approve/")
    alone = Document.objects.get().customer_id
    agreed(asked)

    paper, moved = {
        "ar": ("المستندات", "نُقل إلى السجل العائد"),
        "en": ("Documents", "Moved to the record that came back"),
    }[language]
    assert address in listed
    assert paper in listed.partition('id="came"')[2]
    assert paper in own
    assert unsaid.status_code == 422
    assert ("passport" in words, still, alone) == (True, world.resident, world.resident)
    assert Document.objects.get().customer_id == twin
    assert moved in clerk.get(f"/desk/merges/{merge.id}/").content.decode()
    assert (as_json["merged"], as_json["into"]) == (str(twin), str(world.resident))
    assert [(row["name_ar"], row["name_en"], row["state"]) for row in as_json["rows"]] == [
        ("المستندات", "Documents", "here")
    ]
    told_as_json(merge.id, twin, clerk, sign_in("security_officer"))


def told_as_json(merge_id: UUID, unknown: UUID, clerk: Any, officer: Any) -> None:
    address = "/api/v1/merges/{}/since"
    [row] = clerk.get(address.format(merge_id)).json()["rows"]
    assert row["state"] == "moved"
    assert clerk.get(address.format(unknown)).status_code == 404
    assert officer.get(address.format(merge_id)).status_code == 403


def test_two_living_people_are_refused_on_the_page_with_the_facts(world: Any, sign_in: Any) -> None:
    from tests.integration.channels.world import CIVIL_ID, NEIGHBOUR_CIVIL_ID

    page = sign_in("clerk").post(
        f"/desk/merge/{world.neighbour}/{world.resident}/", {"reason": "alike", "answer": "merge"}
    )

    body = page.content.decode()
    assert page.status_code == 422
    assert "These are two people" in body
    assert CIVIL_ID[-4:] in body
    assert NEIGHBOUR_CIVIL_ID[-4:] in body
    assert not Merge.objects.exists()


def test_a_pair_that_is_told_apart_leaves_the_list(world: Any, sign_in: Any, twin: UUID) -> None:
    clerk = sign_in("clerk")

    clerk.post(
        f"/desk/merge/{twin}/{world.resident}/", {"reason": "father and son", "answer": "apart"}
    )

    assert Apart.objects.count() == 1
    assert (
        f"/desk/merge/{twin}/{world.resident}/"
        not in clerk.get("/desk/duplicates/").content.decode()
    )


def test_a_contact_is_verified_by_the_code_that_was_sent_to_it(world: Any, sign_in: Any) -> None:
    from tahseel.app import clock
    from tahseel.trust.notices import operations as messages
    from tahseel.trust.notices.models import Notice

    clerk = sign_in("clerk")
    clerk.post(of(world.resident, "contact"), {"kind": "mobile", "value": "66112233"})
    one = Contact.objects.get()
    address = of(world.resident, "contact") + f"{one.id}/"

    clerk.post(address, {"answer": "send"})
    notice = Notice.objects.get(kind="contact_code")
    message = messages.claim(actor=world.town.house, at=clock.now(), notice_id=notice.id)
    assert message
    found = re.search(r"\d{6}", message.text)
    assert found
    confirmed = clerk.post(address, {"answer": "confirm", "code": found[0]})
    page = clerk.get(of(world.resident)).content.decode()

    assert (confirmed.status_code, confirmed.headers["Location"]) == (302, of(world.resident))
    assert "66112233" not in page
    one.refresh_from_db()
    assert one.verified_at is not None
