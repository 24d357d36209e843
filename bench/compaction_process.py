"""Sweeps a month that lies in a file a day, merges it, and sweeps it again: a figure beside others.

Words: how many meters, a folder. Both sweeps' files must be the same bytes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench import lake_town, machine, vee_town
from bench.lake_town import AT, MONTH
from bench.ray_process import Plain
from tahseel.consumption.readings import merging
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.month import sweep
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import engine

ROUNDS = 3


def main(meters: int, folder: Path) -> dict[str, Any]:
    lake = Lake(folder / "lake")
    table = lake_town.table_of(lake_town.batch(0, meters), lake_town.meter_ids(0, meters), lake)
    day = np.asarray(table["day"])
    for number in range(MONTH.first, MONTH.end):
        some = table.take(pa.array(np.flatnonzero(day == number)))
        lake.append(some, transaction=f"day-{number}", at=AT)
    del table, some
    lake_town.batch.cache_clear()
    engine.run_compiled(vee_town.month(2), vee_town.LIMITS)
    before = min(timed(lake, folder / "before.parquet") for _ in range(ROUNDS))
    start = time.perf_counter()
    done = merging.merged(lake, lake.held(), at=AT)
    assert lake.replace(done.old, done.new, at=AT)
    merged = time.perf_counter() - start
    after = min(timed(lake, folder / "after.parquet") for _ in range(ROUNDS))
    assert (folder / "before.parquet").read_bytes() == (folder / "after.parquet").read_bytes()
    return {
        "meters": meters,
        "files": [len(done.old), len(done.new)],
        "bytes": [sum(one.bytes for one in done.old), sum(one.bytes for one in done.new)],
        "sweep_s": [round(before, 2), round(after, 2)],
        "merge_s": round(merged, 2),
        "peak_mb": round(machine.high_water_mb(os.getpid())),
        "machine": machine.beside(folder),
    }


def timed(lake: Lake, target: Path) -> float:
    about = Plain()
    start = time.perf_counter()
    sweep(
        Files(lake.files(MONTH)), MONTH, target, knows=lambda _: about,
        judge=engine.run_compiled, engine=engines.local(2),
    )  # fmt: skip
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
