"""Promise `rating`: a price book prices a million accounts nearly as a kernel by hand does.

The book is the statute's, with blocks for each dwelling unit; one account in ten has part of a
month. Before any figure is told, the totals of all accounts are held to those of an obvious Decimal
reference, and the kernel's own lines and both peers to the totals: not one fils of difference.
Floor: the same blocks by a kernel written for this tariff alone, its constants known when it is
compiled. Peers: Python's Decimal and DuckDB, as many threads.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

FLOOR_MIN, DECIMAL_MIN = 0.30, 20.0
TARGET = f">= {FLOOR_MIN:g} of the hand-written kernel, >= {DECIMAL_MIN:g}x Decimal, 0 fils"
FULL = {"accounts": 1_000_000, "compared": 1_000_000}
SHORT = {"accounts": 1_000_000, "compared": 20_000}


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"rating: {size['accounts']} accounts, {size['compared']} of them by the reference")
        printed = own_process.run("bench.rating_process", json.dumps(size), folder=folder)
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured (M accounts a second each)."""
    rate, hand, peers = found["rate"], found["hand"], found["peers"]
    ratio = rate / hand
    times = {name: rate / peer for name, peer in peers.items()}
    return {
        "name": "rating",
        "figure": round(rate, 2),
        "unit": "M accounts/s priced from a declarative book, lines and totals",
        "target": TARGET,
        "held": ratio >= FLOOR_MIN and times["decimal"] >= DECIMAL_MIN and not found["fils_off"],
        "floor": round(hand, 2),
        "floor_is": "a kernel written by hand for this tariff, M accounts/s",
        "peer": {f"{name}, M accounts/s": round(peer, 4) for name, peer in peers.items()},
        "ratio": round(ratio, 3),
        "times_peer": {name: round(value, 1) for name, value in times.items()},
        "fils_off": found["fils_off"],
        "compared": found["compared"],
        "compiled_in_s": round(found["compiled_in_s"], 1),
        "machine": beside,
    }
