"""Promise `release`: from the acknowledgement of a payment to the gateway's "clear".

Real PostgreSQL, a real projector process and a real gateway process, in a database of the bench's
own. The work is in `release_process`, so that nothing of it touches the caller's database.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

P50_TARGET_MS = 3.0
P99_TARGET_MS = 15.0
FULL_PERSONS, SHORT_PERSONS = 300, 40
TARGET = f"p50 <= {P50_TARGET_MS:g} ms, p99 <= {P99_TARGET_MS:g} ms"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    persons = FULL_PERSONS if full else SHORT_PERSONS
    folder = machine.scratch()
    try:
        say(f"release: a database with {persons} persons who are held")
        printed = own_process.run("bench.release_process", str(persons), folder=folder)
        times: list[float] = json.loads(printed)
        floor = (machine.fsync_us(folder) + machine.socket_round_trip_us()) / 1_000
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    p50, p99 = machine.percentile(times, 0.5), machine.percentile(times, 0.99)
    return {
        "name": "release",
        "figure": round(p99, 2),
        "unit": "ms p99 from acknowledged payment to clear",
        "target": TARGET,
        "held": p50 <= P50_TARGET_MS and p99 <= P99_TARGET_MS,
        "floor": round(floor, 3),
        "floor_is": "one fdatasync and one round trip over a Unix socket, ms",
        "peer": None,
        "ratio": round(p50 / floor, 1),
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "slowest_ms": round(max(times), 2),
        "releases": len(times),
        "machine": beside,
    }
