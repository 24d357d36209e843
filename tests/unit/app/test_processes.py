"""Our own processes: started, watched, revived, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tahseel.app import processes
from tahseel.app.processes import Child
from tahseel.kernel.errors import Fault

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
DIES = [sys.executable, "-c", "print('I cannot'); raise SystemExit(3)"]
DEAF = [
    sys.executable,
    "-c",
    (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(60)"
    ),
]
PARENT = """
import sys, time
from pathlib import Path
from tahseel.app.processes import Child, together
words = [sys.executable, "-c", "import time; time.sleep(60)"]
with together([Child(n, words, Path(sys.argv[1]) / n) for n in ("a", "b")]) as children:
    print(*[c.process.pid for c in children], flush=True)
    time.sleep(60)
"""


def runs(pid: int) -> bool:
    """True for a process that is there and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def child(name: str, words: list[str], folder: Path) -> Child:
    return Child(name, words, folder / f"{name}.log")


def pid_of(started: Child) -> int:
    assert started.process is not None
    return started.process.pid


def test_children_run_inside_the_block_and_are_stopped_at_its_end(tmp_path: Path) -> None:
    with processes.together([child(n, SLEEPS, tmp_path) for n in ("a", "b")]) as children:
        pids = [pid_of(one) for one in children]
        running = [runs(pid) for pid in pids]

    assert running == [True, True]
    assert [runs(pid) for pid in pids] == [False, False]


def test_children_are_stopped_when_the_block_fails(tmp_path: Path) -> None:
    pids = []

    def fail_inside() -> None:
        with processes.together([child("a", SLEEPS, tmp_path)]) as children:
            pids.append(pid_of(children[0]))
            raise ValueError("a fault of the block")

    with pytest.raises(ValueError, match="a fault"):
        fail_inside()

    assert not runs(pids[0])


def test_a_child_that_cannot_be_started_leaves_none_running(tmp_path: Path) -> None:
    first = child("first", SLEEPS, tmp_path)
    missing = child("missing", [str(tmp_path / "no-such-program")], tmp_path)

    with pytest.raises(FileNotFoundError), processes.together([first, missing]):
        pass

    assert not runs(pid_of(first))


def test_a_child_deaf_to_the_signal_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS_MAX", 0.3)
    deaf = child("deaf", DEAF, tmp_path)
    deaf.start()
    assert eventually(lambda: "deaf" in deaf.log.read_text())

    deaf.stop()

    assert not runs(pid_of(deaf))
    assert deaf.process is not None
    assert deaf.process.returncode == -signal.SIGKILL


def test_a_child_that_was_killed_is_revived_and_the_others_stay(tmp_path: Path) -> None:
    with processes.together([child(n, SLEEPS, tmp_path) for n in ("a", "b")]) as children:
        killed, kept = pid_of(children[0]), pid_of(children[1])
        assert children[0].process is not None
        os.kill(killed, signal.SIGKILL)
        children[0].process.wait()

        processes.revive(children)

        assert pid_of(children[0]) != killed
        assert runs(pid_of(children[0]))
        assert pid_of(children[1]) == kept


def test_a_child_that_keeps_dying_is_a_fault_with_its_name_and_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "RESTARTS_MAX", 2)
    dying = child("ledger-clerk", DIES, tmp_path)

    def revive_the_dead() -> None:
        for _ in range(5):
            assert dying.process is not None
            dying.process.wait()
            processes.revive([dying])

    with processes.together([dying]), pytest.raises(Fault, match="ledger-clerk") as told:
        revive_the_dead()

    assert not told.value.retry
    assert str(dying.log) in told.value.message
    assert dying.log.read_text().count("I cannot") == 3


def test_children_end_with_a_parent_that_is_killed_with_kill_9(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert [runs(pid) for pid in pids] == [True, True]

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert eventually(lambda: not any(runs(pid) for pid in pids))


def test_waiting_names_what_is_not_ready() -> None:
    ready = {"web": lambda: True, "gateway": lambda: False, "worker": lambda: False}

    with pytest.raises(Fault, match="gateway, worker") as told:
        processes.wait_until(ready, seconds=0.1, children=[])

    assert told.value.retry
    assert "web" not in told.value.message


def test_waiting_ends_when_everything_is_ready() -> None:
    answers = iter([False, False, True])

    processes.wait_until({"late": lambda: next(answers)}, seconds=20, children=[])

    assert list(answers) == []


def test_waiting_does_not_wait_for_a_child_that_died_and_shows_what_it_said(
    tmp_path: Path,
) -> None:
    dying = child("gateway", DIES, tmp_path)
    with processes.together([dying]):
        assert dying.process is not None
        dying.process.wait()

        with pytest.raises(Fault, match="I cannot") as told:
            processes.wait_until({"gateway": lambda: False}, seconds=20, children=[dying])

    assert "gateway stopped at once" in told.value.message
