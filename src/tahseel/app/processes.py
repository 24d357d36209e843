"""Starting our own processes, watching them, and stopping them all."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tahseel.app import paths
from tahseel.kernel.errors import Fault

PR_SET_PDEATHSIG = 1
STOP_SECONDS_MAX = 10
RESTARTS_MAX = 5
Ready = Callable[[], bool]


def _die_with_parent() -> None:
    """In the child, before it runs: when the parent is killed, the kernel ends the child too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process of ours and the words that start it."""

    name: str
    words: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    asked: bool = False

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=paths.root(),
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads yet when we start children
            )
        self.asked = False

    def ask_to_stop(self) -> None:
        """Once: some programs take a second signal for impatience and drop what they do."""
        if self.process is not None and self.process.poll() is None and not self.asked:
            self.asked = True
            self.process.terminate()

    def stop(self) -> None:
        """Ask, wait for the end, and end it if it does not."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        self.ask_to_stop()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def own_command(*words: str) -> list[str]:
    """The words that run one of our commands with this same Python."""
    return [sys.executable, "-m", "tahseel.app.cli", *words]


@contextmanager
def together(children: Sequence[Child]) -> Iterator[Sequence[Child]]:
    """All children run inside the block; when it ends all are asked to stop, last first."""
    started: list[Child] = []
    try:
        for child in children:
            child.start()
            started.append(child)
        yield children
    finally:
        for child in reversed(started):
            child.ask_to_stop()
        for child in reversed(started):
            child.stop()


def revive(children: Sequence[Child]) -> None:
    """Start again what has died. Raises Fault when one keeps dying."""
    for child in children:
        if child.process is None or child.process.poll() is None:
            continue
        child.restarts += 1
        if child.restarts > RESTARTS_MAX:
            raise Fault(f"{child.name} keeps dying; see {child.log}", retry=False)
        child.start()


def wait_until(
    ready: Mapping[str, Ready],
    *,
    seconds: float,
    children: Sequence[Child],
    progress: Callable[[int, int], object] = max,
) -> None:
    """Wait for every named check to be true. Raises Fault, naming what is not ready.

    progress: is told how many are ready, and of how many.
    """
    end = time.monotonic() + seconds
    missing = dict(ready)
    while missing:
        missing = {name: check for name, check in missing.items() if not check()}
        progress(len(ready) - len(missing), len(ready))
        dead = [c for c in children if c.process is not None and c.process.poll() is not None]
        if dead:
            tail = dead[0].log.read_text(errors="replace")[-1500:]
            raise Fault(f"{dead[0].name} stopped at once:\n{tail}", retry=False)
        if missing and time.monotonic() > end:
            raise Fault(f"not ready after {seconds:.0f} s: {', '.join(missing)}", retry=True)
        if missing:
            time.sleep(0.05)
