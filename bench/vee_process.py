"""The process of promise `vee`: results first, then rates, one JSON object at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from bench import vee_duckdb, vee_polars, vee_town
from bench.vee_town import DAYS, LIMITS, SLOTS, T
from tahseel.consumption.readings.vee import Batch, Judged, Rule, engine, reference, twin

THREADS, ROUNDS, TWIN_METERS = 2, 7, 500
COLUMNS = ("missing", "negative", "spike", "stuck", "zero", "high", "low", "sums")


def copied(batch: Batch, meters: int | None = None) -> Batch:
    some = slice(meters)
    return Batch(batch.values[some].copy(), batch.dial[some], batch.usual[some], batch.bands)


def best(run: Callable[[Any], Any], make: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The shortest of some runs, seconds; what each needs is made outside its time."""
    seconds = []
    for _ in range(rounds):
        given = make()
        start = time.perf_counter()
        run(given)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def compare_reference(months: int) -> None:
    """Hold the kernel to the plain reference on months with faults, of an hour's intervals."""
    quarter = vee_town.month(months, seed=11)
    hourly = quarter.values.reshape(months, DAYS * 24, 4)
    values = np.where(hourly.min(axis=2) < 0, hourly.min(axis=2), hourly.max(axis=2))
    batch = Batch(
        np.ascontiguousarray(values), quarter.dial, quarter.usual, quarter.bands[::4].copy()
    )
    mine = copied(batch)
    found = engine.run_compiled(mine, LIMITS, threads=THREADS)
    for m in range(months):
        row = [int(v) for v in batch.values[m]]
        bands = [int(b) for b in batch.bands]
        dial, usual = [int(d) for d in batch.dial[m]], int(batch.usual[m])
        meter = reference.judge(reference.Meter(row, dial, usual, bands, LIMITS))
        assert meter.values == mine.values[m].tolist()
        assert meter.flags == found.flags[m].tolist()
        assert [meter.fired[rule] for rule in Rule] == found.fired[m].tolist()
        assert meter.totals == found.totals[m].tolist()
        assert meter.estimated == found.estimated[m].tolist()
        assert meter.peak == found.peak[m]


def compare_twin(batch: Batch) -> float:
    """Hold the twin to the kernel; its rate in M reads a second."""
    mine, other = copied(batch, TWIN_METERS), copied(batch, TWIN_METERS)
    found = engine.run_compiled(mine, LIMITS)
    start = time.perf_counter()
    same = twin.judge(other, LIMITS)
    seconds = time.perf_counter() - start
    np.testing.assert_array_equal(mine.values, other.values)
    for column in fields(Judged):
        np.testing.assert_array_equal(getattr(found, column.name), getattr(same, column.name))
    return mine.values.size / seconds / 1e6


def peers(batch: Batch, meters: int) -> dict[str, float]:
    """M reads a second of each peer, whose results are held to the kernel's first."""
    some = copied(batch, meters)
    m = np.repeat(np.arange(meters, dtype=np.int32), T)
    t = np.tile(np.arange(T, dtype=np.int32), meters)
    reads = pa.table({"m": m, "t": t, "v": some.values.reshape(-1)})
    day = np.tile(np.arange(DAYS, dtype=np.int32), meters)
    of = np.repeat(np.arange(meters, dtype=np.int32), DAYS)
    r0, r1 = some.dial[:, :-1].reshape(-1), some.dial[:, 1:].reshape(-1)
    dials = pa.table({"m": of, "d": day, "r0": r0, "r1": r1})
    usual = pa.table({"m": np.arange(meters, dtype=np.int32), "usual": some.usual})
    found = engine.run_compiled(copied(some), LIMITS)
    frames = [pl.DataFrame(pl.from_arrow(table)) for table in (reads, dials, usual)]
    rates = {}
    for name, run in (
        ("polars", lambda: vee_polars.judge(frames[0], frames[1], frames[2], LIMITS, SLOTS)),
        ("duckdb", lambda: vee_duckdb.judge(reads, dials, usual, LIMITS, SLOTS)),
    ):
        answer = run()
        _same(vee_polars.arrays(answer, ("total", *COLUMNS)) if name == "polars" else answer, found)
        rates[name] = m.size / best(lambda _, run=run: run(), lambda: None, 2) / 1e6
    return rates


def _same(answer: Any, found: Judged) -> None:
    totals = np.asarray(answer["total"], np.int64).reshape(found.totals.shape)
    np.testing.assert_array_equal(totals, found.totals)
    for rule, column in zip(Rule, COLUMNS, strict=True):
        by_meter = np.asarray(answer[column], np.int64).reshape(found.totals.shape).sum(axis=1)
        np.testing.assert_array_equal(by_meter, found.fired[:, rule], err_msg=column)


def main(size: dict[str, int]) -> dict[str, Any]:
    start = time.perf_counter()
    engine.run_compiled(vee_town.month(2), LIMITS)
    compiled_in = time.perf_counter() - start
    compare_reference(size["compared"])
    batch = vee_town.month(size["meters"])
    reads, room = batch.values.size, np.zeros_like(batch.values)
    copy = best(lambda _: np.copyto(room, batch.values), lambda: None)
    rates = {}
    for threads in (1, THREADS):
        seconds = best(
            lambda given, n=threads: engine.run_compiled(given, LIMITS, threads=n),
            lambda: copied(batch),
        )
        rates[threads] = reads / seconds / 1e6
    found = engine.run_compiled(copied(batch), LIMITS, threads=THREADS)
    fired = zip(Rule, found.fired.sum(0).tolist(), strict=True)
    return {
        "rate": max(rates.values()),
        "one_thread": rates[1],
        "copyto": reads / copy / 1e6,
        "twin": compare_twin(batch),
        "peers": peers(batch, size["peer_meters"]),
        "compiled_in_s": compiled_in,
        "reads": reads,
        "compared": size["compared"],
        "fired": {rule.name.lower(): times for rule, times in fired},
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
