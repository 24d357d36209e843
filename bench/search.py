"""Promise `search`: a name typed in any spelling is found among 300,000 people at once.

The whole query as the counter asks it, with its audit leaf and its masked views, over people that
were registered by COPY. Before any timing a sample of answers is compared with a plain walk over
all names (`search_town.expected`). Floor and peer run over the same connection and the same rows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

TARGET_MS = 100.0
FULL_PERSONS, SHORT_PERSONS = 300_000, 20_000


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    persons = FULL_PERSONS if full else SHORT_PERSONS
    folder = machine.scratch()
    try:
        say(f"search: a database with {persons} people")
        printed = own_process.run("bench.search_process", str(persons), folder=folder)
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result: dict[str, Any] = json.loads(printed)
    floor, p95 = result["floor_ms"], machine.percentile(result["times_ms"], 0.95)
    peers = machine.percentile(result["peer_ms"], 0.95)
    return {
        "name": "search",
        "figure": round(p95, 2),
        "unit": "ms p95 of one name search",
        "target": f"<= {TARGET_MS:g} ms",
        "held": p95 <= TARGET_MS,
        "floor": round(floor, 3),
        "floor_is": "one row by its primary key over the same connection, ms",
        "peer": {f"{result['peer']}, ms p95": round(peers, 2)},
        "ratio": round(p95 / floor, 1),
        "p50_ms": round(machine.percentile(result["times_ms"], 0.5), 2),
        "p99_ms": round(machine.percentile(result["times_ms"], 0.99), 2),
        "slowest_ms": round(max(result["times_ms"]), 2),
        "found": result["found"],
        "found_by_peer": result["found_by_peer"],
        "searches": len(result["times_ms"]),
        "compared": result["compared"],
        "persons": result["persons"],
        "by_form_p95_ms": {
            form: round(machine.percentile(times, 0.95), 2)
            for form, times in sorted(result["by_form_ms"].items())
        },
        "machine": beside,
    }
