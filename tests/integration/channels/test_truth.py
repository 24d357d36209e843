"""The pages of meters' tests: who sees them, who records, who asks, and what becomes of bills."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.test_place_acts import crew, meter_of

from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Cause
from tahseel.consumption.metrology import queries
from tahseel.consumption.metrology.values import Verdict
from tahseel.trust.approvals.models import Approval

__all__ = ["crew"]


@pytest.fixture
def meter_id(world: Any, crew: None) -> Any:
    return meter_of(world)


def told(world: Any, error: str, certificate: str = "") -> dict[str, str]:
    return {
        "kind": "bench", "tested_on": (world.today - timedelta(days=10)).isoformat(),
        "accuracy_class": "1", "reference": "MT3000 no. 17", "certificate": certificate,
        "point_0": error, "point_1": error, "point_2": error,
    }  # fmt: skip


def test_an_inspector_records_a_test_that_certifies_the_meter(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    client = sign_in("inspector")

    done = client.post(f"/places/meters/{meter_id}/tests/", told(world, "-0.35", "C-77"))

    [found] = queries.meter_tests(meter_id=meter_id)
    page = client.get(done.url).content.decode()
    assert (done.status_code, found.verdict, found.error.rounded) == (302, Verdict.PASSED, -35)
    assert "-0.35 %" in page
    assert "C-77" in client.get(f"/places/meters/{meter_id}/tests/").content.decode()


def test_a_form_that_is_not_filled_in_records_nothing(meter_id: Any, sign_in: Any) -> None:
    answer = sign_in("inspector").post(f"/places/meters/{meter_id}/tests/", {"kind": "bench"})

    assert answer.status_code == 422
    assert queries.meter_tests(meter_id=meter_id) == []


def test_a_passed_test_without_a_certificate_is_refused_on_the_page(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    answer = sign_in("inspector").post(f"/places/meters/{meter_id}/tests/", told(world, "0.00"))

    assert b"Name the reference standard" in answer.content
    assert queries.meter_tests(meter_id=meter_id) == []


def test_a_clerk_reads_tests_and_records_none(
    world: Any, meter_id: Any, sign_in: Any, leaves: Any
) -> None:
    client = sign_in("clerk")

    denied = client.post(f"/places/meters/{meter_id}/tests/", told(world, "0.10", "C-1"))

    assert client.get(f"/places/meters/{meter_id}/tests/").status_code == 200
    assert denied.status_code == 403
    assert queries.meter_tests(meter_id=meter_id) == []
    assert [one["outcome"] for one in leaves()].count("denied") == 1


def test_an_error_that_two_people_confirm_makes_work_of_the_bills_it_covers(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    inspector = sign_in("inspector")
    failed = inspector.post(f"/places/meters/{meter_id}/tests/", told(world, "4.00"))
    listed = inspector.get("/places/meters/truth/").content.decode()

    asked = inspector.post(failed.url, {"reason": "It runs fast"})
    approval = Approval.objects.get()
    sign_in("office_head").post(f"/approvals/{approval.id}/approve/")

    [test] = queries.meter_tests(meter_id=meter_id)
    made = queries.correction_of(test_id=test.id)
    [work] = billing.open_misdirected(account_id=world.accounts[world.resident])
    assert (asked.status_code, failed.url in listed) == (302, True)
    assert made is not None
    assert (work.cause, work.days.end, len(work.bills)) == (
        Cause.METER, min(made.span.end, work.bills[-1].period.end), len(made.months),
    )  # fmt: skip
    page = sign_in("clerk", language="ar").get("/desk/bills/").content.decode()
    assert "خطأ العداد" in page


def test_a_correction_that_waits_is_shown_and_not_asked_for_again(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    inspector = sign_in("inspector")
    failed = inspector.post(f"/places/meters/{meter_id}/tests/", told(world, "4.00"))
    inspector.post(failed.url, {"reason": "It runs fast"})

    page = inspector.get(failed.url).content.decode()
    again = inspector.post(failed.url, {"reason": "Once more"})

    assert f"/approvals/{Approval.objects.get().id}/" in page
    assert 'id="correct"' not in page
    assert again.status_code == 409


def test_a_charge_for_refused_access_is_closed_by_a_head_with_a_reason(
    world: Any, meter_id: Any, sign_in: Any
) -> None:
    from tests.integration.consumption.appointments import test_access as refused

    from tahseel.consumption.appointments import queries as appointments
    from tahseel.consumption.appointments.values import AccessState

    day = world.today - timedelta(days=60)
    for ago in (30, 5):
        refused.seen(meter_id, day - timedelta(days=ago))
    refused.follow(day)
    for proof, after in zip(refused.PROOFS, (15, 30), strict=True):
        [case] = appointments.access_open(states=tuple(AccessState))
        refused.served(case, day + timedelta(days=after - 15), proof)
        refused.follow(day + timedelta(days=after))
    page = "/places/meters/truth/"

    shown = sign_in("office_head", language="ar").get(page).content.decode()
    silent = sign_in("office_head").post(f"/places/access/{case.id}/", {"reason": " "})
    denied = sign_in("inspector").post(f"/places/access/{case.id}/", {"reason": "No"})
    done = sign_in("office_head").post(f"/places/access/{case.id}/", {"reason": "Was abroad"})

    assert "يُستحق رسم" in shown
    assert (silent.status_code, denied.status_code, done.status_code) == (422, 403, 302)
    assert appointments.access_open(states=(AccessState.CHARGE,)) == []
