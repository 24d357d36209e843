"""The peers of `determinants`: from the lake's own files to judged totals on the disk.

Each peer reads the Parquet files with its own reader, lays the values out as rows, judges them by
the same rules (`vee_polars`, `vee_duckdb`), writes a row a meter and has it on the disk. Its totals
are held to the sweep's first. Words: the folder of a lake and its number of meters.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bench import lake_process, lake_town, vee_duckdb, vee_polars
from bench.lake_town import MONTH
from bench.vee_town import DAYS, LIMITS, SLOTS, T
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag
from tahseel.consumption.readings.vee import MISSING

ROUNDS = 2


def main(folder: Path, meters: int) -> dict[str, float]:
    """M reads a second of each peer."""
    files = [str(file) for file in Lake(folder).files(MONTH)]
    known = lake_town.Knowledge.beside(folder)
    target = folder.with_name("measures.parquet")
    lake_process.swept_once(folder, target, known)
    totals = pq.read_table(target, columns=["totals"])["totals"].combine_chunks().flatten()
    sides = _sides(known, meters)
    rates = {}
    for name, run in (("polars", by_polars), ("duckdb", by_duckdb)):
        seconds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            found = run(files, sides, folder.with_name(f"{name}.parquet"))
            seconds.append(time.perf_counter() - start)
        np.testing.assert_array_equal(found, np.asarray(totals), err_msg=name)
        rates[name] = meters * T / min(seconds) / 1e6
    return rates


def _sides(known: lake_town.Knowledge, meters: int) -> tuple[pa.Table, pa.Table]:
    """Dials by meter and day, and usual days."""
    of = np.repeat(np.arange(meters, dtype=np.int32), DAYS)
    day = np.tile(np.arange(DAYS, dtype=np.int32), meters)
    r0, r1 = known.dial[:, :-1].reshape(-1), known.dial[:, 1:].reshape(-1)
    dials = pa.table({"m": of, "d": day, "r0": r0, "r1": r1})
    return dials, pa.table({"m": np.arange(meters, dtype=np.int32), "usual": known.usual})


def by_polars(files: list[str], sides: tuple[pa.Table, pa.Table], target: Path) -> Any:
    frame = pl.read_parquet(files, columns=["meter_id", "day", "values", "flags"])
    frame = frame.with_columns(m=(pl.col("meter_id").rle_id()).cast(pl.Int32))
    values = frame.select("m", "day", v="values").explode("v")
    flags = frame.select(
        g=pl.when(pl.col("flags").is_null())
        .then(pl.lit([0] * SLOTS, dtype=pl.List(pl.Int8)))
        .otherwise("flags")
    ).explode("g")
    reads = pl.concat([values, flags], how="horizontal").select(
        "m",
        t=pl.int_range(pl.len(), dtype=pl.Int32).over("m"),
        v=pl.when(pl.col("g") == int(Flag.MISSING)).then(MISSING).otherwise("v"),
    )
    dials, usual = (pl.DataFrame(pl.from_arrow(side)) for side in sides)
    judged = vee_polars.judge(reads, dials, usual, LIMITS, SLOTS)
    _kept(judged.to_arrow(), target)
    return vee_polars.arrays(judged, ("total",))["total"]


def by_duckdb(files: list[str], sides: tuple[pa.Table, pa.Table], target: Path) -> Any:
    with duckdb.connect() as database:
        database.execute("set threads = 2")
        reads = database.execute(
            "select (dense_rank() over (order by meter_id) - 1)::integer as m,"
            f" ((day - {MONTH.first}) * {SLOTS} + slot)::integer as t,"
            f" (case when flags[slot + 1] = {int(Flag.MISSING)} then {MISSING} else v end)::integer"
            " as v from (select meter_id, day, flags, unnest(values) as v,"
            f" unnest(range({SLOTS})) as slot from read_parquet(?)) order by m, t",
            [files],
        ).to_arrow_table()
    judged = vee_duckdb.judge(reads, *sides, LIMITS, SLOTS)
    _kept(pa.table(dict(judged.items())), target)
    return np.asarray(judged["total"], np.int64)


def _kept(table: pa.Table, target: Path) -> None:
    with target.open("wb") as file:
        pq.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
