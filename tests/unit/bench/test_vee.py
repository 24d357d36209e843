"""The promise `vee`: what its process measured, as a promise held or not."""

from __future__ import annotations

from typing import Any

import pytest
from bench import vee


def measured(rate: float, copyto: float, polars: float, duckdb: float) -> dict[str, Any]:
    found = dict.fromkeys(("one_thread", "twin", "compiled_in_s"), 1.0)
    rest = {"reads": 1, "fired": {}, "compared": 1}
    return {"rate": rate, "copyto": copyto, "peers": {"polars": polars, "duckdb": duckdb}} | (
        found | rest
    )


@pytest.mark.parametrize(
    ("rates", "held"),
    [
        ((1000.0, 4000.0, 16.0, 8.0), True),
        ((999.0, 4000.0, 1.0, 1.0), False),
        ((1000.0, 2000.0, 17.0, 1.0), False),
        ((1000.0, 2000.0, 1.0, 8.5), False),
    ],
)
def test_the_promise_wants_floor_and_both_peers(
    rates: tuple[float, float, float, float], held: bool
) -> None:
    assert vee.result(measured(*rates), {})["held"] is held


def test_the_ratios_are_told() -> None:
    told = vee.result(measured(1000.0, 4000.0, 10.0, 5.0), {"load": 1})

    assert (told["ratio"], told["times_peer"]) == (0.25, {"polars": 100.0, "duckdb": 200.0})
    assert told["machine"] == {"load": 1}
