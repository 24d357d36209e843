"""PostgreSQL refuses to run as root. When we are root, its programs run in a user namespace in
which our id is an ordinary one: no account is made, and files on disk stay ours. Where namespaces
are forbidden, an existing account is used instead.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypedDict

from tahseel.kernel.errors import Fault

CLONE_NEWUSER = 0x10000000
INSIDE_ID = 1000


class HowToRun(TypedDict, total=False):
    """Keyword arguments for subprocess.run."""

    preexec_fn: Callable[[], None]
    user: int
    group: int
    extra_groups: list[int]


def _enter_namespace() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE_ID} 0 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE_ID} 0 1")
    os.setgid(INSIDE_ID)
    os.setuid(INSIDE_ID)


@cache
def _namespaces_work() -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-c", "pass"],
            preexec_fn=_enter_namespace,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def how_to_run(*folders: Path) -> HowToRun:
    """What subprocess.run needs so that a program that writes `folders` is not root."""
    if os.geteuid() != 0:
        return {}
    if _namespaces_work():
        return {"preexec_fn": _enter_namespace}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        for folder in folders:
            os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise Fault("cannot run PostgreSQL as root: no user namespaces and no account", retry=False)
