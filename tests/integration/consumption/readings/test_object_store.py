"""The lake in an S3-compatible store: a server process on loopback, credentials by environment."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tahseel.consumption.readings import blocks, merging, vee
from tahseel.consumption.readings.block_files import ORDER
from tahseel.consumption.readings.blocks import Mark, Series
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.consumption.readings.lake_place import Place, UnknownPlaceError
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.dense import Dense
from tahseel.consumption.readings.sweep.measures import Context
from tahseel.consumption.readings.sweep.month import sweep
from tahseel.consumption.readings.sweep.ranges import Files
from tahseel.consumption.readings.vee import Limits
from tahseel.consumption.readings.vee.limits import ALL_RULES
from tahseel.kernel.period import BillingMonth, Period, start_of

AT = datetime(2026, 11, 1, tzinfo=UTC)
MAY = BillingMonth(2026, 5)
METERS = [f"m{number:02}" for number in range(9)]
LIMITS = Limits(ALL_RULES, 300, 280, 50, 6, 25, 12, 300, 25, 2, 10, 3, 4, 2, 75, 50, 200)
WAIT_S = 30


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The store's address, with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + WAIT_S
    try:
        while True:
            try:
                made = urllib.request.Request(f"{address}/lakes", method="PUT")
                urllib.request.urlopen(made, timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.1)
        yield address
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def url(store: str, monkeypatch: pytest.MonkeyPatch, request: Any) -> str:
    """A prefix of its own, and what a process must be told of the store."""
    told = {
        "AWS_ENDPOINT_URL": store,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return f"s3://lakes/{request.node.name}"


def fill(lake: Lake, days: int) -> None:
    """A file a day: hours of every meter, some estimated, some gone."""
    for number in range(days):
        rng = np.random.default_rng(number)
        start = int(start_of(date(2026, 5, 1 + number)).timestamp())
        made = [
            Series(
                meter, "E1", "import", "Wh",
                start + 3600 * np.arange(24), np.full(24, 3600),
                rng.integers(0, 5000, 24), rng.choice([0, 0, 0, 1, 3], 24),
            )
            for meter in METERS
        ]  # fmt: skip
        table = blocks.table_of(made, Mark(lake.next_version(), AT, "f" * 64))
        assert lake.append(table, transaction=f"t{number}", at=AT)


def everything(lake: Lake) -> Any:
    return lake.blocks(meter_ids=METERS, period=MAY.period).sort_by(ORDER)


def plain(dense: Dense) -> Context:
    return Context.estimating(dense, LIMITS)


def swept(lake: Lake, target: Path) -> bytes:
    days = Days.of(Period(date(2026, 5, 1), date(2026, 5, 7)))
    sweep(
        Files(lake.files(days), lake.disk), days, target, knows=lambda _: plain, judge=vee.judge,
        engine=engines.local(2),
    )  # fmt: skip
    return target.read_bytes()


def test_a_store_holds_what_a_folder_holds(url: str, tmp_path: Path) -> None:
    far, near = Lake(url), Lake(tmp_path / "lake")
    assert far.version() == 0
    fill(far, 6)
    fill(near, 6)

    assert everything(far) == everything(near)
    assert swept(far, tmp_path / "far.parquet") == swept(near, tmp_path / "near.parquet")
    assert far.reach("m03") == near.reach("m03") == (date(2026, 5, 1), date(2026, 5, 6))
    assert far.touched_since(4) == near.touched_since(4) != set()
    assert list(tmp_path.glob("s3*")) == []


def test_in_a_store_an_import_is_committed_once(url: str) -> None:
    fill(Lake(url), 2)
    before = everything(Lake(url))
    again = before.set_column(7, "ver", [np.full(before.num_rows, 9, np.int64)])

    assert not Lake(url).append(again.cast(blocks.SCHEMA), transaction="t1", at=AT)

    assert everything(Lake(url)) == before
    assert Lake(url).has("t1")


def test_in_a_store_files_are_merged_and_old_ones_deleted_later(url: str) -> None:
    lake = Lake(url)
    fill(lake, 6)
    before, old = everything(lake), [one.name for one in lake.held()]
    done = merging.merged(lake, merging.of_month(lake.held(), MAY), at=AT)

    assert lake.replace(done.old, done.new, at=AT)

    assert everything(lake) == before
    assert merging.leftovers(lake, at=AT + timedelta(days=6)) == []
    gone = merging.leftovers(lake, at=AT + timedelta(days=7))
    assert sorted(gone) == sorted(old)
    lake.delete(gone)
    assert lake.unused() == []
    assert everything(lake) == before


def test_a_file_is_imported_into_a_store_by_the_operation(
    url: str, street: Any, settings_of: Any, tmp_path: Path
) -> None:
    from tahseel.consumption.readings import operations, queries
    from tahseel.kernel.actor import system

    settings_of(LAKE=url)
    home = street.home()
    times = ",".join(f"{hour:02}:00" for hour in range(24))
    row = ",".join(str(100 + hour) for hour in range(24))
    path = tmp_path / "day.csv"
    path.write_text(f"meter,day,unit,{times}\n{home.serial},2026-05-01,Wh,{row}\n")

    outcome = operations.import_file(actor=system("import"), at=AT, path=path)

    assert (outcome.state, outcome.stored) == ("accepted", 24)
    (series,) = queries.intervals(meter_id=home.electricity, period=MAY.period)
    assert series.values.tolist() == list(range(100, 124))


def test_a_url_of_a_folder_is_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a lake"
    fill(Lake(folder.as_uri()), 1)

    assert everything(Lake(folder)) == everything(Lake(f"file://{folder}"))
    assert everything(Lake(folder)).num_rows == len(METERS)


@pytest.mark.parametrize("where", ["ftp://host/lake", "s3://bucket", "file://host/lake"])
def test_what_is_no_place_for_a_lake_is_refused(where: str) -> None:
    with pytest.raises(UnknownPlaceError):
        Place.of(where)
