"""Many files become few: the same blocks, in order of meters, whatever happens in between."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings import block_files, blocks, merging
from tahseel.consumption.readings.block_files import ORDER, Held, Stats
from tahseel.consumption.readings.blocks import Mark, Series
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel.period import BillingMonth, Period, start_of

ROOT = Path(__file__).resolve().parents[4]
AT = datetime(2026, 11, 1, tzinfo=UTC)
MAY, JUNE = BillingMonth(2026, 5), BillingMonth(2026, 6)
BOTH = Period(date(2026, 5, 1), date(2026, 7, 1))
HOURS, KILLS, TRIES, WAIT_S = 24, 8, 40, 60
METERS = [f"m{number:02}" for number in range(12)]
# The child merges a month, and says so before it begins; it knows nothing of the test.
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tahseel.consumption.readings import merging
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel.period import BillingMonth
at = datetime(2026, 11, 1, tzinfo=UTC)
lake = Lake(Path(sys.argv[1]))
print("begins", flush=True)
old = merging.of_month(lake.held(), BillingMonth(2026, 5))
merge = merging.merged(lake, old, at=at)
print(lake.replace(merge.old, merge.new, at=at), flush=True)
"""


def day_of(day: date, meters: list[str], seed: int, *, version: int, days: int = 1) -> pa.Table:
    """Hours of some days of some meters; now and then one that did not come."""
    rng = np.random.default_rng(seed)
    start, count = int(start_of(day).timestamp()), HOURS * days
    made = [
        Series(
            meter, "E1", "import", "Wh",
            start + 3600 * np.arange(count), np.full(count, 3600),
            rng.integers(0, 5000, count), rng.choice([0, 0, 0, 1, 3], count),
        )
        for meter in meters
    ]  # fmt: skip
    mark = Mark(version, AT + timedelta(hours=version), f"{seed:064x}")
    return blocks.table_of(made, mark)


def a_file_a_day(folder: Path, days: int, meters: list[str]) -> Lake:
    lake = Lake(folder)
    for number in range(days):
        table = day_of(date(2026, 5, 1 + number), meters, number, version=lake.next_version())
        lake.append(table, transaction=f"t{number}", at=AT)
    return lake


def everything(lake: Lake, *, as_of: int | None = None) -> pa.Table:
    found = Lake(lake.folder, as_of=as_of).blocks(meter_ids=METERS, period=BOTH)
    return found.sort_by([*ORDER, ("interval_s", "ascending"), ("offset_s", "ascending")])


def merge(lake: Lake, month: BillingMonth) -> bool:
    done = merging.merged(lake, merging.of_month(lake.held(), month), at=AT)
    return lake.replace(done.old, done.new, at=AT)


def held(first: str, last: str, day: date, *, rows: int = 10, days: int = 1) -> Held:
    number = day.toordinal() - date(1970, 1, 1).toordinal()
    return Held(f"{first}{last}{number}", 1, Stats(rows, number, number + days - 1, first, last))


