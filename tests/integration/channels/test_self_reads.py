"""Customers report own meters: at once where it fits, by a clerk where it is odd, never others'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from tests.integration.channels import walked
from tests.unit.consumption.field.test_pictures import jpeg, png

from tahseel.consumption.field import operations, queries, rules
from tahseel.consumption.field.operations.self_reading import MeterElsewhere, WindowClosed
from tahseel.consumption.field.values import SelfReading, SelfReadState
from tahseel.consumption.readings import queries as readings
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState
from tahseel.registry.meters import queries as meters
from tahseel.trust.access import queries as people


def always(monkeypatch: pytest.MonkeyPatch, last: int = 31, first: int = 10) -> None:
    """A window that is open on every day of the year; or on none."""
    open_policy = replace(rules.policy(), self_reading=SelfReading(last, first))
    monkeypatch.setattr(rules.cycles, "_installed", [open_policy])


@pytest.fixture
def street(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The street with a history of reads, and the window open."""
    always(monkeypatch)
    with override_settings(RAW_FILES=tmp_path / "raw", LAKE=str(tmp_path / "lake")):
        walked.told(world)
        yield world


def page_of(street: Any, serial: str = "E-00001") -> str:
    return f"/accounts/{street.number(street.resident)}/meters/{serial}/"


def press(client: Any, path: str, **told: Any) -> Any:
    from tahseel.app import clock

    given = {"read": str(new_id(clock.now())), "photo": photo(), "dial_0": "7000", **told}
    return client.post(path, {k: v for k, v in given.items() if v is not None})


