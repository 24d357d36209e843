"""The promises `determinants` and `scale`: what was measured, as promises held or not."""

from __future__ import annotations

from typing import Any

import pytest
from bench import determinants, scale


def swept(**given: Any) -> dict[str, Any]:
    found = {"seconds": 25.0, "reads": 2_500_000_000, "meters": 1_000_000, "peak_mb": 1_024.0}
    rest = {"compiled_in_s": 1.0, "floor_s": 5.0, "bytes": 1, "written_bytes": 1, "fired": {}}
    return found | rest | given


@pytest.mark.parametrize(
    ("given", "peers", "held"),
    [
        ({}, {"polars": 6.6, "duckdb": 4.0}, True),
        ({"seconds": 25.1}, {"polars": 6.0, "duckdb": 3.0}, False),
        ({"peak_mb": 1_025.0}, {"polars": 6.0, "duckdb": 3.0}, False),
        ({}, {"polars": 6.7, "duckdb": 3.0}, False),
        ({}, {"polars": 6.0, "duckdb": 4.1}, False),
    ],
)
def test_determinants_want_time_memory_and_both_peers(
    given: dict[str, Any], peers: dict[str, float], held: bool
) -> None:
    assert determinants.result(swept(**given), peers, {})["held"] is held


def test_a_town_has_a_town_s_share_of_the_nation_s_time() -> None:
    peers = {"polars": 0.1, "duckdb": 0.1}
    town = swept(meters=100_000, reads=250_000_000, seconds=2.6)

    assert not determinants.result(town, peers, {})["held"]
    assert determinants.result(town | {"seconds": 2.4}, peers, {})["held"]


@pytest.mark.parametrize(
    ("seconds", "memory", "held"),
    [
        ((1.0, 10.0, 125.0), (400.0, 450.0, 500.0), True),
        ((1.0, 10.0, 126.0), (400.0, 450.0, 500.0), False),
        ((1.26, 10.0, 100.0), (400.0, 450.0, 500.0), False),
        ((1.0, 10.0, 100.0), (400.0, 450.0, 501.0), False),
    ],
)
def test_scale_wants_cost_and_memory_flat(
    seconds: tuple[float, ...], memory: tuple[float, ...], held: bool
) -> None:
    meters = (10_000, 100_000, 1_000_000)
    found = [
        {"seconds": s, "meters": m, "peak_mb": mb}
        for s, m, mb in zip(seconds, meters, memory, strict=True)
    ]

    assert scale.result(found, {})["held"] is held
