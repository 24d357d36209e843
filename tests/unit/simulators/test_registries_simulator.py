"""The simulated registries over a real socket, and the records that they draw."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from simulators.registries import records, signing
from simulators.registries.faults import Fault, FaultPlan
from simulators.registries.records import Record, RecordError
from simulators.registries.register import load, open_registers
from simulators.registries.server import Server
from simulators.registries.strangers import Strangers

DAY = "2026-11-24"


def death(number: int, version: int = 1, state: str = "issued", day: str = DAY) -> Record:
    facts = {"civil_id": "288020122596", "died_on": "2026-11-20", "certificate": "C1"}
    return Record(f"DTH-{number:08d}", version, "death", state, day, facts)


class World:
    """The registries on a port of their own."""

    def __init__(self) -> None:
        self.registers = open_registers()
        self.plan = FaultPlan({}, 1)
        self.server = Server(("127.0.0.1", 0), self.registers, self.plan, slow_ms=1, quiet=True)
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def call(
        self, method: str, path: str, value: object = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1])
        body = json.dumps(value).encode() if value is not None else b""
        with contextlib.closing(connection):
            connection.request(method, path, body)
            with connection.getresponse() as reply:
                return reply.status, dict(reply.headers.items()), reply.read()

    def page(self, query: str = "after=0&limit=10") -> dict[str, Any]:
        page: dict[str, Any] = json.loads(self.call("GET", f"/civil/records?{query}")[2])
        return page


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


def verify(fields: dict[str, str], path: str, query: str, body: bytes) -> None:
    """Check an answer as a receiver does. Raises InvalidSignature, AssertionError."""
    params = fields["Signature-Input"].removeprefix("registry=")
    digest = fields["Content-Digest"]
    wanted = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert digest == f"sha-256=:{wanted}:"
    base = (
        f'"@status": 200\n"content-digest": {digest}\n"@path";req: {path}\n'
        f'"@query";req: ?{query}\n"@signature-params": {params}'
    )
    key = base64.b64decode(signing.key_of("civil").public_text)
    signature = base64.b64decode(fields["Signature"].removeprefix("registry=:").rstrip(":"))
    Ed25519PublicKey.from_public_bytes(key).verify(signature, base.encode())


def test_pages_follow_one_another_by_their_cursor(world: World) -> None:
    for number in range(5):
        world.registers["civil"].publish(death(number))

    first = world.page("after=0&limit=2")
    second = world.page(f"after={first['next']}&limit=10")

    assert [r["number"][-1] for r in first["records"]] == ["0", "1"]
    assert first["more"] is True
    assert [r["number"][-1] for r in second["records"]] == ["2", "3", "4"]
    assert (second["more"], second["next"]) == (False, "5")


def test_a_cursor_beyond_the_end_gives_an_empty_page(world: World) -> None:
    page = world.page("after=999&limit=10")

    assert (page["records"], page["more"], page["next"]) == ([], False, "0")


def test_an_answer_is_signed_for_the_question_it_answers(world: World) -> None:
    world.registers["civil"].publish(death(1))

    _, fields, body = world.call("GET", "/civil/records?after=0&limit=5")

    verify(fields, "/civil/records", "after=0&limit=5", body)
    with pytest.raises(InvalidSignature):
        verify(fields, "/civil/records", "after=5&limit=5", body)


def test_a_forged_answer_does_not_verify(world: World) -> None:
    world.plan.order(Fault.FORGED)

    _, fields, body = world.call("GET", "/civil/records?after=0")

    with pytest.raises(InvalidSignature):
        verify(fields, "/civil/records", "after=0", body)


def test_an_altered_body_does_not_match_its_digest(world: World) -> None:
    world.plan.order(Fault.ALTERED)

    _, fields, body = world.call("GET", "/civil/records?after=0")

    with pytest.raises(AssertionError):
        verify(fields, "/civil/records", "after=0", body)


def test_a_page_that_comes_twice_is_asked_for_again_with_its_own_cursor(world: World) -> None:
    world.registers["civil"].publish(death(1))
    world.plan.order(Fault.TWICE)

    first, second = world.page(), world.page()

    assert (first["next"], first["more"]) == ("0", True)
    assert second["records"] == first["records"]
    assert second["next"] == "1"


def test_a_truncated_page_ends_in_the_middle(world: World) -> None:
    world.registers["civil"].publish(death(1))
    world.call("POST", "/simulator/faults", ["truncated"])

    with pytest.raises(http.client.IncompleteRead):
        world.page()


def test_a_failing_registry_says_500_and_recovers(world: World) -> None:
    world.plan.order(Fault.SERVER_ERROR)

    statuses = [world.call("GET", "/civil/records?after=0")[0] for _ in range(2)]

    assert statuses == [500, 200]


def test_a_shuffled_page_holds_the_same_records(world: World) -> None:
    for number in range(20):
        world.registers["civil"].publish(death(number))
    plain = world.page("after=0&limit=50")["records"]
    world.plan.order(Fault.SHUFFLED)

    shuffled = world.page("after=0&limit=50")["records"]

    assert shuffled != plain
    assert sorted(r["number"] for r in shuffled) == [r["number"] for r in plain]


def test_control_figures_count_each_version_of_the_day_once(world: World) -> None:
    register = world.registers["civil"]
    for record in (death(1), death(1, 2, "withdrawn"), death(2, day="2026-11-25")):
        register.publish(record)

    figures = register.control(DAY)

    assert (figures["count"], figures["kinds"]) == (2, {"death": 2})
    assert figures["digest"] == records.control([death(1, 2, "withdrawn"), death(1)])["digest"]
    assert figures["digest"] != records.control([death(1)])["digest"]


def test_a_record_is_published_by_the_registry_of_its_kind(world: World) -> None:
    facts = {"civil_id": "288020122596", "left_on": "2026-11-01", "final": True}
    row = {
        "number": "DEP-00000001",
        "version": 1,
        "kind": "departure",
        "state": "issued",
        "published_on": DAY,
        "facts": facts,
    }

    created = world.call("POST", "/simulator/records", row)[0]
    again = world.call("POST", "/simulator/records", row)[0]

    assert (created, again) == (201, 422)
    assert [len(world.registers[name]) for name in records.REGISTRIES] == [0, 1, 0]


@pytest.mark.parametrize(
    "change",
    [{"number": "DTH1"}, {"kind": "birth"}, {"version": 0}, {"facts": {}}, {"state": "lost"}],
)
def test_what_no_registry_would_publish_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, object]
) -> None:
    registers = open_registers()
    good = json.loads(death(1).canonical())
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(good)}\n{json.dumps({**good, 'version': 2, **change})}\n")

    with pytest.raises(RecordError, match=r"records\.jsonl:2"):
        load(registers, file)


def test_strangers_are_the_same_for_the_same_seed_and_bring_every_fault() -> None:
    day = date(2026, 11, 24)

    drawn = list(Strangers(7).of_day(day, 400))

    assert drawn == list(Strangers(7).of_day(day, 400))
    assert {r.state for r in drawn} == {"issued", "corrected", "withdrawn"}
    assert {r.kind for r in drawn} == {"death", "name", "departure", "return", "title"}
    wrong = [r for r in drawn if "civil_id" in r.facts and not right(str(r.facts["civil_id"]))]
    assert 0 < len(wrong) < 40


def right(civil_id: str) -> bool:
    weights = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(w * int(d) for w, d in zip(weights, civil_id, strict=False)) % 11
    return (11 - rest) % 11 == int(civil_id[-1])


def test_a_plan_of_faults_is_read_from_percents() -> None:
    plan = FaultPlan.read("twice=100", 1)

    assert plan.next() is Fault.TWICE
    with pytest.raises(ValueError, match="percents"):
        FaultPlan.read("twice=60,slow=50", 1)
