"""Promise `scale`: a meter costs the same in a town and in a nation, and memory does not grow.

The sweep of promise `determinants` over lakes of three sizes, each in a process of its own, its
measures held to the kernel's first.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import lake_town, machine, own_process

SPREAD_MAX = 1.25
FULL, SHORT = (10_000, 100_000, 1_000_000), (2_000, 10_000, 20_000)
COMPARED = 2_000
TARGET = f"cost a meter and memory flat within {SPREAD_MAX - 1:.0%} over 10k, 100k, 1 M meters"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    found = []
    for meters in FULL if full else SHORT:
        folder = machine.scratch()
        try:
            say(f"scale: {meters} meters")
            lake_town.build(folder / "lake", meters)
            words = (str(folder / "lake"), str(meters), str(COMPARED))
            found.append(json.loads(own_process.run("bench.lake_process", *words, folder=folder)))
            beside = machine.beside(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return result(found, beside)


def result(found: list[dict[str, Any]], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from one measurement a size, the smallest first."""
    costs = [one["seconds"] / one["meters"] * 1e6 for one in found]
    memory = [one["peak_mb"] for one in found]
    spread, grown = max(costs) / min(costs), max(memory) / min(memory)
    return {
        "name": "scale",
        "figure": round(spread, 2),
        "unit": "dearest over cheapest, us a meter and month",
        "target": TARGET,
        "held": spread <= SPREAD_MAX and grown <= SPREAD_MAX,
        "floor": None,
        "peer": None,
        "ratio": round(spread, 2),
        "meters": [one["meters"] for one in found],
        "us_a_meter": [round(cost, 1) for cost in costs],
        "peak_mb": [round(one) for one in memory],
        "machine": beside,
    }
