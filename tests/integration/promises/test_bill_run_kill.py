"""The promise `bill-run-kill` in short: real processes, real PostgreSQL, real kills."""

from __future__ import annotations

from pathlib import Path

import pytest
from promises import bill_run_kill


def test_a_run_that_is_killed_ends_as_if_nobody_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path))

    found = bill_run_kill.tried(accounts=600, kills=2, say=lambda text: None)

    assert found["held"], found
    assert (found["trials"], found["figure"]) == (2, 0)
    assert found["bills"] > 500
