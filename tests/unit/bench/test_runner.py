"""The runner: one object a line, honest about what it could not measure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bench import load, machine, runner


def promise(held: bool) -> Any:
    def measure(*, full: bool, say: Any) -> dict[str, Any]:
        say("working")
        return {"name": "one", "figure": 2, "held": held, "full": full}

    return measure


def failing(*, full: bool, say: Any) -> dict[str, Any]:
    raise RuntimeError("no such tool")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_all_promises_run_short_and_named_ones_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    promises = {"one": promise(True), "two": promise(True)}

    assert runner.main([], True, promises) == 0
    assert [line["full"] for line in lines(capsys)] == [False, False]
    assert runner.main(["two"], True, promises) == 0
    assert [line["full"] for line in lines(capsys)] == [True]


def test_a_promise_that_is_not_held_fails_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main([], True, {"one": promise(False), "two": promise(True)}) == 1
    assert [line["held"] for line in lines(capsys)] == [False, True]


def test_a_promise_that_cannot_be_measured_is_not_held_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert runner.main([], True, {"bad": failing, "good": promise(True)}) == 1

    bad, good = lines(capsys)
    assert bad == {
        "name": "bad",
        "figure": None,
        "held": False,
        "reason": "RuntimeError: no such tool",
    }
    assert good["held"]


def test_an_unknown_name_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["nothing"], True) == 2
    assert "no such promise: nothing" in capsys.readouterr().err


def test_a_missing_tool_is_named() -> None:
    assert load.missing("sh", "surely-not-installed") == ["surely-not-installed"]


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_percentile_is_a_measured_value(share: float, value: float) -> None:
    assert machine.percentile([float(n) for n in range(100, 0, -1)], share) == value


def test_the_cpu_of_this_process_grows() -> None:
    import os

    before = machine.cpu_us(os.getpid())
    sum(range(3_000_000))

    assert machine.cpu_us(os.getpid()) > before
