"""Promise `ingest`: a day of a town's quarter-hour reads, from a CSV to a durable, checked store.

`readings.import_file` takes the file as an operator's command does: hashed, kept raw, every row
checked, blocks written and committed to the lake, the file's row and its audit leaf in the
database. The process has taken in another day before, as one that does so daily. Then every value
is held to what was written. Floor: the lake's bytes written and flushed; peer: PostgreSQL's binary
COPY of the same reads into a table keyed by meter and instant.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import machine, own_process

COPY_MIN = 40.0
FULL = {"meters": 100_000, "copied": 20_000 * 96}
SHORT = {"meters": 20_000, "copied": 2_000 * 96}
TARGET = f">= {COPY_MIN:g}x COPY of the same reads keyed (meter, instant)"


def measure(*, full: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The result as one JSON object; see README for the fields."""
    size = FULL if full else SHORT
    folder = machine.scratch()
    try:
        say(f"ingest: a day of {size['meters']} meters")
        printed = own_process.run(
            "bench.ingest_process", json.dumps(size), str(folder), folder=folder / "var"
        )
        beside = machine.beside(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result(json.loads(printed), beside)


def result(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """The promise from what the process measured."""
    rate, copy = found["reads"] / found["seconds"], found["copied"] / found["copy_s"]
    return {
        "name": "ingest",
        "figure": round(rate / 1e6, 2),
        "unit": f"M reads/s from a CSV of {found['csv_bytes'] >> 20} MB to the committed lake",
        "target": TARGET,
        "held": rate / copy >= COPY_MIN,
        "floor": round(found["reads"] / found["floor_s"] / 1e6, 1),
        "floor_is": "the lake's bytes written and flushed, M reads/s",
        "peer": round(copy / 1e6, 3),
        "ratio": round(found["floor_s"] / found["seconds"], 3),
        "times_peer": round(rate / copy, 1),
        "seconds": round(found["seconds"], 2),
        "reads": found["reads"],
        "lake_bytes": found["lake_bytes"],
        "machine": beside,
    }
