"""The pages of services: who sees what, what is refused on them, and in which language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.integration.channels.conftest import leaves, sign_in, world
from tests.integration.channels.services import site

from tahseel.kernel.period import local_day

__all__ = ["leaves", "sign_in", "world"]
Pages = Callable[..., Any]
Leaves = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def made(world: Any) -> Any:
    """An application of the neighbour for the plot, made at the counter."""
    from tests.integration.channels.world import CLERK

    from tahseel.channels.services import operations
    from tahseel.channels.services.values import NewApplication, NewEvidence
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.quantity import Service

    unit = site.prepare(world)
    papers = [
        NewEvidence(new_id(world.now), kind, f"{kind}.pdf", site.PDF + kind.encode())
        for kind in ("ownership", "electrical_plan")
    ]
    return operations.apply(
        actor=CLERK, at=world.now, evidence=papers,
        application=NewApplication(
            new_id(world.now), "new_connection", world.neighbour, unit, frozenset(Service), 60
        ),
    )  # fmt: skip


def test_a_clerk_applies_for_somebody_by_the_civil_number(world: Any, sign_in: Pages) -> None:
    from tests.integration.channels.world import NEIGHBOUR_CIVIL_ID

    from tahseel.channels.services.models import Application
    from tahseel.kernel.ids import new_id

    site.prepare(world)
    given = {
        "intent": str(new_id(world.now)), "applicant": NEIGHBOUR_CIVIL_ID, "place": site.PLATE,
        "services": ["water"], "load_kw": "10",
    }  # fmt: skip

    answer = sign_in("clerk").post("/services/new_connection/apply/", given)

    row = Application.objects.get()
    assert answer["Location"] == f"/applications/{row.reference}/"
    assert (row.applicant_id, row.services) == (world.neighbour, ["water"])


def test_what_is_wrong_is_told_on_the_form_and_nothing_is_kept(world: Any, sign_in: Pages) -> None:
    from tahseel.channels.services.models import Application
    from tahseel.kernel.ids import new_id

    site.prepare(world)
    script = SimpleUploadedFile("deed.pdf", b"<script>", "application/pdf")
    given = {"intent": str(new_id(world.now)), "services": ["water"], "load_kw": "10"}
    client = sign_in("neighbour")

    unknown = client.post("/services/new_connection/apply/", {**given, "place": "00000000"})
    forged = client.post(
        "/services/new_connection/apply/",
        {**given, "place": site.PLATE, "paper_ownership": script},
    )
    empty = client.post("/services/new_connection/apply/", {"intent": given["intent"]})

    assert [a.status_code for a in (unknown, forged, empty)] == [422, 422, 422]
    assert "an office can have it added" in unknown.content.decode()
    assert "The document is not accepted" in forged.content.decode()
    assert not Application.objects.exists()


def test_another_customer_finds_no_such_application(
    made: Any, sign_in: Pages, leaves: Leaves
) -> None:
    path = f"/applications/{made.reference}/"
    stranger = sign_in("resident")

    answers = [
        stranger.get(path),
        stranger.post(f"{path}withdraw/", {"reason": "mischief"}),
        stranger.get(f"{path}papers/{made.id}/"),
    ]

    assert [a.status_code for a in answers] == [404, 404, 404]
    assert [leaf["outcome"] for leaf in leaves("services.open_page")] == ["denied"] * 3
    assert "Waits for the study" in sign_in("neighbour").get(path).content.decode()


@pytest.mark.parametrize("who", ["exit_officer", "security_officer"])
def test_staff_without_a_duty_are_denied(
    made: Any, sign_in: Pages, leaves: Leaves, who: str
) -> None:
    client = sign_in(who)

    statuses = [
        client.get(path).status_code
        for path in ("/applications/", f"/applications/{made.reference}/", "/services/")
    ]

    assert statuses == [403, 403, 403]
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"] * 3


def test_a_duty_of_another_is_denied_and_changes_nothing(
    made: Any, sign_in: Pages, leaves: Leaves
) -> None:
    from tahseel.channels.services.models import Application

    answer = sign_in("inspector").post(
        f"/applications/{made.reference}/study/", {"network_point": "X", "available_kw": "9"}
    )

    assert answer.status_code == 403
    assert Application.objects.get().state == "applied"
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


def test_a_duty_that_the_data_give_to_another_role_opens_to_it_alone(
    made: Any, sign_in: Pages, leaves: Leaves
) -> None:
    from tahseel.channels.services import rules
    from tahseel.channels.services.models import Application

    data = rules.catalogue()
    duties = {**data.duties, "study": ("inspector",), "inspect": ("supply_engineer",)}
    rules.install_catalogue(replace(data, duties=duties))
    path, given = f"/applications/{made.reference}/", {"network_point": "X", "available_kw": "999"}

    before = sign_in("engineer").post(f"{path}study/", given)
    after = sign_in("inspector").post(f"{path}study/", given)

    assert (before.status_code, after.status_code) == (403, 302)
    assert Application.objects.get().state == "studied"
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]
    assert [leaf["outcome"] for leaf in leaves("services.record_study")] == ["done"]


def test_an_auditor_reads_everything_and_has_nothing_to_press(made: Any, sign_in: Pages) -> None:
    page = sign_in("auditor").get(f"/applications/{made.reference}/").content.decode()

    assert "Mona Haddad" in page
    assert "/study/" not in page
    assert "/withdraw/" not in page
    assert made.reference in sign_in("auditor").get("/applications/").content.decode()


def test_the_applicant_is_not_told_who_of_the_staff_did_what(made: Any, sign_in: Pages) -> None:
    path = f"/applications/{made.reference}/"
    given = {"network_point": "SS-1", "available_kw": "300"}
    sign_in("engineer").post(f"{path}study/", given)

    seen = sign_in("neighbour").get(path).content.decode()

    assert "Load studied" in seen
    assert "Engineer" not in seen
    assert "Engineer" in sign_in("engineer").get(path).content.decode()


def test_a_paper_is_a_download_that_runs_nowhere(made: Any, sign_in: Pages) -> None:
    from tahseel.channels.services import queries

    held = queries.papers(application_id=made.id)[0]

    answer = sign_in("neighbour").get(f"/applications/{made.reference}/papers/{held.id}/")

    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_reading_that_cannot_be_read_is_told_at_its_field(
    made: Any, world: Any, sign_in: Pages
) -> None:
    from tahseel.channels.services.models import Application

    Application.objects.update(state="passed", state_since=world.now)

    answer = sign_in("connector").post(
        f"/applications/{made.reference}/energise/",
        {"electricity-serial": "E-70001", "electricity-opening": "twelve = 3",
         "water-serial": "W-70001", "water-opening": "0"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "One value for each register" in answer.content.decode()


def test_the_pages_speak_arabic(made: Any, sign_in: Pages) -> None:
    client = sign_in("neighbour", language="ar")

    page = client.get(f"/applications/{made.reference}/").content.decode()
    catalogue = client.get("/services/").content.decode()

    assert "بانتظار الدراسة" in page
    assert "كهرباء وماء" in page
    assert "إيصال التيار أو الماء لأول مرة" in catalogue


def test_a_clerk_asks_for_the_refund_of_a_fee_and_the_list_of_refunds_leads_there(
    world: Any, made: Any, sign_in: Pages
) -> None:
    from tests.integration.channels.world import CLERK, JOB

    from tahseel.books.deposits import queries as refunds
    from tahseel.books.payments import operations as payments
    from tahseel.books.payments.values import Received
    from tahseel.channels.services import operations
    from tahseel.channels.services.values import Study
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.period import local_day

    given = {"at": world.now, "application_id": made.id}
    operations.record_study(actor=JOB, **given, study=Study("SS-1", 500))
    quoted = operations.quote(actor=JOB, **given)
    payments.record_received(
        actor=CLERK, at=world.now,
        received=Received(
            new_id(world.now), made.account_id, world.neighbour, quoted.quotation.total, "cash",
            world.now, local_day(world.now), claim_ids=(quoted.claim_id,),
        ),
    )  # fmt: skip
    operations.withdraw(actor=CLERK, **given, reason="sold")
    (due,) = refunds.refunds_due()
    path = f"/applications/{made.reference}/"
    clerk = sign_in("clerk")
    listed = clerk.get("/desk/deposits/").content.decode()
    form = {
        "intent": str(new_id(world.now)), "iban": "KW81CBKU0000000000001234560101",
        "reason": "sold",
    }  # fmt: skip

    shown = clerk.get(path).content.decode()
    wrong = clerk.post(f"{path}refund/{due.id}/", {**form, "iban": "KW81"})
    denied = sign_in("neighbour").post(f"{path}refund/{due.id}/", form)
    asked = clerk.post(f"{path}refund/{due.id}/", form)
    clicked_twice = clerk.post(f"{path}refund/{due.id}/", form)
    by_another_page = clerk.post(
        f"{path}refund/{due.id}/", {**form, "intent": str(new_id(world.now))}
    )

    assert f'href="{path}"' in listed
    for page in (shown, wrong.content.decode()):
        assert page.count(f'id="id_{due.id}_iban"') == 1, "each refund's fields have their own ids"
    assert [a.status_code for a in (wrong, denied, asked)] == [422, 403, 302]
    assert (clicked_twice.status_code, by_another_page.status_code) == (302, 409)
    assert "Owed, waits for an approval" in sign_in("neighbour").get(path).content.decode()
    assert list(refunds.refunds_waiting(as_of=world.now)) == [due.id]


@pytest.fixture
def referred(made: Any, world: Any) -> Any:
    """The neighbour's application: paid for, not passed, and its time is over."""
    from tests.integration.channels.services.conftest import ENGINEER, INSPECTOR

    from tahseel.channels.services import operations
    from tahseel.channels.services.models import Application
    from tahseel.channels.services.values import Study

    given = {"at": world.now, "application_id": made.id}
    operations.record_study(actor=ENGINEER, study=Study("SS-12/F3", 500), **given)
    operations.quote(actor=ENGINEER, **given)
    Application.objects.update(state="paid")
    operations.record_inspection(actor=INSPECTOR, reasons=["no earth"], **given)
    Application.objects.update(deadline=local_day(world.now) - timedelta(days=1))
    return operations.refer(actor=INSPECTOR, **given)


