"""Promise `vee`: a nation's month of interval reads is validated, estimated and summed in memory.

Before any figure is told, the compiled kernel is held to the plain reference on generated months
with faults, to the NumPy twin on the figures' own data, and each peer to the kernel: the same
counts of every rule, the same total of every meter and day. Floor: `np.copyto` of the same reads.
Peers: the same rules in Polars (`.over`) and in DuckDB (window functions), on as many threads.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

FLOOR_MIN, POLARS_MIN, DUCKDB_MIN = 0.25, 60.0, 120.0
TARGET = f">= {FLOOR_MIN:g} of copyto, >= {POLARS_MIN:g}x Polars, >= {DUCKDB_MIN:g}x DuckDB"
FULL = {"meters": 20_000, "peer_meters": 1_000, "compared": 10_000}
SHORT = {"meters": 4_000, "peer_meters": 200, "compared": 300}


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"vee: a month of {size['meters']} meters, {size['compared']} months by the reference")
        printed = own_process.run("bench.vee_process", json.dumps(size), folder=folder)
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured (M reads a second each)."""
    rate, peers = found["rate"], found["peers"]
    times = {name: rate / peer for name, peer in peers.items()}
    ratio = rate / found["copyto"]
    return {
        "name": "vee",
        "figure": round(rate, 1),
        "unit": "M reads/s validated, estimated and summed, all interval rules on",
        "target": TARGET,
        "held": ratio >= FLOOR_MIN
        and times["polars"] >= POLARS_MIN
        and times["duckdb"] >= DUCKDB_MIN,
        "floor": round(found["copyto"], 1),
        "floor_is": "np.copyto of the same reads, M reads/s",
        "peer": {f"{name}, M reads/s": round(peer, 2) for name, peer in peers.items()},
        "ratio": round(ratio, 3),
        "times_peer": {name: round(value, 1) for name, value in times.items()},
        "twin": round(found["twin"], 1),
        "one_thread": round(found["one_thread"], 1),
        "compiled_in_s": round(found["compiled_in_s"], 1),
        "reads": found["reads"],
        "fired": found["fired"],
        "compared": found["compared"],
        "machine": beside,
    }
