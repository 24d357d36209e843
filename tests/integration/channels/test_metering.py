"""The pages of reads to check: who sees them, what they do, and what they refuse."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from tests.integration.channels import quarter_hours
from tests.integration.channels.test_place_acts import crew

from tahseel.consumption.exceptions import queries
from tahseel.consumption.exceptions.values import ExceptionView, OrderState, State

__all__ = ["crew"]


@pytest.fixture
def meter_id(world: Any, tmp_path: Path) -> Any:
    from tahseel.registry.meters import queries as meters

    with override_settings(LAKE=str(tmp_path / "lake")):
        found = meters.meters_by_serial(serials=["E-00001"])["E-00001"].id
        quarter_hours.fill(found, world.now)
        quarter_hours.judge(found, world)
        yield found


def the(meter_id: Any, rule: str) -> ExceptionView:
    return next(one for one in queries.of_meter(meter_id=meter_id) if one.rule == rule)


def send(client: Any, found: ExceptionView, code: str, **told: str) -> Any:
    data = {f"{code}-{name}": value for name, value in told.items()}
    return client.post(f"/exceptions/{found.id}/{code}/", data)


def test_the_list_is_narrowed_and_names_the_money(meter_id: Any, sign_in: Any) -> None:
    page = sign_in("auditor").get("/exceptions/", {"rule": "spike"}).content.decode()

    assert f"/exceptions/{the(meter_id, 'spike').id}/" in page
    assert f"/exceptions/{the(meter_id, 'missing').id}/" not in page


def test_a_page_that_does_not_exist_is_told_as_the_last(meter_id: Any, sign_in: Any) -> None:
    client = sign_in("clerk")

    answers = [client.get("/exceptions/", {"page": page}).status_code for page in ("9", "x", "-1")]

    assert answers == [200, 200, 200]


def test_a_head_lets_a_value_stand_with_a_reason(meter_id: Any, sign_in: Any) -> None:
    found = the(meter_id, "spike")
    head = sign_in("office_head")

    silent, done = send(head, found, "accept"), send(head, found, "accept", reason="A feast")

    assert (silent.status_code, done.status_code) == (422, 302)
    assert (the(meter_id, "spike").state, the(meter_id, "spike").reason) == (
        State.ACCEPTED, "A feast",
    )  # fmt: skip


def test_a_clerk_asks_for_an_edit_in_kilowatt_hours(meter_id: Any, sign_in: Any) -> None:
    from tahseel.trust.approvals.models import Approval

    found = the(meter_id, "spike")

    done = send(sign_in("clerk"), found, "edit", amount="41.250", reason="From the display")

    asked = Approval.objects.get()
    assert (done.status_code, '"quantity":41250' in asked.payload) == (302, True)
    assert the(meter_id, "spike").state is State.OPEN


@pytest.mark.parametrize("code", ["accept", "estimate"])
def test_a_clerk_decides_nothing(meter_id: Any, sign_in: Any, code: str) -> None:
    found = the(meter_id, "spike")
    page = sign_in("clerk").get(f"/exceptions/{found.id}/").content.decode()

    refused = send(sign_in("clerk"), found, code, reason="So")

    assert (refused.status_code, f"/{code}/" in page) == (403, False)
    assert the(meter_id, "spike") == found


def test_an_auditor_sees_and_sends_nothing(meter_id: Any, sign_in: Any) -> None:
    found = the(meter_id, "spike")
    auditor = sign_in("auditor")

    answers = [
        auditor.get(f"/exceptions/{found.id}/").status_code,
        send(auditor, found, "order", kind="test", task="Look").status_code,
    ]

    assert answers == [200, 403]
    assert queries.orders_of(exception_id=found.id) == []


def test_a_crew_is_sent_and_called_back(meter_id: Any, sign_in: Any) -> None:
    found, clerk = the(meter_id, "spike"), sign_in("clerk")
    shown = clerk.get(f"/exceptions/{found.id}/").content.decode()

    sent = send(clerk, found, "order", kind="investigate", task="Look at the seal")
    again = send(clerk, found, "order", kind="test", task="Once more")
    back = send(clerk, found, "withdraw", reason="The read has come")

    assert "An order changes nothing on record." in shown
    assert [answer.status_code for answer in (sent, again, back)] == [302, 409, 302]
    assert [o.state for o in queries.orders_of(exception_id=found.id)] == [OrderState.WITHDRAWN]


def test_a_crew_tells_what_it_found(meter_id: Any, sign_in: Any, world: Any, crew: None) -> None:
    stuck, inspector = the(meter_id, "stuck"), sign_in("inspector")
    told = {"done": "yes", "result": "The seal is whole"}
    yesterday, today = world.today - timedelta(days=1), world.today

    clerk = send(sign_in("clerk"), stuck, "report", **told, done_on=str(today))
    early = send(inspector, stuck, "report", **told, done_on=str(yesterday))
    done = send(inspector, stuck, "report", **told, done_on=str(today))

    assert [answer.status_code for answer in (clerk, early, done)] == [403, 422, 302]
    (order,) = queries.orders_of(exception_id=stuck.id)
    assert (order.state, order.done_on, order.result) == (
        OrderState.DONE, today, "The seal is whole",
    )  # fmt: skip


def test_who_has_no_business_here_is_turned_away(meter_id: Any, sign_in: Any) -> None:
    officer = sign_in("exit_officer")

    answers = [
        officer.get(path).status_code for path in ("/exceptions/", f"/meters/{meter_id}/intervals/")
    ]

    assert answers == [403, 403]


@pytest.mark.parametrize("asked", ["?days=7", "?until=0001-01-01&days=x", "?until=9999-12-31"])
def test_any_days_that_are_asked_for_are_drawn_or_empty(
    meter_id: Any, sign_in: Any, asked: str
) -> None:
    answer = sign_in("clerk").get(f"/meters/{meter_id}/intervals/{asked}")

    assert (answer.status_code, b"<path" in answer.content) == (200, True)


def test_a_meters_page_tells_what_happened_to_it(meter_id: Any, world: Any, sign_in: Any) -> None:
    from tahseel.consumption.readings import operations
    from tahseel.consumption.readings.values import Incident
    from tahseel.kernel.actor import system

    told = [
        Incident(meter_id, world.now, None, "cim:12.141.212", "", None, {}),
        Incident(meter_id, world.now, None, "field:clock", "", -431, {}),
    ]
    operations.record_incidents(actor=system("test"), at=world.now, events=told, source="test")
    client = sign_in("auditor")

    page = client.get(f"/meters/{meter_id}/intervals/").content.decode()

    assert "Cover opened" in page
    assert "7:11 behind" in page
    assert "cim:12.141.212" in page
