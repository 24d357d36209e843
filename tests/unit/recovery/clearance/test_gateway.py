"""The gateway's answers, asked without a socket."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.ids import CivilId, CivilIdScheme
from tahseel.recovery.clearance import gateway
from tahseel.recovery.clearance.replica import Change, Meta, Record, Writer
from tahseel.recovery.clearance.values import Gate

SCHEME = CivilIdScheme((2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), 11, (("2", 1900), ("3", 2000)), "test")
META = Meta(41, 1_700_000_000_123, "abcdef01", ("electricity", "water"), SCHEME)
DEBTOR, FREE = "288020122596", "227081660516"
TABLE = gateway.CivilIdTable(SCHEME)


def index_of(civil_id: str) -> bytes:
    return hashlib.sha256(civil_id.encode()).digest()


def made(writer: Writer, key_id: str = "abcdef01") -> gateway.Gateway:
    return gateway.Gateway(
        open_reader=writer.reader,
        blind_index=index_of,
        key_id=key_id,
        now_ms=lambda: 1_700_000_000_200,
    )


@pytest.fixture
def ready(tmp_path: Path) -> gateway.Gateway:
    writer = Writer(tmp_path)
    debt = Change(index_of(DEBTOR), Gate.EXIT, Record(15_750, "H-2026-AB12CD34"))
    writer.rebuild([debt], META)
    return made(writer)


def request(civil_id: Any = DEBTOR, gate: Any = "exit", **changes: Any) -> bytes:
    fields = {"civil_id": civil_id, "gate": gate, "purpose": "exit", "reference": "T4-17"}
    return orjson.dumps(fields | changes)


def ask(
    asked: gateway.Gateway,
    body: bytes,
    *,
    method: bytes = b"POST",
    path: bytes = b"/v1/clearance/checks",
) -> tuple[int, dict[str, Any]]:
    status, answer = asked.answer(method, path, body)
    return status, orjson.loads(answer)


def test_a_debtor_is_held_with_amount_and_reference(ready: gateway.Gateway) -> None:
    assert ask(ready, request()) == (
        200,
        {
            "answer": "held",
            "scope": ["electricity", "water"],
            "amount_fils": 15_750,
            "reference": "H-2026-AB12CD34",
            "as_of_sequence": 41,
            "as_of": "2023-11-14T22:13:20.123Z",
            "age_ms": 77,
        },
    )


def test_everybody_else_is_clear_within_the_named_scope(ready: gateway.Gateway) -> None:
    for civil_id, gate in ((FREE, "exit"), (DEBTOR, "vehicle")):
        status, answer = ask(ready, request(civil_id, gate))
        assert status == 200
        assert answer["answer"] == "clear"
        assert answer["scope"] == ["electricity", "water"]
        assert (answer["amount_fils"], answer["reference"]) == (0, None)


@pytest.mark.parametrize(
    "civil_id", ["", "288020122597", "288200122596", "28802012259", "٢٨٨٠٢٠١٢٢٥٩٦", "2 88020122596"]
)
def test_unknown_is_only_for_what_is_not_a_civil_id(ready: gateway.Gateway, civil_id: str) -> None:
    status, answer = ask(ready, request(civil_id))

    assert status == 200
    assert answer["answer"] == "unknown"
    assert answer["scope"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        request(civil_id=288020122596),
        request(civil_id=["1"], gate=["2"]),
        request(civil_id="2" * 65),
        request(purpose=""),
        request(purpose=None),
        request(reference="x" * 65),
        request(more="than asked"),
        orjson.dumps({"civil_id": DEBTOR, "gate": "exit"}),
    ],
)
def test_a_body_that_is_not_what_is_asked_for_is_refused(
    ready: gateway.Gateway, body: bytes
) -> None:
    status, answer = ask(ready, body)

    assert status == 400
    assert answer["code"] == "body_invalid"
    assert answer["text_ar"] != answer["text_en"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        (b"POST", b"/", 404, "not_served"),
        (b"GET", b"/v1/clearance/checks", 405, "method_not_allowed"),
        (b"POST", b"/healthz", 405, "method_not_allowed"),
    ],
)
def test_other_requests_are_refused(
    ready: gateway.Gateway, method: bytes, path: bytes, status: int, code: str
) -> None:
    answered, answer = ask(ready, request(), method=method, path=path)

    assert (answered, answer["code"]) == (status, code)


def test_a_gate_that_does_not_exist_is_refused(ready: gateway.Gateway) -> None:
    assert ask(ready, request(gate="moon"))[1]["code"] == "gate_unknown"


def test_a_gateway_without_a_replica_says_so_and_recovers(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    empty = made(writer)
    assert ask(empty, request())[0] == 503
    assert ask(empty, b"", method=b"GET", path=b"/healthz")[0] == 503

    writer.rebuild([], META)

    assert ask(empty, request())[1]["answer"] == "clear"
    health = ask(empty, b"", method=b"GET", path=b"/healthz")[1]
    assert health == {
        "status": "ok",
        "as_of_sequence": 41,
        "as_of": "2023-11-14T22:13:20.123Z",
        "age_ms": 77,
    }


def test_a_replica_under_another_key_is_never_read_as_clear(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.rebuild([Change(index_of(DEBTOR), Gate.EXIT, Record(1, "H-1"))], META)

    assert ask(made(writer, key_id="00000000"), request())[1]["code"] == "not_ready"


def test_a_later_batch_is_seen_by_the_next_check(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.rebuild([Change(index_of(DEBTOR), Gate.EXIT, Record(1, "H-1"))], META)
    asked = made(writer)
    assert ask(asked, request())[1]["answer"] == "held"

    later = Meta(42, 1_700_000_000_190, "abcdef01", ("electricity", "water"), SCHEME)
    writer.apply([Change(index_of(DEBTOR), Gate.EXIT, None)], later)

    answer = ask(asked, request())[1]
    assert (answer["answer"], answer["as_of_sequence"], answer["age_ms"]) == ("clear", 42, 10)


@given(st.from_regex(r"[0-9]{11,13}", fullmatch=True) | st.text(max_size=14))
def test_the_table_agrees_with_the_arithmetic(text: str) -> None:
    try:
        valid = CivilId.parse(text, SCHEME).digits == text
    except ValueError:
        valid = False

    assert (text in TABLE) == valid


@given(st.sampled_from("23"), st.dates(), st.integers(0, 9999), st.integers(0, 9))
def test_the_table_agrees_on_numbers_that_look_right(
    century: str, born: Any, serial: int, check: int
) -> None:
    text = f"{century}{born.strftime('%y%m%d')}{serial:04d}{check}"
    try:
        valid = bool(CivilId.parse(text, SCHEME))
    except ValueError:
        valid = False

    assert (text in TABLE) == valid
