"""The process of promise `ray`: one month swept on threads and on a cluster, in turn.

Words: the folder of a lake, how many meters it has. The cluster is a head with a core for each
thread, on loopback. Both have compiled before they are timed; their files must be the same bytes.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

from bench import vee_town
from bench.lake_town import MONTH
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.engines import Engine
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.sweep.month import Swept, sweep
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import engine

CORES, ROUNDS = 2, 3
STORE_BYTES = 400 << 20


@dataclass(frozen=True)
class Plain:
    """All rules, and no history: what travels is small, as with the rules of a sector."""

    def __call__(self, dense: Dense) -> Context:
        return Context.estimating(dense, vee_town.LIMITS)


def main(folder: Path, meters: int) -> dict[str, Any]:

    facts = {"num_cpus": CORES, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=facts)
    ray.init(address=made.address, log_to_driver=False)
    names: dict[str, Engine] = {"threads": engines.local(CORES), "cluster": engines.cluster()}
    try:
        took = {name: timed(folder, name, run)[0] for name, run in names.items()}
        rounds = [
            {name: timed(folder, name, run) for name, run in names.items()} for _ in range(ROUNDS)
        ]
    finally:
        ray.shutdown()
        made.shutdown()
    here, there = (folder.with_name(f"{name}.parquet").read_bytes() for name in names)
    assert here == there, "the cluster's file differs"
    assert rounds[0]["threads"][1].registers == meters
    return {
        "reads": rounds[0]["threads"][1].reads,
        "threads_s": min(one["threads"][0] for one in rounds),
        "cluster_s": min(one["cluster"][0] for one in rounds),
        "first": took,
        "cores": CORES,
    }


def timed(folder: Path, name: str, run: Engine) -> tuple[float, Swept]:
    files = Files(Lake(folder).files(MONTH))
    target = folder.with_name(f"{name}.parquet")
    about = Plain()
    start = time.perf_counter()
    swept = sweep(
        files, MONTH, target, knows=lambda _: about, judge=engine.run_compiled, engine=run
    )
    return time.perf_counter() - start, swept


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
