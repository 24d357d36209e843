"""The embedded server: shared, stopped by the last one out, back by itself after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tahseel.app.embedded import EmbeddedServer

HOLD = (
    "import sys; from pathlib import Path; from tahseel.app.embedded import EmbeddedServer;"
    "s = EmbeddedServer(Path(sys.argv[1])); s.start(); print('up', flush=True); sys.stdin.read()"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tahseel pg ") as name:
        yield Path(name)


def connect(server: EmbeddedServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**server.conninfo(dbname="postgres", user="postgres"), autocommit=True)


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def is_down(server: EmbeddedServer) -> bool:
    try:
        connect(server).close()
    except psycopg.OperationalError:
        return True
    return False


def test_the_server_keeps_its_durability_settings_and_no_port(folder: Path) -> None:
    with EmbeddedServer(folder) as server, connect(server) as link:
        shown = {
            name: link.execute(f"show {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        }

    assert shown == {
        "fsync": ("on",),
        "synchronous_commit": ("on",),
        "full_page_writes": ("on",),
        "listen_addresses": ("",),
    }
    assert is_down(server)


def test_the_last_user_to_leave_stops_the_server(folder: Path) -> None:
    first, second = EmbeddedServer(folder), EmbeddedServer(folder)
    first.start()
    second.start()

    assert first.stop() is False
    assert not is_down(second)
    assert second.stop() is True
    assert is_down(second)


def test_a_committed_row_survives_kill_9_of_the_server_and_of_its_user(folder: Path) -> None:
    user = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert user.stdout is not None
    assert user.stdin is not None
    assert user.stdout.readline() == b"up\n"
    seen = EmbeddedServer(folder)
    with connect(seen) as link:
        link.execute("create table kept (n int)")
        link.execute("insert into kept values (42)")
    user.kill()
    user.wait()
    user.stdout.close()
    user.stdin.close()
    os.kill(postmaster(seen), signal.SIGKILL)

    with EmbeddedServer(folder) as server, connect(server) as link:
        row = link.execute("select n from kept").fetchone()

    assert row == (42,)
    assert is_down(server)


def test_two_folders_are_two_servers(folder: Path) -> None:
    with (
        EmbeddedServer(folder / "one") as one,
        EmbeddedServer(folder / "two") as two,
        connect(one) as first,
        connect(two) as second,
    ):
        first.execute("create table only_here ()")
        found = second.execute("select to_regclass('only_here')").fetchone()

    assert found == (None,)
