"""Promise `bill-run-kill`: a bill run that is killed at any moment ends as if nobody had.

The body is a process of its own, whose database is its own; see `bill_run_kill_process`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

FULL = (20_000, 50)
SHORT = (1_000, 4)
TIMEOUT_S = 7_200
SEED = 11


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    accounts, kills = FULL if full else SHORT
    return tried(accounts=accounts, kills=kills, say=say)


def tried(*, accounts: int, kills: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The same for a town and a number of kills of one's own."""
    folder = machine.scratch()
    try:
        say(f"bill-run-kill: {kills} kills of a run over {accounts} accounts")
        beside = machine.beside(folder)
        printed = own_process.run(
            "promises.bill_run_kill_process", str(accounts), str(kills), str(SEED),
            folder=folder / "var", timeout_s=TIMEOUT_S,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = json.loads(printed)
    broken = told["differing"] + told["doubled"] + told["unproven"]
    return {
        "name": "bill-run-kill",
        "figure": broken,
        "unit": "violations",
        "trials": told["kills"],
        "target": f"{kills} kills, nothing differs",
        "held": broken == 0 and told["kills"] == kills,
        **told,
        "machine": beside,
    }
