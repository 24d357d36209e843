"""The process of `test_ray`: a cluster of two nodes on loopback, and a month swept on it.

Words: the lake's folder, the target, a folder in which every node that works leaves its name, and
at which range the second node's raylet is killed (0: never). Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.sweep.month import sweep
from tahseel.consumption.readings.sweep.ranges import Files, Range
from tahseel.consumption.readings.vee import Limits
from tahseel.consumption.readings.vee.limits import ALL_RULES

LIMITS = Limits(ALL_RULES, 300, 280, 50, 6, 25, 12, 300, 25, 2, 10, 3, 4, 2, 75, 50, 200)
MONTH = Days(20_605, 20_635)
STORE_BYTES, BOTH_WORK_S = 100 << 20, 60


@dataclass(frozen=True)
class Seen:
    """What is known of the meters; a node that asks leaves its name."""

    folder: str

    def __call__(self, dense: Dense) -> Context:
        import ray

        if ray.is_initialized():
            (Path(self.folder) / ray.get_runtime_context().get_node_id()).touch()
        context = Context.estimating(dense, LIMITS)
        context.usual[:] = 40_000
        return context


class Killing:
    """Kills a node's raylet when so many ranges were asked for and both nodes have begun."""

    def __init__(self, folder: Path, node: Any, at: int) -> None:
        self.folder, self.node, self.at = folder, node, at
        self.about, self.asked, self.pid = Seen(str(folder)), 0, 0

    def __call__(self, span: Range) -> Seen:
        del span
        self.asked += 1
        if self.asked == self.at:
            end = time.monotonic() + BOTH_WORK_S
            while len(list(self.folder.iterdir())) < 2 and time.monotonic() < end:
                time.sleep(0.05)
            self.pid = self.node.all_processes["raylet"][0].process.pid
            os.kill(self.pid, signal.SIGKILL)
        return self.about


@contextmanager
def two_nodes() -> Iterator[tuple[str, Any]]:
    from ray.cluster_utils import Cluster

    facts = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=facts)
    second = made.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    made.wait_for_nodes()
    try:
        yield made.address, second
    finally:
        made.shutdown()


def main(lake: Path, target: Path, folder: Path, at: int) -> dict[str, Any]:
    files = Files(Lake(lake).files(MONTH))
    with two_nodes() as (address, second):
        knows = Killing(folder, second, at)
        swept = sweep(
            files, MONTH, target, knows=knows, judge=vee.judge, engine=engines.cluster(address)
        )
    return {
        "ranges": knows.asked,
        "killed": knows.pid,
        "nodes": len(list(folder.iterdir())),
        "registers": swept.registers,
        "reads": swept.reads,
        "fired": swept.fired,
        "estimated": swept.estimated,
    }


if __name__ == "__main__":
    words = [Path(word) for word in sys.argv[1:4]]
    told = main(words[0], words[1], words[2], int(sys.argv[4]))
    sys.stdout.write(json.dumps(told) + "\n")