def test_a_head_gives_more_time_on_the_page_and_the_applicant_reads_until_when(
    referred: Any, world: Any, sign_in: Pages
) -> None:
    path = f"/applications/{referred.reference}/"
    until = local_day(world.now) + timedelta(days=30)
    before = sign_in("neighbour").get(path).content.decode()

    late = sign_in("office_head").post(f"{path}prolong/", {"until": "2026-01-01", "reason": "ill"})
    answer = sign_in("office_head").post(f"{path}prolong/", {"until": f"{until}", "reason": "ill"})

    after = sign_in("neighbour").get(path).content.decode()
    assert (late.status_code, answer.status_code) == (422, 302)
    assert "The new last day lies after today" in late.content.decode()
    assert "A head of office decides on it until:" in before
    assert "no earth" in after
    assert "The application does not lapse by itself." in after
    assert f"{until.day} {until:%B} {until.year}" in after


@pytest.mark.parametrize("act", ["prolong", "close"])
@pytest.mark.parametrize("who", ["clerk", "inspector", "neighbour"])
def test_nobody_but_a_head_decides_on_the_page(
    referred: Any, sign_in: Pages, leaves: Leaves, act: str, who: str
) -> None:
    from tahseel.channels.services.models import Application

    path = f"/applications/{referred.reference}/"

    answer = sign_in(who).post(f"{path}{act}/", {"until": "2030-01-01", "reason": "because"})

    assert answer.status_code == 403
    assert f"{path}{act}/" not in sign_in(who).get(path).content.decode()
    assert Application.objects.get().state == "referred"
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


def test_a_head_closes_on_the_page_with_a_reason_only(referred: Any, sign_in: Pages) -> None:
    from tahseel.channels.services.models import Application

    path, head = f"/applications/{referred.reference}/", sign_in("office_head")
    shown = head.get(path).content.decode()

    empty = head.post(f"{path}close/", {"reason": ""})
    answer = head.post(f"{path}close/", {"reason": "the house was not built"})

    assert "Close and give back" in shown
    assert (empty.status_code, answer.status_code) == (422, 302)
    assert Application.objects.get().state == "closed"
    assert "the house was not built" in sign_in("neighbour").get(path).content.decode()
