"""`./tahseel test`: lint, types, import contracts, tests. The same command locally and in CI."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tahseel.app import paths

CODE = ["src", "tests", "simulators", "bench"]


def run_checks(pytest_arguments: Sequence[str]) -> int:
    """Run everything, or pytest alone when it is given arguments. Returns the exit status."""
    root = paths.root()
    python = sys.executable
    scripts = Path(python).parent
    if pytest_arguments:
        return _run([python, "-m", "pytest", *pytest_arguments], root)
    present = [folder for folder in CODE if (root / folder).exists()]
    steps = [
        ("lint", [str(scripts / "ruff"), "check", *present]),
        ("format", [str(scripts / "ruff"), "format", "--check", *present]),
        ("imports", [str(scripts / "lint-imports")]),
        ("types", [str(scripts / "mypy")]),
        ("tests", [python, "-m", "pytest", "-n", "4", "--dist", "loadfile", "--durations", "25"]),
    ]
    failed = []
    for name, command in steps:
        began = time.monotonic()
        sys.stderr.write(f"== {name}\n")
        status = _run(command, root)
        sys.stderr.write(
            f"== {name}: {'ok' if status == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)\n"
        )
        if status:
            failed.append(name)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _run(command: Sequence[str], folder: Path) -> int:
    return subprocess.run(command, cwd=folder, check=False).returncode
