"""What a terminal shows while a command works, and that a pipe gets none of it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs/examples"
BOOK = ROOT / "src/tahseel/countries/kuwait/data/tariffs/applied-2017.toml"
PARSE = ["readings", "parse", str(EXAMPLES / "green-button-day.xml")]
RATE = ["tariffs", "rate", "--json", "--book", str(BOOK), "--usage", str(EXAMPLES / "usage.csv")]
BILL = ["bill", "run", "--json", "--month", "2026-01"]
LEDGER = ["ledger", "export"]
ESCAPE = "\x1b"


@dataclass(frozen=True)
class Told:
    status: int
    out: str
    err: str


def run(var: Path, words: list[str], *, terminal: bool) -> Told:
    """One command, its stdout on a pipe, its stderr on a terminal or on a pipe."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TAHSEEL_")}
    ours = {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "TAHSEEL_ROOT": str(ROOT),
        "TAHSEEL_VAR": str(var),
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    ours |= {} if terminal else {"FORCE_COLOR": "1"}  # even whoever asks for colour gets no bars
    ear, mouth = pty.openpty() if terminal else os.pipe()
    heard: list[bytes] = []
    listener = threading.Thread(target=_listen, args=(ear, heard))
    listener.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tahseel.app.cli", *words],
            env={**kept, **ours},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=mouth,
            timeout=120,
            check=False,
        )
    finally:
        os.close(mouth)
        listener.join(10)
        os.close(ear)
    return Told(done.returncode, done.stdout.decode(), b"".join(heard).decode())


def _listen(ear: int, heard: list[bytes]) -> None:
    try:
        while part := os.read(ear, 65_536):
            heard.append(part)
    except OSError:  # how a terminal says that nobody is left at its other end
        return


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (PARSE, ["files", "1/1"]),
        (RATE, ["rating usage.csv"]),
        (BILL, ["starting the database", "bringing the schema up to date", "use of 2026-01"]),
    ],
    ids=["parse", "rate", "bill"],
)
def test_a_terminal_shows_what_is_being_done_and_stdout_stays_json(
    tmp_path: Path, words: list[str], shown: list[str]
) -> None:
    told = run(tmp_path, words, terminal=True)

    assert told.status == 0, told.err
    assert ESCAPE in told.err
    assert [part for part in shown if part not in told.err] == []
    assert ESCAPE not in told.out
    (line,) = told.out.splitlines()
    assert isinstance(json.loads(line), dict)


def test_an_export_goes_to_its_file_while_a_terminal_shows_bars(tmp_path: Path) -> None:
    told = run(tmp_path, LEDGER, terminal=True)

    assert told.status == 0, told.err
    assert "batches" in told.err
    assert told.out.startswith("record,account_id")
    assert "record,account_id" not in told.err


@pytest.mark.parametrize("words", [PARSE, RATE, BILL], ids=["parse", "rate", "bill"])
def test_a_pipe_gets_no_control_characters(tmp_path: Path, words: list[str]) -> None:
    told = run(tmp_path, words, terminal=False)

    assert told.status == 0, told.err
    assert [sign for sign in told.err if not sign.isprintable() and sign != "\n"] == []
    assert "rating" not in told.err
    assert "starting" not in told.err
