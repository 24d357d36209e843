"""The embedded PostgreSQL: the engine of production with no server to install.

A private cluster under `var/postgres`, reachable only through a socket in a folder of mode 0700.
Every process that uses it holds a shared lock, which the kernel drops even after `kill -9`; the
last one to leave stops the server. fsync and synchronous_commit stay on.
"""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psycopg

from tahseel.app import binaries, paths
from tahseel.app.unprivileged import how_to_run
from tahseel.kernel.errors import Fault

START_SECONDS_MAX = 90
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "log_min_messages": "warning",
    "jit": "off",
    "timezone": "UTC",
}


class EmbeddedServer:
    """Start, share and stop one cluster. Use as a context manager around a process's life."""

    def __init__(
        self, folder: Path | None = None, *, settings: Mapping[str, str] = SETTINGS
    ) -> None:
        self._settings = settings
        self.folder = folder or paths.var() / "postgres"
        self.data = self.folder / "data"
        self.sockets = paths.sockets() if folder is None else self.folder
        self._users: IO[str] | None = None
        self._bin = Path()

    def conninfo(self, *, dbname: str, user: str) -> dict[str, Any]:
        return {"host": str(self.sockets), "user": user, "dbname": dbname}

    def start(self) -> None:
        """Make the cluster if there is none, start it if it is down, and join its users."""
        for folder in (self.folder, self.data, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        users = (self.folder / "users.lock").open("w")
        with (self.folder / "start.lock").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            self._users = users
            try:
                self._ensure_running()
            except BaseException:
                users.close()
                self._users = None
                raise

    def stop(self) -> bool:
        """Leave; the last user stops the server. True when it was stopped."""
        if self._users is None:
            return False
        users, self._users = self._users, None
        with (self.folder / "start.lock").open("w") as gate, users:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_UN)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._tool("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop", check=False)
            return True

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _ensure_running(self) -> None:
        mark = self.data / "PG_VERSION"
        made_with = int(mark.read_text().split(".")[0]) if mark.exists() else None
        self._bin, major = binaries.find(made_with)
        if made_with is None:
            self._make_cluster(major)
        end = time.monotonic() + START_SECONDS_MAX
        fault: Fault | None = None
        # A pid in postmaster.pid proves nothing after kill -9, so the socket is asked.
        while not self._accepting():
            if time.monotonic() > end:
                raise fault or Fault("PostgreSQL did not start", retry=True)
            try:
                self._start_server()
            except Fault as error:  # orphans of a killed server may still be leaving
                fault = error
                time.sleep(0.2)

    def _make_cluster(self, major: int) -> None:
        locale = ["--locale=C.UTF-8"]
        if major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._tool(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            *locale,
            "-A",
            "trust",
            "--data-checksums",
            "--no-instructions",
        )

    def _start_server(self) -> None:
        settings = {**self._settings, "unix_socket_directories": f'"{self.sockets}"'}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._tool(
            "pg_ctl",
            "-D",
            str(self.data),
            "-w",
            "-t",
            "60",
            "-l",
            str(self.folder / "server.log"),
            "-o",
            options,
            "start",
        )

    def _accepting(self) -> bool:
        if not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        try:
            info = self.conninfo(dbname="postgres", user="postgres")
            psycopg.connect(**info, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _tool(self, name: str, *arguments: str, check: bool = True) -> None:
        # Output goes to a file, never a pipe: the server would inherit the pipe and hold it open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._bin / name), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=START_SECONDS_MAX + 60,
                check=False,
                **how_to_run(self.folder, self.data, self.sockets),
            )
            output.seek(0)
            said = output.read()[-2000:]
        if check and done.returncode:
            log = self.folder / "server.log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise Fault(f"{name} failed ({done.returncode}): {said}\n{tail}", retry=True)
