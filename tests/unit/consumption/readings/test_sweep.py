"""A month of a lake in one sweep: every meter once, the same whatever files the month lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings import block_files, blocks, vee
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.sweep import month
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.engines import local
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.sweep.month import Swept
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import MISSING, Batch, Limits, twin
from tahseel.consumption.readings.vee.limits import ALL_RULES

AT = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = Days(20_600, 20_604)
SLOTS = 24
LIMITS = Limits(ALL_RULES, 300, 280, 50, 6, 25, 12, 300, 25, 2, 10, 3, 4, 2, 75, 50, 200)


def values_of(meters: int, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Hours of four days: use, gaps, a spike, a stuck stretch."""
    rng = np.random.default_rng(seed)
    values = rng.integers(50, 150, (meters, MONTH.count * SLOTS)).astype(np.int32)
    values[rng.random(values.shape) < 0.1] = MISSING
    values[rng.random(values.shape) < 0.01] = 9_000
    values[0, 10:20] = 77
    return values


def days_of(values: np.ndarray[tuple[int, ...], np.dtype[np.int32]], day: slice) -> pa.Table:
    """Blocks of some days of every meter, in no order."""
    days = range(MONTH.first, MONTH.end)[day]
    rows = [(meter, d) for d in days for meter in reversed(range(len(values)))]
    told = np.stack([values[m].reshape(MONTH.count, SLOTS)[d - MONTH.first] for m, d in rows])
    ends = np.arange(len(rows) + 1, dtype=np.int64) * SLOTS
    flags = np.where(told == MISSING, 3, 0).astype(np.int8).reshape(-1)
    came = np.where(told == MISSING, 0, told).reshape(-1)
    return pa.table(
        {
            "meter_id": [f"meter-{meter:04}" for meter, _ in rows],
            **{name: [name] * len(rows) for name in ("register", "unit", "source")},
            "kind": ["import"] * len(rows),
            "day": pa.array([d for _, d in rows], pa.int32()),
            "interval_s": pa.array([3_600] * len(rows), pa.int32()),
            "offset_s": pa.array([0] * len(rows), pa.int32()),
            "ver": [1] * len(rows),
            "recorded_at": pa.array([AT] * len(rows), pa.timestamp("us", tz="UTC")),
            "values": pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), pa.array(came)),
            "flags": blocks.told_flags(flags, ends),
        }
    ).select(blocks.SCHEMA.names)


def lake_of(folder: Path, parts: Sequence[pa.Table]) -> Lake:
    lake = Lake(folder)
    for number, part in enumerate(parts):
        lake.append(part, transaction=f"t{number}", at=AT)
    return lake


def about(dense: Dense) -> Context:
    return replace(
        Context.estimating(dense, LIMITS), usual=np.full(len(dense.values), 2_400, np.int64)
    )


def swept(lake: Lake, target: Path, threads: int = 2) -> Swept:
    files = Files(lake.files(MONTH))
    return month.sweep(
        files, MONTH, target, knows=lambda _: about, judge=vee.judge, engine=local(threads)
    )


@settings(max_examples=15, deadline=None)
@given(meters=st.integers(1, 40), group=st.integers(4, 60), cut=st.integers(1, 3))
def test_ranges_hold_every_block_once(
    tmp_path_factory: pytest.TempPathFactory, meters: int, group: int, cut: int
) -> None:
    values, folder = values_of(meters, 1), tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_files, "ROWS_PER_GROUP", group)
        lake = lake_of(folder, [days_of(values, slice(0, cut)), days_of(values, slice(cut, None))])
    files = Files(lake.files(MONTH))

    found = [files.read(span, MONTH) for span in files.ranges(MONTH, blocks=group)]

    seen = [set(part["meter_id"].to_pylist()) for part in found]
    assert sum(part.num_rows for part in found) == meters * MONTH.count
    assert sum(map(len, seen)) == len(set().union(*seen)) == meters


def test_a_sweep_says_what_the_twin_says_of_the_same_arrays(tmp_path: Path) -> None:
    values = values_of(30, 2)
    lake = lake_of(tmp_path / "lake", [days_of(values, slice(None))])

    told = swept(lake, tmp_path / "measures.parquet")

    batch = Batch(
        values.copy(),
        np.full((30, MONTH.count + 1), vee.UNKNOWN, np.int64),
        np.full(30, 2_400, np.int64),
        np.zeros(SLOTS, np.int8),
    )
    found = twin.judge(batch, LIMITS)
    written = pq.read_table(tmp_path / "measures.parquet")
    assert written["totals"].to_pylist() == found.totals.tolist()
    assert [row or [0] * 8 for row in written["fired"].to_pylist()] == found.fired.tolist()
    assert written["peak"].to_pylist() == found.peak.tolist()
    assert (told.registers, told.reads) == (30, values.size)
    assert told.estimated == int((found.estimated - found.unknown).sum()) > 0
    assert told.fired["stuck"] == int(found.fired[:, vee.Rule.STUCK].sum()) > 0


def test_a_file_a_day_and_one_file_come_to_the_same_bytes(tmp_path: Path) -> None:
    values = values_of(50, 3)
    daily = [days_of(values, slice(day, day + 1)) for day in range(MONTH.count)]

    swept(lake_of(tmp_path / "one", [days_of(values, slice(None))]), tmp_path / "one.parquet")
    swept(lake_of(tmp_path / "daily", daily), tmp_path / "daily.parquet", threads=1)

    written = [(tmp_path / f"{name}.parquet").read_bytes() for name in ("one", "daily")]
    assert written[0] == written[1]


def test_a_sweep_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", [days_of(values_of(5, 4), slice(None))])
    target = tmp_path / "measures.parquet"
    swept(lake, target)
    before = target.read_bytes()

    def fails(dense: Dense) -> Context:
        raise LookupError(dense.meter_ids[0])

    with pytest.raises(LookupError):
        month.sweep(
            Files(lake.files(MONTH)), MONTH, target,
            knows=lambda _: fails, judge=vee.judge, engine=local(2),
        )  # fmt: skip

    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "measures.parquet"]


def test_a_month_of_which_nothing_came_is_an_empty_file(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", [days_of(values_of(5, 4), slice(None))])
    later = Days(MONTH.end + 500, MONTH.end + 530)

    told = month.sweep(
        Files(lake.files(later)), later, tmp_path / "none.parquet",
        knows=lambda _: about, judge=vee.judge, engine=local(1),
    )  # fmt: skip

    assert (told.registers, told.reads, told.odd) == (0, 0, [])
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0
