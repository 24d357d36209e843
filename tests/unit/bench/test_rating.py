"""The promise `rating`: what its process measured, as a promise held or not; and its peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bench import rating, rating_reference


def measured(rate: float, hand: float, decimal: float, off: int = 0) -> dict[str, Any]:
    peers = {"decimal": decimal, "duckdb": 1.0}
    rest = {"compared": 1, "compiled_in_s": 1.0}
    return {"rate": rate, "hand": hand, "peers": peers, "fils_off": off} | rest


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (measured(30.0, 100.0, 1.5), True),
        (measured(29.0, 100.0, 1.0), False),
        (measured(30.0, 100.0, 1.6), False),
        (measured(30.0, 100.0, 1.5, off=1), False),
    ],
)
def test_the_promise_wants_floor_decimal_and_not_one_fils(
    found: dict[str, Any], *, held: bool
) -> None:
    assert rating.result(found, {})["held"] is held


def test_the_reference_rounds_a_half_of_a_third_of_a_block_up() -> None:
    edges, prices = np.array([[1_000_000, 2_000_000, 0]]), np.array([[5, 10, 15]])
    columns = {
        "sector": np.zeros(3, np.int64),
        "wh": np.array([3_000_000, 100, 700_100]),
        "units": np.ones(3, np.int64),
        "days": np.array([30, 30, 10]),
    }

    # 30.000 KD by whole blocks; half a fils; by thirds of blocks 5,501.5 fils.
    assert rating_reference.by_decimal(columns, edges, prices, 3) == [30_000, 1, 5_502]
