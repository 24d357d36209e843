"""The processes of production around a test's database: web, worker, gateway, and two firms."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
READY_S = 30.0
STOP_S = 10.0
PHONE = "phone.url"


@contextmanager
def running(database: Any, var: Path) -> Iterator[str]:
    """All run inside the block; yields the address of the web process. `phone` has the texts."""
    from django.conf import settings

    shutil.copytree(settings.KEYS, var / "keys")
    port = _free_port()
    site = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        payment_page = stack.enter_context(_simulator("knet", var))
        (var / PHONE).write_text(stack.enter_context(_simulator("sms", var)))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "TAHSEEL_VAR": str(var),
            "TAHSEEL_CONNECTION": json.dumps(database.app, default=str),
            "TAHSEEL_OWNER_CONNECTION": json.dumps(database.owner, default=str),
            "TAHSEEL_WAKE_SOCKET": str(var / "wake.sock"),
            "TAHSEEL_PUBLIC_URL": site,
            "TAHSEEL_KNET_URL": payment_page,
            "TAHSEEL_SMS_URL": phone(var),
        }
        environment.pop("TAHSEEL_CLOCK_SHIFT_DAYS", None)
        for words in (["worker"], ["web", "--port", str(port)]):
            stack.enter_context(_ours(words, environment, var))
        _wait((var / "replica").exists, "the replica")
        stack.enter_context(_ours(["gateway"], environment, var))
        _wait(lambda: any(var.rglob("gateway.sock")), "the gateway's socket")
        _wait(lambda: _answers(site), "the web process")
        yield site


def phone(var: Path) -> str:
    """The page that shows what the phones have received."""
    return (var / PHONE).read_text()


@contextmanager
def _ours(words: list[str], environment: dict[str, str], var: Path) -> Iterator[None]:
    log = var / f"{words[0]}.log"
    with log.open("wb") as out, subprocess.Popen(
        [sys.executable, "-m", "tahseel.app.cli", *words],
        stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=ROOT,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            _stop(process)


@contextmanager
def _simulator(name: str, var: Path) -> Iterator[str]:
    """A firm outside; yields its address."""
    command = [sys.executable, "-m", f"simulators.{name}", "--port", "0", "--quiet"]
    with (
        (var / f"{name}.log").open("wb") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(ready: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + READY_S
    while not ready():
        assert time.monotonic() < end, f"{what} is not there after {READY_S} s"
        time.sleep(0.05)


def _answers(site: str) -> bool:
    try:
        with urllib.request.urlopen(f"{site}/components/", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
