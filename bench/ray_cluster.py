"""Promise `ray`: a month swept on a Ray cluster costs hardly more than on threads of one process.

The same lake, judge and number of cores; a cluster of one node on loopback, so that what is
measured is the hand-over of ranges and results, no network. Both files must be the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import lake_town, machine, own_process

SHARE_MIN = 0.8
FULL, SHORT = 20_000, 2_000
TARGET = f">= {SHARE_MIN:g} of the threads' reads a second and core"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    meters = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"ray: a month of {meters} meters")
        lake_town.build(folder / "lake", meters)
        words = (str(folder / "lake"), str(meters))
        printed = own_process.run("bench.ray_process", *words, folder=folder)
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured."""
    each = found["reads"] / found["cores"] / 1e6
    ours, threads = each / found["cluster_s"], each / found["threads_s"]
    return {
        "name": "ray",
        "figure": round(ours, 1),
        "unit": "M reads a second and core on the cluster",
        "target": TARGET,
        "held": ours >= SHARE_MIN * threads,
        "floor": None,
        "peer": round(threads, 1),
        "ratio": round(ours / threads, 3),
        "first_s": {name: round(seconds, 2) for name, seconds in found["first"].items()},
        "reads": found["reads"],
        "machine": beside,
    }
