"""Promise `take-on`: an old system of 300,000 accounts is taken on within ten minutes.

The export is written first; `takeon run` is then a process like an operator's, over a migrated and
empty database. What it loaded is counted and summed from the tables and held against the old
system's control totals before any figure is told. The floor is the least that must happen: COPY of
the very same rows into tables of the same columns, without an index or a rule, that last as ours do
(written ahead, flushed at the commit), in the same run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine, own_process

MINUTES_MAX = 10
RATIO_MIN = 0.05
PEAK_MB_MAX = 512
FULL_ACCOUNTS, SHORT_ACCOUNTS = 300_000, 10_000
TIMEOUT_S = 3_600
LOOK_S = 0.25
TARGET = (
    f"<= {MINUTES_MAX} minutes for {FULL_ACCOUNTS} accounts,"
    f" COPY of the same rows >= {RATIO_MIN:g} of it, <= {PEAK_MB_MAX} MB"
)


@dataclass(frozen=True)
class Ran:
    """One `takeon run`: wall seconds, CPU seconds and the most memory of its processes."""

    seconds: float
    cpu_s: float
    peak_mb: float


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    accounts = FULL_ACCOUNTS if full else SHORT_ACCOUNTS
    folder = machine.scratch()
    try:
        say(f"take-on: writing the export of {accounts} accounts")
        mapping = _export(folder, accounts)
        say("take-on: a migrated database")
        _command(folder, "takeon", "status", "--json")
        say("take-on: takeon run")
        ran = _take_on(folder, mapping)
        say("take-on: comparing with the control totals, then COPY of the same rows")
        printed = own_process.run(
            "bench.take_on_process", str(mapping), folder=folder / "var", timeout_s=TIMEOUT_S
        )
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _result(accounts, ran, json.loads(printed), beside)


def _result(
    accounts: int, ran: Ran, floor: dict[str, Any], beside: dict[str, Any]
) -> dict[str, Any]:
    ratio = floor["copy_s"] / ran.seconds
    per_account_s = MINUTES_MAX * 60 / FULL_ACCOUNTS
    in_time = ran.seconds <= max(per_account_s * accounts, MINUTES_MAX * 60 / 10)
    return {
        "name": "take-on",
        "figure": round(ran.seconds, 1),
        "unit": f"s for {accounts} accounts",
        "target": TARGET,
        "held": in_time and ratio >= RATIO_MIN and ran.peak_mb <= PEAK_MB_MAX,
        "floor": round(floor["copy_s"], 2),
        "floor_is": "COPY of the same rows into bare tables and its commit, s",
        "peer": None,
        "ratio": round(ratio, 3),
        "cpu_s": round(ran.cpu_s, 1),
        "peak_mb": round(ran.peak_mb),
        "accounts": accounts,
        "rows": floor["rows"],
        "totals_compared": floor["totals"],
        "per_s": round(floor["rows"] / ran.seconds),
        "machine": beside,
    }


def _export(folder: Path, accounts: int) -> Path:
    """An invented old system's export with its mapping and control totals."""
    target = folder / "export"
    subprocess.run(
        [sys.executable, "-m", "simulators.old_system", str(target), str(accounts)],
        cwd=machine.ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=TIMEOUT_S,
    )
    return target / "mapping.toml"


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "tahseel.app.cli", *words]


def _command(folder: Path, *words: str) -> None:
    subprocess.run(
        _words(*words),
        env=own_process.environment(folder / "var"),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=TIMEOUT_S,
    )


def _take_on(folder: Path, mapping: Path) -> Ran:
    """Run it and look at its memory while it runs; the server's memory is not counted."""
    before = os.times()
    start = time.perf_counter()
    running = subprocess.Popen(
        _words("takeon", "run", str(mapping), "--json"),
        env=own_process.environment(folder / "var"),
        stdout=subprocess.DEVNULL,
    )
    watch = Watch(running.pid)
    watch.start()
    try:
        status = running.wait(timeout=TIMEOUT_S)
    finally:
        running.kill()
        watch.stop()
    seconds = time.perf_counter() - start
    after = os.times()
    if status:
        raise RuntimeError(f"takeon run ended with {status}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Ran(seconds, cpu, watch.peak_mb)


class Watch(threading.Thread):
    """Reads the most memory that a process and its children have had, all together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak_mb = 0.0

    def run(self) -> None:
        while not self._over.wait(LOOK_S):
            pids = [self._pid, *_children(self._pid)]
            self.peak_mb = max(self.peak_mb, sum(map(machine.high_water_mb, pids)))

    def stop(self) -> None:
        self._over.set()
        self.join(2)


def _children(pid: int) -> list[int]:
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(word) for word in words]