def photo(body: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("dial.jpg", jpeg() if body is None else body, "image/jpeg")


def meter(serial: str = "E-00001") -> UUID:
    return meters.meters_by_serial(serials=[serial])[serial].id


def self_read(serial: str = "E-00001") -> list[tuple[int, str]]:
    found = readings.register_reads(meter_id=meter(serial))
    return [(r.value, r.quality) for r in found if r.quality == "self_read"]


def leaves(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox")
        return int((cursor.fetchone() or (0,))[0])


def test_a_read_that_fits_its_history_is_taken_at_once(street: Any, sign_in: Any) -> None:
    client = sign_in("resident")
    account = f"/accounts/{street.number(street.resident)}/"
    offered = page_of(street) in client.get(account).content.decode()

    done = press(client, page_of(street), dial_0="٧٠٠٠")

    assert (offered, done.status_code) == (True, 302)
    assert self_read() == [(7_000_000, "self_read")]
    assert page_of(street) not in client.get(account).content.decode()
    assert queries.self_reads_waiting() == []


def test_a_second_press_is_the_same_read(street: Any, sign_in: Any) -> None:
    from tahseel.app import clock

    client, mark = sign_in("resident"), str(new_id(clock.now()))

    answers = [press(client, page_of(street), read=mark).status_code for _ in range(2)]
    other = press(client, page_of(street), dial_0="7001")

    assert (answers, other.status_code) == ([302, 302], 409)
    assert self_read() == [(7_000_000, "self_read")]


def test_a_read_far_from_its_history_is_asked_about_and_then_waits_for_a_clerk(
    street: Any, sign_in: Any
) -> None:
    client = sign_in("resident", "ar")
    asked = press(client, page_of(street), dial_0="99000", photo=photo(png()))
    form = asked.context["sent"].form
    again = {"photo": None, "kept": form["kept"].value(), "asked": form["asked"].value()}

    told = press(client, page_of(street), dial_0="99000", confirmed="on", **again)

    [waits] = queries.self_reads_waiting()
    assert (asked.status_code, told.status_code) == (200, 302)
    assert "تحقق مرة أخرى" in asked.content.decode()
    assert (waits.why, waits.meter_id, self_read()) == ("out_of_range", meter(), [])
    clerk = sign_in("clerk")
    shown = clerk.get(f"/rounds/self-reads/{waits.id}/photo/")
    assert (shown.content, shown["Content-Type"]) == (png(), "image/png")
    page = clerk.get(f"/rounds/self-reads/{waits.id}/").content.decode()
    assert "00099000" in page
    assert "Kumar" not in page


def waiting(street: Any, sign_in: Any) -> UUID:
    """A read that waits for a clerk."""
    asked = press(sign_in("resident"), page_of(street), dial_0="99000")
    form = asked.context["sent"].form
    again = {"photo": None, "kept": form["kept"].value(), "asked": form["asked"].value()}
    press(sign_in("resident"), page_of(street), dial_0="99000", confirmed="on", **again)
    return queries.self_reads_waiting()[0].id


def test_a_clerk_takes_it_with_a_reason_and_only_then_it_counts(street: Any, sign_in: Any) -> None:
    path = f"/rounds/self-reads/{waiting(street, sign_in)}/"
    clerk = sign_in("clerk")

    silent = clerk.post(path, {"decision": "take", "reason": ""})
    taken = clerk.post(path, {"decision": "take", "reason": "The photograph shows it"})
    again = clerk.post(path, {"decision": "refuse", "reason": "No"})

    assert [a.status_code for a in (silent, taken, again)] == [422, 302, 409]
    assert self_read() == [(99_000_000, "self_read")]


def test_a_refused_read_may_be_reported_once_more(street: Any, sign_in: Any) -> None:
    read_id = waiting(street, sign_in)
    sign_in("clerk").post(
        f"/rounds/self-reads/{read_id}/", {"decision": "refuse", "reason": "Blurred"}
    )

    done = press(sign_in("resident"), page_of(street), dial_0="7000")

    assert done.status_code == 302
    assert queries.self_read(read_id=read_id).state is SelfReadState.REFUSED
    assert self_read() == [(7_000_000, "self_read")]


@pytest.mark.parametrize("who", ["auditor", "resident"])
def test_who_may_not_decide_is_denied_and_nothing_changes(
    street: Any, sign_in: Any, who: str
) -> None:
    read_id = waiting(street, sign_in)
    before = events()

    answer = sign_in(who).post(
        f"/rounds/self-reads/{read_id}/", {"decision": "take", "reason": "Mine"}
    )

    assert answer.status_code == 403
    assert queries.self_read(read_id=read_id).state is SelfReadState.WAITING
    assert (self_read(), events()) == ([], before)
    assert leaves("field.decide_self_read") + leaves("access.open_page") == ["denied"]


@pytest.mark.parametrize("who", ["neighbour", "clerk", "office_head"])
def test_somebody_elses_meter_does_not_exist(street: Any, sign_in: Any, who: str) -> None:
    client, before = sign_in(who), events()

    answers = [client.get(page_of(street)).status_code, press(client, page_of(street)).status_code]

    assert answers == [404, 404]
    assert (self_read(), events()) == ([], before)
    assert leaves("portal.open_page") == ["denied", "denied"]


def test_the_neighbours_meter_is_not_on_the_own_account(street: Any, sign_in: Any) -> None:
    client = sign_in("resident")

    answers = [press(client, page_of(street, s)).status_code for s in ("E-00003", "X", "W-00004")]

    assert answers == [404] * 3
    assert self_read("E-00003") == []


def test_an_operation_trusts_no_page(street: Any) -> None:
    resident = people.actor_for(people.user_named("resident"))
    neighbour = people.actor_for(people.user_named("neighbour"))
    account = street.accounts[street.resident]
    before = events()
    told: dict[str, Any] = {
        "at": street.now, "account_id": account, "dials": {"1.8.0": "7000"}, "photo": "a" * 64,
    }  # fmt: skip

    with pytest.raises(NotAllowed):
        operations.report_read(
            actor=neighbour, read_id=new_id(street.now), meter_id=meter(), **told
        )
    with pytest.raises(NotAllowed):
        operations.keep_own_photo(actor=neighbour, at=street.now, account_id=account, body=jpeg())
    with pytest.raises(MeterElsewhere):
        operations.report_read(
            actor=resident, read_id=new_id(street.now), meter_id=meter("E-00003"), **told
        )

    assert leaves("field.report_read") == ["denied", "refused"]
    assert leaves("field.keep_own_photo") == ["denied"]
    assert (self_read(), self_read("E-00003"), events()) == ([], [], before)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"photo": None}, 422),
        ({"photo": SimpleUploadedFile("d.jpg", b"not a picture")}, 422),
        ({"photo": None, "kept": "f" * 64}, 422),
        ({"dial_0": ""}, 422),
        ({"dial_0": "seven"}, 422),
        ({"dial_0": "5999"}, 422),
        ({"read": "1"}, 422),
    ],
)
def test_what_cannot_be_is_shown_again_and_nothing_is_kept(
    street: Any, sign_in: Any, told: dict[str, Any], status: int
) -> None:
    answer = press(sign_in("resident"), page_of(street), **told)

    assert answer.status_code == status
    assert self_read() == []
    assert queries.self_reads_waiting() == []


def test_a_meter_without_a_history_waits_for_a_clerk(
    world: Any, sign_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    always(monkeypatch)
    with override_settings(RAW_FILES=tmp_path / "raw"):
        done = press(sign_in("resident"), page_of(world))

    assert done.status_code == 302
    assert [one.why for one in queries.self_reads_waiting()] == ["no_history"]
    assert self_read() == []


def test_outside_the_window_nothing_is_taken(
    street: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = people.actor_for(people.user_named("resident"))
    photo_hash = operations.keep_own_photo(
        actor=resident, at=street.now, account_id=street.accounts[street.resident], body=jpeg()
    )
    monkeypatch.setattr(rules, "window_of", lambda **_: None)

    page = sign_in("resident").get(page_of(street))
    with pytest.raises(WindowClosed):
        operations.report_read(
            actor=resident, at=street.now, read_id=new_id(street.now), photo=photo_hash,
            account_id=street.accounts[street.resident], meter_id=meter(), dials={"1.8.0": "7000"},
        )  # fmt: skip

    assert page.status_code == 404
    assert self_read() == []


def test_a_decision_stands(street: Any, sign_in: Any) -> None:
    read_id = waiting(street, sign_in)
    clerk = people.actor_for(people.user_named("clerk"))
    by: dict[str, Any] = {"actor": clerk, "at": street.now, "read_id": read_id, "reason": "Seen"}
    operations.decide_self_read(**by, accept=False)

    with pytest.raises(WrongState):
        operations.decide_self_read(**by, accept=True)

    assert self_read() == []
