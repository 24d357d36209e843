"""Promise `bill-run`: bills made, booked and claimed against a COPY of the same bytes.

The body is a process of its own, whose database is its own; see `bill_run_process`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

FULL_ACCOUNTS, SHORT_ACCOUNTS = 20_000, 2_000
FULL_MOVES, SHORT_MOVES = 400, 100
TIMES_COPY_MAX = 8.0
BILLS_PER_S_MIN = 80_000
TIMES_PEER_MIN = 2_000
TIMEOUT_S = 3_600
TARGET = (
    f"<= {TIMES_COPY_MAX:g}x the COPY, >= {BILLS_PER_S_MIN} bills/s,"
    f" >= {TIMES_PEER_MIN}x Tryton create and post"
)
SAMPLE = "a sample of the million accounts that the promise names; rates are by the bill"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    accounts, moves = (FULL_ACCOUNTS, FULL_MOVES) if full else (SHORT_ACCOUNTS, SHORT_MOVES)
    folder = machine.scratch()
    try:
        say(f"bill-run: a town of {accounts} accounts, its run, COPY of the same rows, Tryton")
        beside = machine.beside(folder)
        printed = own_process.run(
            "bench.bill_run_process", str(accounts), str(moves),
            folder=folder / "var", timeout_s=TIMEOUT_S,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(ran: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """What was measured against the promise. A peer that is not there holds nothing."""
    rate = ran["bills"] / ran["run_s"]
    times_copy = ran["run_s"] / ran["copy_s"]
    peer = ran["peer"].get("moves_per_s")
    times_peer = rate / peer if peer else None
    held = (
        times_copy <= TIMES_COPY_MAX
        and rate >= BILLS_PER_S_MIN
        and times_peer is not None
        and times_peer >= TIMES_PEER_MIN
    )
    told = {
        "name": "bill-run",
        "figure": round(rate),
        "unit": f"bills/s, {ran['bills']} bills",
        "target": TARGET,
        "held": held,
        "floor": round(ran["bills"] / ran["copy_s"]),
        "ratio": round(times_copy, 1),
        "peer": round(peer, 1) if peer else None,
        "peer_ratio": round(times_peer) if times_peer else None,
        "sample": SAMPLE,
        "run_s": round(ran["run_s"], 2),
        "cpu_s": round(ran["cpu_s"], 2),
        "copy_s": round(ran["copy_s"], 3),
        "copied_rows": ran["rows"],
        "copied_mb": ran["mb"],
        "total_fils": ran["total_fils"],
        "machine": beside,
    }
    if not peer:
        told["reason"] = f"Tryton: {ran['peer'].get('reason', 'not measured')}"
    return told
