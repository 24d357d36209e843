"""The one clock and the folders of an installation."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typer

from tahseel.app import clock, paths
from tahseel.app.commands import output
from tahseel.kernel.errors import Fault


def test_the_clock_stands_on_the_day_it_is_moved_to_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(clock.SHIFT, "0")
    day = date(2026, 11, 22)

    clock.move_to(day)

    away = clock.now() - datetime.now(UTC)
    assert clock.today() in {day, day + timedelta(days=1)}  # midnight may fall between the lines
    assert clock.now().tzinfo is UTC
    assert abs(away - timedelta(days=clock.shift_days())) < timedelta(seconds=5)


def test_the_moved_clock_is_inherited_by_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.SHIFT, "0")
    clock.move_to(date(2031, 2, 3))
    program = "from tahseel.app import clock; print(clock.today().year)"

    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert told.stdout == "2031\n"


def test_moving_the_clock_to_today_takes_an_earlier_move_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(clock.SHIFT, "400")
    before = clock.today()

    clock.move_to(before - timedelta(days=400))

    assert abs(clock.shift_days()) <= 1


def test_a_short_path_keeps_its_sockets_in_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path / "v"
    monkeypatch.setattr(paths, "SOCKET_PATH_MAX", len(str(short)) + 30)
    monkeypatch.setenv("TAHSEEL_VAR", str(short))

    assert paths.sockets() == short / "run"
    assert paths.sockets().stat().st_mode & 0o777 == 0o700


def test_a_long_path_gets_a_short_private_socket_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    found = []
    for name in ("one", "two"):
        monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path / ("long" * 20) / name))
        found.append(paths.sockets())

    assert found[0] != found[1]
    assert [folder.parent for folder in found] == [tmp_path, tmp_path]
    assert all(len(folder.name) < 40 for folder in found)
    assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in found)


def test_a_socket_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path))
    monkeypatch.setattr(paths, "SOCKET_PATH_MAX", 1_000)
    paths.sockets()
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)

    with pytest.raises(PermissionError, match="another user"):
        paths.sockets()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_data_folder_that_cannot_be_made_is_a_fault_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    wanted = tmp_path / "var"
    monkeypatch.setenv("TAHSEEL_VAR", str(wanted))

    def refuse(path: Path, **_: object) -> None:
        raise OSError(number, "no", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)

    with pytest.raises(Fault) as told:
        paths.var()

    assert f"this user may not use {wanted}" in told.value.message
    assert f"باستعمال {wanted}" in told.value.message


def test_a_data_folder_of_another_user_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path))
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(Fault, match="may not use"):
        paths.var()


def test_a_file_that_another_user_made_inside_is_told_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "users.lock"

    with pytest.raises(typer.Exit) as left, output.telling_refusals():
        raise PermissionError(errno.EACCES, "Permission denied", str(lock))

    assert left.value.exit_code == 2
    told = capsys.readouterr().err
    assert f"this user may not use {lock}" in told
    assert f"باستعمال {lock}" in told
