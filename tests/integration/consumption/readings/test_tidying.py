"""The night puts the lake's files in order: fewer files, the same answers, a leaf for each act."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.consumption import lake_days
from tests.integration.consumption.lake_days import AT, MAY

from tahseel.consumption.readings import jobs, operations, queries, storing, tidying
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel import daybook
from tahseel.kernel.actor import system

KEEPER = system("lake")
TODAY = date(2026, 6, 10)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())


def acts(action: str) -> int:
    wanted = f'%"{action}"%'
    leaves = rows("select 1 from audit_leaf where convert_from(body, 'UTF8') like %s", wanted)
    return len(leaves)


@pytest.fixture
def meter(street: Any, places: Path) -> Any:
    """A meter whose May came in twelve files, one of them a correction."""
    home = street.home()
    for day in range(11):
        hours = range(day * 24, day * 24 + 24)
        lake_days.fill(places, home.electricity, lake_days.lived_in, hours=hours)
    lake_days.fill(places, home.electricity, lambda _: 900, hours=range(24))
    return home


def test_the_night_merges_a_month_that_is_over_and_changes_no_answer(
    meter: Any, places: Path
) -> None:
    before = queries.daily_consumption(meter_id=meter.electricity, period=MAY.period)
    version = queries.lake_version()

    done = daybook.do(job=jobs.TIDY, day=TODAY, at=AT)
    again = daybook.do(job=jobs.TIDY, day=TODAY + timedelta(days=1), at=AT)

    assert done.outcome == {"months": {"2026-05": (12, 1)}, "deleted": 0}
    assert again.outcome == {"months": {}, "deleted": 0}
    assert queries.daily_consumption(meter_id=meter.electricity, period=MAY.period) == before
    assert queries.touched_since(lake_version=version, at=AT) == {}
    assert acts("readings.merge_files") == 1
    assert len(Lake(places / "lake").held()) == 1


def test_files_that_were_replaced_go_after_a_week(meter: Any, places: Path) -> None:
    del meter
    tidying.tidy(actor=KEEPER, at=AT, today=TODAY)
    old = sorted(one.name for one in Lake(places / "lake").unused())

    sooner = tidying.tidy(actor=KEEPER, at=AT + timedelta(days=6), today=TODAY)
    later = tidying.tidy(actor=KEEPER, at=AT + timedelta(days=7), today=TODAY)

    assert (sooner.deleted, later.deleted, len(old)) == (0, 12, 12)
    assert Lake(places / "lake").unused() == []
    assert acts("readings.delete_unused_files") == 1


def test_what_a_killed_import_left_goes_after_two_days(meter: Any, places: Path) -> None:
    del meter
    orphan = places / "lake" / f"{'0' * 32}.parquet"
    orphan.write_bytes(b"half a file")
    long_ago = (AT - timedelta(days=2)).timestamp()
    os.utime(orphan, (long_ago, long_ago))
    young = places / "lake" / f"{'1' * 32}.parquet"
    young.write_bytes(b"half a file")
    os.utime(young, (long_ago + 60, long_ago + 60))

    done = tidying.tidy(actor=KEEPER, at=AT, today=TODAY, months=[])

    assert done.deleted == 1
    assert not orphan.exists()
    assert young.exists()


def test_a_merge_that_comes_second_leaves_the_lake_and_its_own_files_away(
    meter: Any, places: Path
) -> None:
    del meter
    from tahseel.consumption.readings import merging

    lake = storing.locked_lake()
    late = merging.merged(lake, lake.held(), at=AT)
    tidying.tidy(actor=KEEPER, at=AT, today=TODAY)
    held = lake.held()

    taken = operations.merge_files(actor=KEEPER, at=AT, month=MAY, merge=late)

    assert not taken
    assert lake.held() == held
    assert not any(part.path.exists() for part in late.new)


def test_two_processes_do_not_merge_at_once(meter: Any, database: Any, places: Path) -> None:
    del meter
    held = Lake(places / "lake").held()
    with database.as_admin() as other:
        other.execute(
            "select pg_advisory_lock(hashtextextended('readings_lake_tidying', 0))"
        ).fetchone()

        with pytest.raises(tidying.LakeBusy):
            tidying.tidy(actor=KEEPER, at=AT, today=TODAY)

        other.execute("select pg_advisory_unlock_all()")
    assert Lake(places / "lake").held() == held
    assert acts("readings.merge_files") == 0
