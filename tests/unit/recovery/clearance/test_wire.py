"""The private socket's HTTP: strict, bounded, and the same however the bytes are cut."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.errors import Fault, Refusal
from tahseel.kernel.ids import CivilIdScheme
from tahseel.kernel.secrets import KeyRing, blind_index, install_keys
from tahseel.recovery.clearance import client, jobs, wire
from tahseel.recovery.clearance.replica import Change, Meta, Record, Writer
from tahseel.recovery.clearance.values import Gate

ROOT = Path(__file__).parents[4]
LINE = b"POST /v1/clearance/checks HTTP/1.1"


class Transport:
    """What a connection does to its transport, kept."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = False
        self.paused = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def echo(method: bytes, path: bytes, body: bytes) -> tuple[int, bytes]:
    return 200, method + b" " + path + b" " + body


def connect(server: wire.Server | None = None) -> tuple[wire.Connection, Transport]:
    connection, transport = wire.Connection(server or wire.Server(echo)), Transport()
    connection._transport = transport  # type: ignore[assignment]
    connection._server.admit(connection)
    return connection, transport


def post(body: bytes) -> bytes:
    return LINE + b"\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4), st.data())
def test_requests_are_answered_in_order_however_they_are_cut(
    bodies: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(post(body) for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    connection, transport = connect()

    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        connection.data_received(whole[start:end])

    answers = [b"POST /v1/clearance/checks " + body for body in bodies]
    expected = b"".join(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(answer), answer)
        for answer in answers
    )
    assert transport.sent == expected
    assert not transport.closed


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (b"POST /\r\n\r\n", "head_invalid"),
        (b"POST  / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (b"POST http://x/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nContent-Length : 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nTransfer-Encoding: chunked\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nTransfer-Encoding: x\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", "head_invalid"),
        (LINE + b"\r\nHost: x\r\n\r\n", "length_required"),
        (LINE + b"\r\nContent-Length: -1\r\n\r\n", "length_required"),
        (LINE + b"\r\nContent-Length: +1\r\n\r\n", "length_required"),
        (LINE + b"\r\nContent-Length: 2049\r\n\r\n", "body_too_large"),
        (LINE + b"\r\nContent-Length: " + b"9" * 900 + b"\r\n\r\n", "body_too_large"),
        (LINE + b"\r\nX: " + b"a" * 5_000, "head_too_large"),
    ],
)
def test_what_is_not_understood_is_refused_and_the_connection_closed(raw: bytes, code: str) -> None:
    connection, transport = connect()

    connection.data_received(raw + post(b"smuggled"))

    assert b"connection: close" in transport.sent
    assert orjson.loads(transport.sent.split(b"\r\n\r\n")[1])["code"] == code
    assert transport.sent.count(b"HTTP/1.1 ") == 1
    assert transport.closed


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_refused_or_waited_for(noise: bytes) -> None:
    connection, transport = connect()

    connection.data_received(noise)

    assert transport.closed == (b"connection: close" in transport.sent)


@given(st.binary(max_size=200))
def test_any_head_is_parsed_or_refused(noise: bytes) -> None:
    try:
        head = wire.parse_head(noise)
    except Refusal:
        return

    assert 0 <= head.length <= wire.BODY_BYTES_MAX


def test_a_caller_who_wants_to_close_gets_one_answer() -> None:
    connection, transport = connect()

    connection.data_received(
        LINE + b"\r\nConnection: close\r\nContent-Length: 1\r\n\r\nA" + post(b"B")
    )

    assert transport.sent.endswith(b" A")
    assert transport.closed


def test_a_caller_who_stops_in_the_middle_is_hung_up_on_and_others_are_not() -> None:
    server = wire.Server(echo)
    slow, slow_end = connect(server)
    _, idle_end = connect(server)
    slow.data_received(post(b"half")[:-2])

    for _ in range(2):
        server.sweep()

    assert slow_end.closed
    assert not idle_end.closed


def test_a_caller_who_does_not_read_is_not_read_from() -> None:
    connection, transport = connect()

    connection.pause_writing()
    assert transport.paused
    connection.resume_writing()
    assert not transport.paused


def test_connections_are_bounded() -> None:
    server = wire.Server(echo)
    server.connections = {wire.Connection(server) for _ in range(wire.CONNECTIONS_MAX)}

    assert not server.admit(wire.Connection(server))


def test_unsigned_checks_are_never_offered_beyond_loopback() -> None:
    with pytest.raises(Fault, match="loopback"):
        wire.listen(("0.0.0.0", 0))


SCHEME = CivilIdScheme((2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), 11, (("2", 1900), ("3", 2000)), "test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ring = KeyRing.load_or_create(tmp_path / "keys")
    install_keys(ring)
    index = blind_index("288020122596", purpose="civil_id")
    writer = Writer(tmp_path / "replica")
    meta = Meta(7, 1_700_000_000_000, ring.index_key_id, ("electricity", "water"), SCHEME)
    writer.rebuild([Change(index, Gate.EXIT, Record(15_750, "H-2026-AB12CD34"))], meta)
    writer.close()
    return tmp_path


@pytest.fixture
def process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    line = jobs.command(
        socket_path=folder / "g.sock",
        replica_path=folder / "replica",
        keys_path=folder / "keys",
    )
    started = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    until = time.monotonic() + 30
    while not (folder / "g.sock").exists() and time.monotonic() < until:
        time.sleep(0.02)
    yield started
    started.kill()
    started.wait(10)


def test_a_real_gateway_process_answers_on_its_private_socket(
    folder: Path, process: subprocess.Popen[bytes]
) -> None:
    path = folder / "g.sock"

    held = client.check(
        socket_path=path, civil_id="288020122596", gate=Gate.EXIT, purpose="exit", reference="T4"
    )
    clear = client.check(
        socket_path=path, civil_id="227081660516", gate=Gate.EXIT, purpose="exit", reference="T4"
    )

    assert (held.answer, held.amount_fils, held.reference) == ("held", 15_750, "H-2026-AB12CD34")
    assert (clear.answer, clear.amount_fils, clear.reference) == ("clear", 0, None)
    assert held.as_of_sequence == 7
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Fault, match="already serves"):
        wire.listen(path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not path.exists()


def test_a_socket_left_behind_by_a_killed_gateway_is_taken_over(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(tmp_path / "g.sock"))
    left.close()

    with wire.listen(tmp_path / "g.sock") as listening:
        assert listening.getsockname() == str(tmp_path / "g.sock")


def test_a_gateway_that_is_not_there_is_a_fault_to_retry(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        client.check(
            socket_path=tmp_path / "none.sock",
            civil_id="227081660516",
            gate=Gate.EXIT,
            purpose="exit",
            reference="T4",
        )

    assert caught.value.retry


def test_a_connection_that_failed_once_is_usable_when_the_gateway_is_back(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    connection = client.SocketConnection(folder / "g.sock")

    def ask() -> client.Answer:
        return client.ask(
            connection, civil_id="288020122596", gate=Gate.EXIT, purpose="exit", reference="T4"
        )

    with pytest.raises(Fault):
        ask()
    request.getfixturevalue("process")

    assert ask().answer == "held"
    connection.close()
