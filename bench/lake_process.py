"""The process of promises `determinants` and `scale`: a lake swept, one JSON object at the end.

Words: the folder of a lake, how many meters it has, and how many of them are compared. Before the
sweep is timed its measures are held to the kernel's on the very arrays the lake was made from.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench import lake_town, machine, vee_town
from bench.lake_town import MONTH
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.sweep.engines import local
from tahseel.consumption.readings.sweep.month import Swept, sweep
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import Batch, engine

THREADS, ROUNDS, BLOCK = 2, 2, 8 << 20
BANDS = vee_town.bands()


def main(folder: Path, meters: int, compared: int) -> dict[str, Any]:
    start = time.perf_counter()
    engine.run_compiled(vee_town.month(2), vee_town.LIMITS)
    compiled = time.perf_counter() - start
    known = lake_town.Knowledge.beside(folder)
    target = folder.with_name("measures.parquet")
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        swept = swept_once(folder, target, known)
        seconds.append(time.perf_counter() - start)
    peak = machine.high_water_mb(os.getpid())
    assert swept.registers == meters, f"{swept.registers} of {meters} meters were measured"
    compare(target, meters, min(compared, meters))
    files = Lake(folder).files(MONTH)
    return {
        "seconds": min(seconds),
        "reads": swept.reads,
        "meters": meters,
        "peak_mb": peak,
        "compiled_in_s": compiled,
        "floor_s": min(read_through(files) for _ in range(ROUNDS)),
        "bytes": sum(file.stat().st_size for file in files),
        "written_bytes": target.stat().st_size,
        "fired": swept.fired,
    }


def swept_once(folder: Path, target: Path, known: lake_town.Knowledge) -> Swept:
    """From the files of the lake to measures on the disk."""
    return sweep(
        Files(Lake(folder).files(MONTH)),
        MONTH,
        target,
        knows=lambda _: known.about,
        judge=engine.run_compiled,
        engine=local(THREADS),
    )


def compare(target: Path, meters: int, compared: int) -> None:
    """Hold what was written of the first meters to the kernel on the arrays they were made of."""
    written, each = pq.read_table(target), min(lake_town.AT_ONCE, meters)
    for first in range(0, compared, each):
        count = min(each, compared - first)
        whole = lake_town.batch(first // each, each)
        mine = Batch(whole.values[:count].copy(), whole.dial[:count], whole.usual[:count], BANDS)
        found = engine.run_compiled(mine, vee_town.LIMITS, threads=THREADS)
        part = written.slice(first, count)
        assert part["meter_id"].to_pylist() == lake_town.meter_ids(first, count)
        for name, rows in (
            ("totals", found.totals),
            ("bands", found.bands),
            ("fired", found.fired),
            ("marks", found.marks),
            ("estimated", found.estimated - found.unknown),
        ):
            told = [row or [0] * rows.shape[1] for row in part[name].to_pylist()]
            np.testing.assert_array_equal(np.array(told), rows, err_msg=name)
        np.testing.assert_array_equal(part["peak"].to_numpy(), found.peak)


def read_through(files: list[Path]) -> float:
    """Seconds to read every byte of the files, one after the other."""
    start = time.perf_counter()
    room = bytearray(BLOCK)
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        while os.readv(descriptor, [room]):
            pass
        os.close(descriptor)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
