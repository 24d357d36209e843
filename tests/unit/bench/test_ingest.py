"""The promise `ingest`: what its process measured, as a promise held or not."""

from __future__ import annotations

from typing import Any

import pytest
from bench import ingest


def measured(seconds: float) -> dict[str, Any]:
    found = {"reads": 8_000_000, "csv_bytes": 1 << 20, "lake_bytes": 1, "floor_s": 0.1}
    return found | {"seconds": seconds, "copied": 1_000_000, "copy_s": 5.0}


@pytest.mark.parametrize(("seconds", "held"), [(1.0, True), (1.01, False)])
def test_the_promise_is_forty_times_the_peer(seconds: float, held: bool) -> None:
    told = ingest.result(measured(seconds), {"load": 1})

    assert told["held"] is held
    assert told["machine"] == {"load": 1}
    assert told["peer"] == 0.2