files = st.lists(
    st.tuples(
        st.dates(date(2026, 5, 1), date(2026, 6, 25)),
        st.lists(st.sampled_from(METERS), min_size=1, max_size=6, unique=True),
        st.integers(1, 5),
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=25, deadline=None)
@given(made=files, rows_a_file=st.sampled_from([3, 20, 1 << 20]), group=st.sampled_from([2, 9]))
def test_every_block_and_version_is_what_it_was(
    made: list[tuple[date, list[str], int]], rows_a_file: int, group: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_files, "ROWS_PER_GROUP", group)
        patch.setattr(merging, "ROWS_PER_GROUP", group)
        patch.setattr(merging, "ROWS_PER_FILE", rows_a_file)
        lake = Lake(Path(folder) / "lake")
        for number, (day, meters, days) in enumerate(made):
            table = day_of(day, meters, number, version=lake.next_version(), days=days)
            lake.append(table, transaction=f"t{number}", at=AT)
        versions = range(lake.version() + 1)
        before = [everything(lake, as_of=version) for version in versions]

        assert all(
            merge(lake, month) for month in (MAY, JUNE) if merging.of_month(lake.held(), month)
        )

        assert [everything(lake, as_of=version) for version in versions] == before
        for month in (MAY, JUNE):
            found = merging.of_month(lake.held(), month)
            assert merging.layers(found) <= 1
            for one in found:
                table = pq.read_table(lake.folder / one.name, schema=blocks.SCHEMA)
                assert table == table.sort_by(ORDER)
                assert Stats.of(table) == one.stats


def test_who_opened_a_file_before_a_merge_reads_it_to_the_end(tmp_path: Path) -> None:
    lake = a_file_a_day(tmp_path / "lake", 6, METERS)
    names = [one.name for one in lake.held()]
    before = everything(lake)

    assert merge(lake, MAY)
    assert merging.leftovers(lake, at=AT + timedelta(days=6)) == []

    old = pa.concat_tables(
        pq.read_table(lake.folder / name, schema=blocks.SCHEMA) for name in names
    )
    assert old.sort_by(ORDER) == before == everything(lake)
    assert len(lake.held()) == 1


def test_replaced_files_go_after_a_week_and_the_lake_is_whole(tmp_path: Path) -> None:
    lake = a_file_a_day(tmp_path / "lake", 6, METERS)
    before, names = everything(lake), [one.name for one in lake.held()]
    merge(lake, MAY)

    gone = merging.leftovers(lake, at=AT + timedelta(days=7))
    lake.delete(gone)

    assert sorted(gone) == sorted(names)
    assert everything(lake) == before
    assert lake.unused() == []


def test_a_part_that_no_commit_took_in_goes_after_two_days(tmp_path: Path) -> None:
    lake = a_file_a_day(tmp_path / "lake", 2, METERS)
    part = lake.part(day_of(date(2026, 5, 9), METERS, 9, version=3), transaction="x", number=1)
    written = datetime.fromtimestamp(part.path.stat().st_mtime, UTC)

    assert merging.leftovers(lake, at=written + timedelta(days=2, seconds=-1)) == []
    assert merging.leftovers(lake, at=written + timedelta(days=2)) == [part.path.name]


def test_what_was_appended_meanwhile_stands_beside_the_merged_file(tmp_path: Path) -> None:
    lake = a_file_a_day(tmp_path / "lake", 5, METERS)
    done = merging.merged(lake, lake.held(), at=AT)
    late = day_of(date(2026, 5, 2), METERS[:3], 77, version=lake.next_version())
    lake.append(late, transaction="late", at=AT)
    before = everything(lake)

    assert lake.replace(done.old, done.new, at=AT)

    assert everything(lake) == before
    assert len(lake.held()) == 2


def test_two_merges_of_the_same_files_put_them_there_once(tmp_path: Path) -> None:
    lake = a_file_a_day(tmp_path / "lake", 5, METERS)
    before, held_before = everything(lake), lake.held()
    one, other = (merging.merged(lake, held_before, at=AT) for _ in range(2))

    assert lake.replace(one.old, one.new, at=AT)
    assert not lake.replace(other.old, other.new, at=AT)

    assert everything(lake) == before


def test_a_month_that_is_over_is_merged_when_a_meter_lies_in_many_files() -> None:
    few = [held("a", "z", date(2026, 5, day)) for day in range(1, 5)]
    many = [*few, held("m", "n", date(2026, 5, 31))]
    apart = [held(name, name, date(2026, 5, 1)) for name in "abcdefgh"]
    today = date(2026, 6, 1)

    assert merging.due(few, today) == []
    assert merging.due(many, today) == [MAY]
    assert merging.due(apart, today) == []
    assert merging.due(many, date(2026, 5, 31)) == []


def test_of_a_month_that_goes_on_only_small_files_are_merged() -> None:
    small = [held("a", "z", date(2026, 5, 3)) for _ in range(merging.LAYERS_OPEN_MAX + 1)]
    large = held("a", "z", date(2026, 5, 4), rows=10**6)

    assert merging.chosen([*small, large], MAY, date(2026, 5, 20)) == small
    assert merging.chosen(small[1:], MAY, date(2026, 5, 20)) == []


def test_killed_at_any_moment_no_block_is_lost_or_doubled(tmp_path: Path) -> None:
    meters, rng = [f"m{number:04}" for number in range(400)], random.Random(3)
    lake = a_file_a_day(tmp_path / "lake", 12, meters)
    before = lake.blocks(meter_ids=meters, period=BOTH).sort_by(ORDER)
    took = child_seconds(a_file_a_day(tmp_path / "other", 12, meters).folder)

    killed = tried = 0
    while killed < KILLS:
        tried += 1
        assert tried <= TRIES, "the merges were over before they could be killed"
        running = child(lake.folder)
        time.sleep(rng.uniform(0, took))
        running.kill()
        running.communicate()
        assert lake.blocks(meter_ids=meters, period=BOTH).sort_by(ORDER) == before
        if running.returncode:
            killed += 1
        else:
            took *= 0.8
            lake = a_file_a_day(tmp_path / f"lake {tried}", 12, meters)

    merge(lake, MAY)
    assert lake.blocks(meter_ids=meters, period=BOTH).sort_by(ORDER) == before
    lake.delete(merging.leftovers(lake, at=datetime.now(UTC) + timedelta(days=400)))
    assert lake.blocks(meter_ids=meters, period=BOTH).sort_by(ORDER) == before
    assert {path.name for path in lake.folder.glob("*.parquet")} == {h.name for h in lake.held()}


def child(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    words = [sys.executable, "-c", CHILD, str(folder)]
    started = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "begins\n"
    return started


def child_seconds(folder: Path) -> float:
    running = child(folder)
    began = time.monotonic()
    told, _ = running.communicate(timeout=WAIT_S)
    assert told == "True\n"
    return time.monotonic() - began
