"""The promise `bytes`: what its process measured, as a promise held or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bench import bytes as promise
from bench import bytes_process


def measured(lake: int, postgres: int) -> dict[str, Any]:
    found = {"reads": 1_000, "entropy_bytes": 1_000.0, "parquet_bytes": 2_000, "copied": 100}
    return found | {"lake_bytes": lake, "postgres_bytes": postgres}


@pytest.mark.parametrize(
    ("lake", "postgres", "held"),
    [(1_250, 6_875, True), (1_251, 9_000, False), (1_250, 6_874, False)],
)
def test_both_the_entropy_and_the_peer_decide(lake: int, postgres: int, held: bool) -> None:
    told = promise.result(measured(lake, postgres), {"load": 1})

    assert told["held"] is held
    assert told["ratio"] == lake / 1_000
    assert told["peer"] == round(postgres / 100, 1)


def test_entropy_is_of_how_often_each_value_comes() -> None:
    even = np.arange(16, dtype=np.int32).reshape(4, 4)
    mostly = np.array([[0, 0], [0, 1]], np.int32)

    assert bytes_process.entropy_bits(even) == 4.0
    assert bytes_process.entropy_bits(mostly) == pytest.approx(0.8112781, abs=1e-6)
    assert bytes_process.entropy_bits(np.zeros((2, 2), np.int32)) == 0.0
