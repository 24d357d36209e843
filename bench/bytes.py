"""Promise `bytes`: what a quarter-hour read costs on the disk, lossless, with how it came to be.

The lake's files of a month against three others of the same reads: what their order-0 entropy
allows, a long Parquet file with a row a read, and PostgreSQL with a row a read and its key.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

ENTROPY_MAX, POSTGRES_MIN = 1.25, 55.0
FULL = {"meters": 20_000, "copied": 2_000}
SHORT = {"meters": 2_000, "copied": 200}
TARGET = f"<= {ENTROPY_MAX:g}x order-0 entropy, <= 1/{POSTGRES_MIN:g} of PostgreSQL"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"bytes: a month of {size['meters']} meters")
        words = (str(size["meters"]), str(size["copied"]), str(folder))
        printed = own_process.run("bench.bytes_process", *words, folder=folder / "var")
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured."""
    reads = found["reads"]
    ours, entropy = found["lake_bytes"] / reads, found["entropy_bytes"] / reads
    postgres = found["postgres_bytes"] / found["copied"]
    return {
        "name": "bytes",
        "figure": round(ours, 3),
        "unit": "bytes a read in the lake, ids, versions and provenance among them",
        "target": TARGET,
        "held": ours <= ENTROPY_MAX * entropy and postgres >= POSTGRES_MIN * ours,
        "floor": round(entropy, 3),
        "floor_is": "order-0 entropy of the reads, bytes",
        "peer": round(postgres, 1),
        "long_parquet": round(found["parquet_bytes"] / reads, 3),
        "ratio": round(ours / entropy, 3),
        "times_peer": round(postgres / ours, 1),
        "reads": reads,
        "machine": beside,
    }
