"""What the promise says of what its process found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bench import machine, own_process
from promises import bill_run_kill, runner

CLEAN = {
    "accounts": 300, "bills": 293, "run_s": 1.0, "kills": 4, "midway": 1, "courses": 2,
    "differing": 0, "doubled": 0, "unproven": 0,
}  # fmt: skip


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the process prints; a test may change it."""
    told: dict[str, Any] = dict(CLEAN)
    monkeypatch.setattr(machine, "scratch", lambda: tmp_path / "scratch")
    monkeypatch.setattr(machine, "beside", lambda folder: {})
    monkeypatch.setattr(own_process, "run", lambda *words, **more: json.dumps(told))
    return told


def measured() -> dict[str, Any]:
    return bill_run_kill.measure(full=False, say=lambda text: None)


def test_nothing_that_differs_after_all_kills_is_held(printed: dict[str, Any]) -> None:
    found = measured()

    assert (found["held"], found["figure"], found["trials"]) == (True, 0, 4)


@pytest.mark.parametrize("what", ["differing", "doubled", "unproven"])
def test_one_difference_breaks_the_promise(printed: dict[str, Any], what: str) -> None:
    printed[what] = 1

    found = measured()

    assert (found["held"], found["figure"]) == (False, 1)


def test_fewer_kills_than_promised_keep_no_promise(printed: dict[str, Any]) -> None:
    printed["kills"] = 3

    assert not measured()["held"]


def test_a_promise_is_known_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(**more: Any) -> dict[str, Any]:
        return {"name": "bill-run-kill", "figure": 1, "held": False}

    assert "bill-run-kill" in runner.PROMISES
    assert runner.main(["no-such"]) == 2
    assert runner.main(promises={"bill-run-kill": broken}) == 1
    assert '"held": false' in capsys.readouterr().out
