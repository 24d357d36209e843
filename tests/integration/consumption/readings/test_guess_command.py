"""`readings guess` as a script meets it: what it prints, writes and refuses."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest
from tests.integration.consumption.readings.test_guessing import MAY, a_year, how, month_of
from typer.testing import CliRunner

from tahseel.app.commands import readings as command
from tahseel.consumption.readings import queries


@pytest.fixture
def told(street: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in this database."""
    monkeypatch.setattr(command.runtime, "running", nullcontext)
    return lambda *words: CliRunner().invoke(command.app, ["guess", *words])


def test_a_meters_unread_month_is_guessed_and_its_method_printed(street: Any, told: Any) -> None:
    home = a_year(street)

    done = told("--month", "2026-05", home.serial, "--json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert lines == [{"meter": home.serial, "how": "history", "quantity": 330_000, "days": 31}]
    assert how(month_of(home, MAY)) == "history"
    assert told("--month", "2026-05", home.serial, "--json").stdout == ""


def test_an_unknown_meter_is_refused_and_nothing_is_guessed(street: Any, told: Any) -> None:
    home = a_year(street)

    done = told("--month", "2026-05", home.serial, "no-such-meter")

    assert done.exit_code == 1
    assert queries.determinants(month=MAY, account_ids=[home.account_id]) == []


@pytest.mark.parametrize("words", [("--month", "2026-05"), ("E1",), ("--month", "May", "E1")])
def test_a_month_and_its_meters_are_told_together(told: Any, words: tuple[str, ...]) -> None:
    assert told(*words).exit_code == 2
