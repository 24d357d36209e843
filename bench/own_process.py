"""Runs a part of a promise in a process whose database is its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench import machine

TIMEOUT_S = 1_500
CALLERS = ("TAHSEEL_CONNECTION", "TAHSEEL_OWNER_CONNECTION", "TAHSEEL_WAKE_SOCKET")


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process whose database and files are in a folder of their own."""
    inherited = {name: value for name, value in os.environ.items() if name not in CALLERS}
    return inherited | {
        "TAHSEEL_VAR": str(folder),
        "TAHSEEL_ROOT": str(machine.ROOT),
        "PYTHONPATH": f"{machine.ROOT / 'src'}{os.pathsep}{machine.ROOT}",
    }


def run(module: str, *words: str, folder: Path, timeout_s: float = TIMEOUT_S) -> str:
    """The last line that `python -m module words` printed; nothing touches the caller's data."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=timeout_s,
    )
    return done.stdout.splitlines()[-1]
