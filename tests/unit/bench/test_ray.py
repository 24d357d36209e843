"""The promise `ray`: what its process measured, as a promise held or not."""

from __future__ import annotations

from typing import Any

import pytest
from bench import ray_cluster


def measured(cluster_s: float) -> dict[str, Any]:
    found = {"reads": 8_000_000, "cores": 2, "threads_s": 0.8, "cluster_s": cluster_s}
    return found | {"first": {"threads": 9.0, "cluster": 21.0}}


@pytest.mark.parametrize(("seconds", "held"), [(1.0, True), (1.01, False)])
def test_the_cluster_keeps_four_fifths_of_the_threads_rate(seconds: float, held: bool) -> None:
    told = ray_cluster.result(measured(seconds), {"load": 1})

    assert told["held"] is held
    assert told["peer"] == 5.0
    assert told["machine"] == {"load": 1}
