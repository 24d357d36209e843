"""Promise `check`: one unsigned check costs little more CPU than a web server's static file.

The gateway's own process, over loopback TCP so that both sides are asked alike, against nginx with
a file of the same bytes, in alternate rounds of one run. Before any timing every answer of a sample
is compared with what was put into the replica.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench import load, machine
from tahseel.countries.kuwait import country
from tahseel.kernel import secrets
from tahseel.recovery.clearance import jobs
from tahseel.recovery.clearance.replica import Change, Meta, Record, Writer
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers.values import CIVIL_ID_INDEX

TARGET = 3.5
CONNECTIONS = 16
SAMPLE = 2_000
ASKED_MAX = 20_000
HELD_SHARE = 10
READY_S = 60.0


@dataclass(frozen=True)
class Size:
    persons: int
    rounds: int
    seconds: int


FULL = Size(persons=1_000_000, rounds=7, seconds=3)
SHORT = Size(persons=50_000, rounds=3, seconds=2)


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    base = {"name": "check", "unit": "us CPU a check", "target": f"<= {TARGET} x nginx static"}
    absent = load.missing("nginx", "wrk")
    if absent:
        reason = f"not installed: {', '.join(absent)}"
        return {**base, "figure": None, "held": False, "reason": reason}
    folder = machine.scratch()
    started: list[subprocess.Popen[bytes]] = []
    try:
        return {**base, **_run(FULL if full else SHORT, folder, started, say)}
    finally:
        for process in started:
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    size: Size, folder: Path, started: list[subprocess.Popen[bytes]], say: Callable[[str], None]
) -> dict[str, Any]:
    say(f"check: a replica of {size.persons} persons")
    truth = _build(folder, size.persons)
    port, peer_port = load.free_port(), load.free_port()
    gateway = _start_gateway(folder, port)
    started.append(gateway)
    body = _compare(port, truth, say)
    nginx = load.start_nginx(folder, peer_port, body)
    started.append(nginx)
    _await(peer_port, "/answer.json")
    script = load.write_script(folder, list(truth)[:ASKED_MAX])
    ours, peers, runs = [], [], []
    for number in range(size.rounds):
        say(f"check: round {number + 1} of {size.rounds}")
        url = f"http://127.0.0.1:{peer_port}/answer.json"
        peers.append(_cost(nginx.pid, url, size.seconds, None)[0])
        cost, run = _cost(gateway.pid, f"http://127.0.0.1:{port}/", size.seconds, script)
        ours.append(cost)
        runs.append(run)
    return _result(ours, peers, runs, folder, len(truth))


def _result(
    ours: list[float], peers: list[float], runs: list[load.Run], folder: Path, asked: int
) -> dict[str, Any]:
    ratio = statistics.median(a / b for a, b in zip(ours, peers, strict=True))
    errors = sum(run.errors for run in runs)
    peer = round(statistics.median(peers), 2)
    return {
        "figure": round(statistics.median(ours), 2),
        "held": ratio <= TARGET and errors == 0,
        "floor": peer,
        "peer": {"nginx static, us CPU a request": peer},
        "ratio": round(ratio, 2),
        "p50_ms": round(statistics.median(run.p50_ms for run in runs), 3),
        "p99_ms": round(statistics.median(run.p99_ms for run in runs), 3),
        "per_s": round(max(run.per_s for run in runs)),
        "connections": CONNECTIONS,
        "errors": errors,
        "compared": min(SAMPLE, asked),
        "machine": machine.beside(folder),
    }


def _build(folder: Path, persons: int) -> dict[str, int]:
    """A replica in which every tenth person owes something; returns civil id -> fils owed."""
    ring = secrets.KeyRing.load_or_create(folder / "keys")
    secrets.install_keys(ring)
    scheme = country.civil_id_scheme()
    chance = random.Random(7)
    truth: dict[str, int] = {}
    while len(truth) < persons:
        day = (
            f"{chance.randrange(100):02d}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        )
        prefix = f"2{day}{chance.randrange(10_000):04d}"
        digit = scheme.check_digit(prefix)
        if digit is not None:
            owes = chance.randrange(1, 900_000) if len(truth) % HELD_SHARE == 0 else 0
            truth.setdefault(f"{prefix}{digit}", owes)
    rows = [
        Change(_index(civil_id), Gate.EXIT, Record(fils, f"H-2026-{number:08d}"))
        for number, (civil_id, fils) in enumerate(truth.items())
        if fils
    ]
    now_ms = time.time_ns() // 1_000_000
    writer = Writer(folder / "replica")
    writer.rebuild(rows, Meta(1, now_ms, ring.index_key_id, ("electricity", "water"), scheme))
    writer.close()
    return truth


def _index(civil_id: str) -> bytes:
    return secrets.blind_index(civil_id, purpose=CIVIL_ID_INDEX)


def _start_gateway(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = jobs.command(
        socket_path=folder / "unused.sock",
        replica_path=folder / "replica",
        keys_path=folder / "keys",
    )
    source = str(machine.ROOT / "src")
    environment = {**os.environ, jobs.BENCH_PORT: str(port), "PYTHONPATH": source}
    process = subprocess.Popen(command, env=environment)
    _await(port, "/healthz")
    return process


def _await(port: int, path: str) -> None:
    """Wait until something answers there."""
    end = time.monotonic() + READY_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
        if time.monotonic() > end:
            raise RuntimeError(f"nothing answers on port {port}")


def _compare(port: int, truth: dict[str, int], say: Callable[[str], None]) -> bytes:
    """Assert that a sample is answered as the replica was filled; returns one answer's bytes."""
    sample = random.Random(11).sample(sorted(truth), min(SAMPLE, len(truth)))
    say(f"check: comparing {len(sample)} answers")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    body = b""
    for civil_id in sample:
        question = {"civil_id": civil_id, "gate": "exit", "purpose": "exit", "reference": "bench"}
        connection.request("POST", "/v1/clearance/checks", body=orjson.dumps(question))
        body = connection.getresponse().read()
        answer = orjson.loads(body)
        expected = ("held", truth[civil_id]) if truth[civil_id] else ("clear", 0)
        if (answer["answer"], answer["amount_fils"]) != expected:
            raise AssertionError(f"the gateway answered {answer['answer']}, not {expected[0]}")
    connection.close()
    return body


def _cost(pid: int, url: str, seconds: int, script: Path | None) -> tuple[float, load.Run]:
    """CPU microseconds a request of a process tree under load, and the run."""
    before = machine.cpu_us(pid)
    run = load.wrk(url, seconds=seconds, connections=CONNECTIONS, script=script)
    return (machine.cpu_us(pid) - before) / run.requests, run
