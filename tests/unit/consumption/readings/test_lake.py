"""Meter-day blocks: what goes in comes back, once, and the newest real value stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings import blocks
from tahseel.consumption.readings.blocks import Mark, Series
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag
from tahseel.kernel.period import Period, start_of

AT = datetime(2026, 11, 1, tzinfo=UTC)
JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
START = int(start_of(date(2026, 1, 1)).timestamp())


def series(
    starts: list[int], values: list[int], length: int = 3600, meter: str = "m1", flag: int = 0
) -> Series:
    count = len(starts)
    return Series(
        meter,
        "E1",
        "import",
        "Wh",
        np.array(starts, dtype=np.int64),
        np.full(count, length, dtype=np.int64),
        np.array(values, dtype=np.int64),
        np.full(count, flag, dtype=np.int64),
    )


def mark(version: int = 1) -> Mark:
    return Mark(version, AT, "a" * 64)


def back(*made: tuple[Series, int]) -> list[tuple[int, int, int]]:
    tables = [blocks.table_of([s], mark(v)) for s, v in made]
    (found,) = blocks.series_of(blocks.pa.concat_tables(tables))
    real = found.flags != Flag.MISSING
    return list(
        zip(
            found.starts[real].tolist(),
            found.durations[real].tolist(),
            found.values[real].tolist(),
            strict=True,
        )
    )


def test_a_partial_day_is_a_full_block_with_missing_flags() -> None:
    table = blocks.table_of([series([START, START + 3600], [5, 6])], mark())

    assert table.num_rows == 1
    assert table["values"][0].as_py() == [5, 6] + [0] * 22
    assert table["flags"][0].as_py() == [0, 0] + [int(Flag.MISSING)] * 22
    assert table["day"][0].as_py() == date(2026, 1, 1).toordinal() - date(1970, 1, 1).toordinal()


def test_a_day_of_another_zone_becomes_two_days_here() -> None:
    midnight_plus_ten = START - 7 * 3600

    table = blocks.table_of(
        [series([midnight_plus_ten + 1800 * n for n in range(48)], [1] * 48, 1800)], mark()
    )

    assert table.num_rows == 2
    assert [f.as_py().count(0) for f in table["flags"]] == [14, 34]


def test_the_newer_version_stands_and_a_missing_value_hides_nothing() -> None:
    old = series([START, START + 3600], [1, 2])
    new = series([START], [9])

    assert back((old, 1), (new, 2)) == [(START, 3600, 9), (START + 3600, 3600, 2)]
    assert back((new, 2), (old, 1)) == [(START, 3600, 9), (START + 3600, 3600, 2)]


def test_intervals_of_another_length_do_not_count_twice() -> None:
    hours = series([START, START + 3600], [60, 70])
    minutes = series([START + 300 * n for n in range(12)], [5] * 12, 300)

    assert sum(v for _, _, v in back((hours, 1), (minutes, 2))) == 60 + 70
    assert len(back((hours, 1), (minutes, 2))) == 13


intervals = st.lists(
    st.tuples(st.integers(0, 200), st.integers(-(2**31) + 1, 2**31 - 1)), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(
    found=intervals,
    length=st.sampled_from([60, 300, 420, 900, 1800, 3600, 86400, 90000, 2592000]),
    shift=st.integers(0, 5000),
)
def test_what_goes_in_comes_back(found: list[tuple[int, int]], length: int, shift: int) -> None:
    want = {START + shift + n * length: v for n, v in found}

    assert back((series(list(want), list(want.values()), length), 1)) == [
        (start, length, value) for start, value in sorted(want.items())
    ]


def test_an_import_is_committed_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    table = blocks.table_of([series([START], [5])], mark())

    assert lake.next_version() == 1
    assert lake.append(table, transaction="t1", at=AT)
    assert not lake.append(table, transaction="t1", at=AT)
    assert lake.append(table, transaction="t2", at=AT)

    assert lake.has("t1")
    assert not lake.has("t3")
    (found,) = lake.read(meter_ids=["m1"], period=JANUARY)
    assert int(found.values.sum()) == 5


def test_reading_is_by_meter_and_period(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake with a space")
    inside = series([START], [5])
    month = series([START - 10 * 86400], [100], 30 * 86400, meter="m2")
    later = series([START + 40 * 86400], [7])
    lake.append(blocks.table_of([inside, month, later], mark()), transaction="t", at=AT)

    found = {
        s.meter_id: int(s.values.sum()) for s in lake.read(meter_ids=["m1", "m2"], period=JANUARY)
    }

    assert found == {"m1": 5, "m2": 100}
    assert lake.read(meter_ids=["m3"], period=JANUARY) == []
    assert Lake(tmp_path / "none").read(meter_ids=["m1"], period=JANUARY) == []


def test_values_beyond_the_block_s_type_are_never_cut(tmp_path: Path) -> None:
    with pytest.raises((OverflowError, ValueError)):
        blocks.table_of([series([START], [blocks.VALUE_MAX + 1])], mark())
