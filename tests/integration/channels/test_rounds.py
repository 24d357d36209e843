"""The pages of rounds: a reader at the door, a supervisor at the desk, and who is denied."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from tests.integration.channels import walked
from tests.unit.consumption.field.test_pictures import jpeg, png

from tahseel.consumption.field import queries
from tahseel.consumption.field.values import RoundState, RoundView, Stop, StopState
from tahseel.consumption.readings import queries as readings
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import LOCAL_ZONE


@pytest.fixture
def walk(world: Any, tmp_path: Path) -> Any:
    """The round of the street that is under way."""
    with override_settings(RAW_FILES=tmp_path / "raw", LAKE=str(tmp_path / "lake")):
        yield walked.out(world)


def first(walk: RoundView) -> Stop:
    return queries.stops(round_id=walk.id)[0]


def at_door(
    client: Any, walk: RoundView, sequence: int = 1, what: str = "read", **told: Any
) -> Any:
    data = {f"{what}-visit": str(new_id(walked_at())), **told}
    data = {k if k.startswith(what) else f"{what}-{k}": v for k, v in data.items()}
    return client.post(f"/rounds/{walk.id}/stops/{sequence}/", {"what": what, **data})


def walked_at() -> Any:
    from tahseel.app import clock

    return clock.now()


def photo(body: bytes, name: str = "dial.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, "image/jpeg")


def outcomes(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def test_a_reader_sees_the_own_round_and_the_door(walk: RoundView, sign_in: Any) -> None:
    client = sign_in("reader")

    listed = client.get("/rounds/").content.decode()
    page = client.get(f"/rounds/{walk.id}/").content.decode()
    door = client.get(f"/rounds/{walk.id}/stops/1/")

    assert f"/rounds/{walk.id}/" in listed
    assert first(walk).serial in page
    assert "00006000" in door.content.decode()
    assert "geolocation=(self)" in door["Permissions-Policy"]
    assert "geolocation=()" in client.get("/rounds/")["Permissions-Policy"]


def test_a_read_with_a_photograph_and_a_place_leads_to_the_next_meter(
    walk: RoundView, sign_in: Any
) -> None:
    client = sign_in("reader")

    done = at_door(
        client, walk, dial_0="٠٠٠٠٧٠٠٠", photo=photo(jpeg()), latitude="29.337500",
        longitude="48.075800", note="gate on the left",
    )  # fmt: skip

    [visit] = queries.visits(round_id=walk.id)
    assert (done.status_code, done["Location"]) == (302, f"/rounds/{walk.id}/stops/2/")
    assert (visit.dials, visit.spot, visit.note) == (
        {"1.8.0": 7_000_000}, (29_337_500, 48_075_800), "gate on the left",
    )  # fmt: skip
    shown = client.get(f"/rounds/{walk.id}/photos/{visit.photo}/")
    assert (shown.content, shown["Content-Type"]) == (jpeg(), "image/jpeg")
    assert shown["Content-Security-Policy"] == "default-src 'none'"


def test_a_reader_tells_of_a_broken_seal_and_of_a_clock_that_is_wrong(
    walk: RoundView, sign_in: Any
) -> None:
    ahead = walked_at().astimezone(LOCAL_ZONE) + timedelta(minutes=20)

    done = at_door(sign_in("reader"), walk, dial_0="7000", seal="broken", clock=f"{ahead:%H:%M:%S}")

    events = {e.code: e for e in readings.meter_events(meter_id=first(walk).meter_id)}
    assert done.status_code == 302
    assert set(events) == {"field:seal_broken", "field:clock"}
    assert abs((events["field:clock"].drift_s or 0) - 1_200) <= 30


def test_a_clock_that_is_right_to_the_minute_is_told_as_right(
    walk: RoundView, sign_in: Any
) -> None:
    now = walked_at().astimezone(LOCAL_ZONE)

    at_door(sign_in("reader"), walk, dial_0="7000", clock=f"{now:%H:%M}")
    wrong = at_door(sign_in("reader"), walk, sequence=2, dial_0="1", seal="melted", clock="25:99")

    [event] = readings.meter_events(meter_id=first(walk).meter_id)
    assert (event.code, event.drift_s) == ("field:clock", 0)
    assert wrong.status_code == 422


def test_a_second_press_is_the_same_visit(walk: RoundView, sign_in: Any) -> None:
    client, mark = sign_in("reader"), str(new_id(walked_at()))

    answers = [at_door(client, walk, visit=mark, dial_0="7000").status_code for _ in range(2)]

    assert answers == [302, 302]
    assert len(queries.visits(round_id=walk.id)) == 1


def test_a_value_far_from_its_history_is_asked_about_and_the_photograph_is_kept(
    walk: RoundView, sign_in: Any
) -> None:
    client, mark = sign_in("reader"), str(new_id(walked_at()))

    asked = at_door(client, walk, visit=mark, dial_0="9999", photo=photo(png(), "d.png"))
    form = asked.context["answer"].read
    kept, values = form["kept"].value(), form["asked"].value()
    other = at_door(
        client, walk, visit=mark, dial_0="19999", kept=kept, asked=values, confirmed="on"
    )
    done = at_door(client, walk, visit=mark, dial_0="9999", kept=kept, asked=values, confirmed="on")

    [visit] = queries.visits(round_id=walk.id)
    assert [answer.status_code for answer in (asked, other, done)] == [200, 200, 302]
    assert "I looked again" in asked.content.decode()
    assert (visit.confirmed, visit.photo) == (True, kept)
    assert len(kept) == 64


@pytest.mark.parametrize(
    "told",
    [
        {"dial_0": ""},
        {"dial_0": "12x"},
        {"dial_0": "5000"},
        {"dial_0": "7000", "latitude": "95", "longitude": "1"},
        {"dial_0": "7000", "visit": "1"},
        {"dial_0": "7000", "kept": "f" * 64},
        {"dial_0": "7000", "kept": "../../etc/passwd"},
        {"dial_0": "7000", "photo": SimpleUploadedFile("d.jpg", b"\xff\xd8\xff<script>")},
        {"what": "none", "no_access": "bored"},
    ],
)
def test_what_cannot_be_said_is_shown_again_and_nothing_is_stored(
    walk: RoundView, sign_in: Any, told: dict[str, Any]
) -> None:
    answer = at_door(sign_in("reader"), walk, **told)

    assert answer.status_code == 422
    assert queries.visits(round_id=walk.id) == []
    assert first(walk).state is StopState.LEFT


def test_no_access_is_told_with_its_reason(walk: RoundView, sign_in: Any) -> None:
    done = at_door(sign_in("reader", "ar"), walk, what="none", no_access="locked", note="حارس")

    assert done.status_code == 302
    assert first(walk).state is StopState.NO_ACCESS
    assert "غرفة العدادات مقفلة" in (
        sign_in("reader", "ar").get(f"/rounds/{walk.id}/stops/1/").content.decode()
    )


def test_another_reader_is_denied_everywhere_and_nothing_changes(
    walk: RoundView, world: Any, sign_in: Any
) -> None:
    at_door(sign_in("reader"), walk, dial_0="7000", photo=photo(jpeg()))
    [visit] = queries.visits(round_id=walk.id)
    walked.reader(world, "stranger")
    client = sign_in("stranger")

    answers = [
        client.get(f"/rounds/{walk.id}/{rest}").status_code
        for rest in ("", "work.csv", "stops/1/", f"photos/{visit.photo}/")
    ]
    answers.append(at_door(client, walk, 2, dial_0="7000").status_code)
    answers.append(client.post(f"/rounds/{walk.id}/back/").status_code)

    assert answers == [403] * 6
    assert len(queries.visits(round_id=walk.id)) == 1
    assert queries.round_of(round_id=walk.id).state is RoundState.OUT
    assert outcomes("access.open_page") == ["denied"] * 6
    assert str(walk.id) not in client.get("/rounds/").content.decode()


@pytest.mark.parametrize("who", ["exit_officer", "security_officer"])
def test_whoever_has_no_business_with_meters_is_denied(
    walk: RoundView, sign_in: Any, who: str
) -> None:
    paths = ("/rounds/", "/rounds/routes/", f"/rounds/{walk.id}/")

    assert [sign_in(who).get(path).status_code for path in paths] == [403] * 3


def test_the_work_goes_down_to_a_handheld_and_its_results_come_back(
    walk: RoundView, sign_in: Any
) -> None:
    client, one = sign_in("reader"), first(walk)
    work = client.get(f"/rounds/{walk.id}/work.csv")
    lines = f"round,meter,register,value,at\n{walk.id},{one.serial},1.8.0,7000,{walked_at()}\n"

    done = client.post(
        f"/rounds/{walk.id}/results/",
        {"results-results": SimpleUploadedFile("handheld.csv", lines.encode())},
    )

    assert (work["Content-Type"], work.content.decode().count("\n")) == (
        "text/csv; charset=utf-8", 5,
    )  # fmt: skip
    assert done.status_code == 302
    assert first(walk).state is StopState.READ
    assert readings.register_reads(meter_id=one.meter_id)[0].value == 7_000_000
    assert client.get(f"/rounds/{walk.id}/work.csv").status_code == 404


def test_a_broken_result_file_is_shown_with_its_faults(walk: RoundView, sign_in: Any) -> None:
    client = sign_in("reader")
    lines = f"round,meter,register,value,at\n{walk.id},E-00001,1.8.0,7OOO,2026-06-10\n"

    client.post(
        f"/rounds/{walk.id}/results/",
        {"results-results": SimpleUploadedFile("<b>broken</b>.csv", lines.encode())},
    )

    page = client.get(f"/rounds/{walk.id}/").content.decode()
    assert "Refused whole" in page
    assert "The value is no number" in page
    assert "<b>broken" not in page
    assert first(walk).state is StopState.LEFT


def test_a_head_names_readers_and_closes_what_came_back(
    walk: RoundView, world: Any, sign_in: Any
) -> None:
    other = walked.reader(world, "second")
    client = sign_in("office_head")
    [route] = queries.routes(day=world.today)

    steps = [
        client.post(f"/rounds/{walk.id}/back/"),
        client.post(f"/rounds/{walk.id}/reader/", {"reader-reader": other}),
        client.post(f"/rounds/{walk.id}/close/", {"close-reason": ""}),
        client.post(f"/rounds/{walk.id}/close/", {"close-reason": "dust storm"}),
        client.post("/rounds/routes/", {"route": str(route.id), "reader": other}),
        client.post("/rounds/routes/", {"route": str(route.id), "reader": "nobody"}),
    ]

    found = queries.round_of(round_id=walk.id)
    assert [step.status_code for step in steps] == [302, 302, 422, 302, 302, 422]
    assert (found.state, found.reader, found.reason) == (RoundState.CLOSED, other, "dust storm")
    assert [one.reader for one in queries.routes(day=world.today)] == [other]


@pytest.mark.parametrize("who", ["clerk", "auditor"])
def test_who_only_sees_changes_nothing(walk: RoundView, sign_in: Any, who: str) -> None:
    client = sign_in(who)
    [route] = queries.routes(day=walk.day)

    seen = [client.get(path).status_code for path in ("/rounds/", f"/rounds/{walk.id}/")]
    refused = [
        client.post(f"/rounds/{walk.id}/back/").status_code,
        client.get(f"/rounds/{walk.id}/stops/1/").status_code,
        client.post("/rounds/routes/", {"route": str(route.id), "reader": ""}).status_code,
    ]

    assert (seen, refused) == ([200, 200], [403, 403, 403])
    assert queries.round_of(round_id=walk.id) == walk
    assert [one.reader for one in queries.routes(day=walk.day)] == [route.reader]
    assert outcomes("field.name_usual_reader")[-1] == "denied"


def test_what_does_not_exist_is_not_found(walk: RoundView, sign_in: Any) -> None:
    client = sign_in("reader")
    paths = (
        f"/rounds/{new_id(walked_at())}/", f"/rounds/{walk.id}/stops/99/",
        f"/rounds/{walk.id}/photos/{'a' * 64}/", f"/rounds/{walk.id}/photos/..%2f..%2fkeys/",
    )  # fmt: skip

    assert [client.get(path).status_code for path in paths] == [404] * 4
    assert client.post(f"/rounds/{walk.id}/dance/").status_code == 404


def test_a_supervisor_puts_a_route_in_another_order(
    walk: RoundView, world: Any, sign_in: Any
) -> None:
    before = queries.route_stops(route_id=walk.route_id, day=world.today)
    places = {f"place-{s.service_point_id}": str(len(before) - s.sequence) for s in before}
    address = f"/rounds/routes/{walk.route_id}/"

    done = sign_in("office_head").post(address, {"what": "order", **places})

    after = queries.route_stops(route_id=walk.route_id, day=world.today)
    assert done.status_code == 302
    assert [s.serial for s in after] == [s.serial for s in reversed(before)]
    assert [s.serial for s in queries.stops(round_id=walk.id)] == [s.serial for s in before]


def test_a_clerk_sees_a_route_and_changes_nothing(
    walk: RoundView, world: Any, sign_in: Any
) -> None:
    client, address = sign_in("clerk"), f"/rounds/routes/{walk.route_id}/"
    before = queries.route_stops(route_id=walk.route_id, day=world.today)

    page = client.get(address).content.decode()
    done = client.post(address, {"what": "order"})

    assert before[0].serial in page
    assert 'id="order"' not in page
    assert done.status_code == 403
    assert outcomes("field.order_stops") == ["denied"]
    assert queries.route_stops(route_id=walk.route_id, day=world.today) == before


def test_meters_are_not_moved_to_a_route_that_does_not_exist(walk: RoundView, sign_in: Any) -> None:
    address = f"/rounds/routes/{walk.route_id}/"
    head = sign_in("office_head")

    nowhere = head.post(address, {"what": "move", "to": str(new_id(walked_at())), "point": ""})
    strange = head.post(address, {"what": "move", "to": "x"})

    assert (nowhere.status_code, strange.status_code) == (404, 404)
    assert head.get(f"/rounds/routes/{new_id(walked_at())}/").status_code == 404
