"""Where things live on this machine: everything we write is under `var/` of the checkout."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path

from tahseel.kernel.errors import Fault

SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes on Linux, 104 elsewhere
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def root() -> Path:
    """The checkout (or TAHSEEL_ROOT)."""
    given = os.environ.get("TAHSEEL_ROOT")
    return Path(given) if given else Path(__file__).resolve().parents[3]


def var() -> Path:
    """Data of this installation; TAHSEEL_VAR moves it elsewhere. Raises Fault if it is not ours."""
    given = os.environ.get("TAHSEEL_VAR")
    path = Path(given) if given else root() / "var"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        if error.errno not in FORBIDDEN:
            raise
        raise forbidden(path) from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise forbidden(path)
    return path


def forbidden(path: object) -> Fault:
    """What is told, in both languages, when this user may not use a file or folder."""
    return Fault(
        f"this user may not use {path}: make it this user's own,"
        " or name another folder for the data with TAHSEEL_VAR\n"
        f"لا يُسمح لهذا المستخدم باستعمال {path}: انقل ملكيته إليه،"
        " أو عيّن مجلدًا آخر للبيانات في TAHSEEL_VAR",
        retry=False,
    )


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
        raise PermissionError(errno.EPERM, "belongs to another user", str(wanted))
    return wanted
