"""Where things live on this machine: everything we write is under `var/` of the checkout."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes on Linux, 104 elsewhere


def root() -> Path:
    """The checkout (or TAHSEEL_ROOT)."""
    given = os.environ.get("TAHSEEL_ROOT")
    return Path(given) if given else Path(__file__).resolve().parents[3]


def var() -> Path:
    """Data of this installation; TAHSEEL_VAR moves it elsewhere."""
    given = os.environ.get("TAHSEEL_VAR")
    path = Path(given) if given else root() / "var"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def sockets() -> Path:
    """A private folder for sockets, short enough for the kernel's limit on socket paths."""
    wanted = var() / "run"
    if len(str(wanted)) + len("/.s.PGSQL.5432") > SOCKET_PATH_MAX:
        mark = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
        wanted = Path(tempfile.gettempdir()) / f"tahseel-{os.getuid()}-{mark}"
    wanted.mkdir(parents=True, exist_ok=True)
    wanted.chmod(0o700)
    owner = wanted.stat().st_uid
    if owner != os.getuid():
        raise PermissionError(f"{wanted} belongs to another user")
    return wanted
