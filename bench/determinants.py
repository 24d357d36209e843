"""Promise `determinants`: a nation's month is read from the lake, judged, and on the disk again.

From the lake's files to measures of every register (totals a day, bands, peak, what the rules
found), written and flushed. They are held to the kernel's on the arrays that the lake was made of,
and the totals of each peer to them, before any figure is told. Floor: reading the same files
through; peers: Polars and DuckDB with their own readers, a smaller lake, the same rules.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import lake_town, machine, own_process

SECONDS_MAX, MB_MAX, POLARS_MIN, DUCKDB_MIN = 25.0, 1_024, 15.0, 25.0
NATION = 1_000_000
TARGET = (
    f">= {POLARS_MIN:g}x Polars, >= {DUCKDB_MIN:g}x DuckDB; 1 M meters x month"
    f" <= {SECONDS_MAX:g} s, <= {MB_MAX} MB"
)
FULL = {"meters": NATION, "peer_meters": 1_000, "compared": 40_000}
SHORT = {"meters": 20_000, "peer_meters": 200, "compared": 20_000}


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"determinants: a lake of {size['meters']} meters and a month")
        lake_town.build(folder / "lake", size["meters"])
        lake_town.build(folder / "small" / "lake", size["peer_meters"])
        say("determinants: sweeping it")
        words = (str(folder / "lake"), str(size["meters"]), str(size["compared"]))
        found = json.loads(own_process.run("bench.lake_process", *words, folder=folder))
        say("determinants: the peers")
        small = (str(folder / "small" / "lake"), str(size["peer_meters"]))
        peers = json.loads(own_process.run("bench.lake_peers", *small, folder=folder))
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(found, peers, beside)


def result(
    found: dict[str, Any], peers: dict[str, float], beside: dict[str, Any]
) -> dict[str, Any]:
    """The promise from what the processes measured; time is held to the nation's by meters."""
    seconds, meters = found["seconds"], found["meters"]
    rate = found["reads"] / seconds / 1e6
    times = {name: rate / peer for name, peer in peers.items()}
    in_time = seconds <= max(SECONDS_MAX * meters / NATION, 1.0)
    return {
        "name": "determinants",
        "figure": round(seconds, 2),
        "unit": f"s from the lake to measures on the disk, {meters} meters x month",
        "target": TARGET,
        "held": in_time
        and found["peak_mb"] <= MB_MAX
        and times["polars"] >= POLARS_MIN
        and times["duckdb"] >= DUCKDB_MIN,
        "floor": round(found["floor_s"], 2),
        "floor_is": "reading the same files through, s",
        "peer": {f"{name}, M reads/s": round(peer, 2) for name, peer in peers.items()},
        "ratio": round(seconds / found["floor_s"], 1),
        "times_peer": {name: round(value, 1) for name, value in times.items()},
        "rate": round(rate, 1),
        "peak_mb": round(found["peak_mb"]),
        "compiled_in_s": round(found["compiled_in_s"], 1),
        "reads": found["reads"],
        "lake_bytes": found["bytes"],
        "written_bytes": found["written_bytes"],
        "fired": found["fired"],
        "machine": beside,
    }
