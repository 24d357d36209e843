"""kill -9 in the middle of a large file: run again, every read stands once and none is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from tests.integration.registry import town

from tahseel.consumption.readings.lake import Days, Lake
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import Period

ROOT = Path(__file__).resolve().parents[4]
METERS, SLOTS, KILLS, TRIES = 12_000, 96, 8, 40
DAY = Period(date(2026, 5, 1), date(2026, 5, 2))
WAIT_S = 60
# The child imports one file; what it does before is not the matter of the test, so it says when.
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tahseel.app import runtime
from tahseel.kernel.actor import system
with runtime.running():
    from tahseel.consumption.readings import bulk_intake, operations
    bulk_intake.ROWS_PER_PART, bulk_intake.WORTH_BYTES = 2_000, 0
    print("begins", flush=True)
    at = datetime(2026, 6, 10, 8, tzinfo=UTC)
    outcome = operations.import_file(actor=system("import"), at=at, path=Path(sys.argv[1]))
    print(outcome.state, outcome.stored, outcome.parked, flush=True)
"""


def serial(number: int) -> str:
    return f"SM{number:06}"


@pytest.fixture
def meters(database: Any) -> list[str]:
    """Meters on record and committed, so that another process sees them."""
    from tahseel.kernel.quantity import Service
    from tahseel.registry.meters import operations, values

    made = []
    for number in range(METERS):
        meter_id = UUID(int=number + 1)
        register = values.NewRegister(
            derived_id(meter_id, "r"), "1.8.0", values.RegisterKind.IMPORT,
            values.DialUnit.KWH, 6, 0, 1,
        )  # fmt: skip
        made.append(
            values.NewMeter(
                meter_id, serial(number), Service.ELECTRICITY, "make", values.Phase.SINGLE,
                (register,),
            )
        )  # fmt: skip
    operations.add_many(actor=town.HOUSE, at=town.AT, batch="t", meters=made, installations=[])
    return [str(one.id) for one in made]


def written(path: Path) -> int:
    """The file, with two rows for one meter; returns the sum of what shall stand in the lake."""
    rng = np.random.default_rng(4)
    values = rng.integers(0, 3_000, (METERS, SLOTS))
    times = [f"{slot // 4:02}:{slot % 4 * 15:02}" for slot in range(SLOTS)]
    lines = [",".join(["meter", "day", "unit", *times])]
    lines += [
        f"{serial(n)},2026-05-01,Wh,{','.join(map(str, row))}"
        for n, row in enumerate(values.tolist())
    ]
    path.write_text("\n".join([*lines, lines[-1], lines[1].replace(serial(0), "nobody")]))
    return int(values.sum())


def child(database: Any, home: Path, path: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "TAHSEEL_VAR": str(home),
        "TAHSEEL_ROOT": str(ROOT),
        "TAHSEEL_CONNECTION": json.dumps(database.app),
        "TAHSEEL_OWNER_CONNECTION": json.dumps(database.owner),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    words = [sys.executable, "-c", CHILD, str(path)]
    started = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "begins\n"
    return started


def taken(
    link: psycopg.Connection[Any], home: Path, name: str, meters: list[str]
) -> tuple[Any, ...]:
    """Rows of files and of what is parked; meters, days and the sum of the lake."""
    files = link.execute(
        "select state, stored, parked from readings_file where name = %s", [name]
    ).fetchall()
    parked = link.execute(
        "select channel, code, p.reads from readings_parked p"
        " join readings_file f on f.id = file_id where f.name = %s order by 1",
        [name],
    ).fetchall()
    table = Lake(home / "lake").blocks(meter_ids=meters, period=DAY)
    values = np.asarray(table["values"].combine_chunks().flatten(), np.int64)
    return files, parked, table.num_rows, len(set(table["meter_id"].to_pylist())), values.sum()


def seconds_undisturbed(database: Any, home: Path, path: Path) -> float:
    undisturbed = child(database, home, path)
    began = time.monotonic()
    told, _ = undisturbed.communicate(timeout=WAIT_S)
    assert told == f"accepted {METERS * SLOTS} {2 * SLOTS}\n"
    return time.monotonic() - began


def another(path: Path, number: int) -> Path:
    """The same rows under another name and hash: an import of its own."""
    made = path.with_name(f"day-{number}.csv")
    made.write_text(path.read_text() + "\n" * number)
    return made


def test_killed_at_any_moment_a_large_file_is_taken_in_once(
    database: Any, tmp_path: Path, meters: list[str]
) -> None:
    path, rng = tmp_path / "day.csv", random.Random(8)
    whole = written(path)
    took = min(
        seconds_undisturbed(database, tmp_path / f"other {n}", another(path, n)) for n in (1, 2)
    )
    home, killed, tried = tmp_path / "var", 0, 0
    with database.as_admin() as link:
        while killed < KILLS:
            tried += 1
            assert tried <= TRIES, "the imports were over before they could be killed"
            running = child(database, home, path)
            time.sleep(rng.uniform(0, took))
            running.kill()
            running.communicate()
            if running.returncode:
                killed += 1
                continue
            assert_taken_once(link, home, path.name, meters, whole)
            took *= 0.8
            home, path = tmp_path / f"var {tried}", another(path, tried + 2)

        told, _ = child(database, home, path).communicate(timeout=WAIT_S)
        assert told.split()[0] in ("accepted", "known")
        assert_taken_once(link, home, path.name, meters, whole)


def assert_taken_once(
    link: psycopg.Connection[Any], home: Path, name: str, meters: list[str], whole: int
) -> None:
    files, parked, rows, here, total = taken(link, home, name, meters)
    assert files == [("accepted", METERS * SLOTS, 2 * SLOTS)]
    assert sorted(code for _, code, _ in parked) == ["interval_repeated", "unknown_meter"]
    assert (rows, here, total) == (METERS, METERS, whole)
    known = Lake(home / "lake").files(Days.of(DAY))
    assert {file.name for file in known} <= {p.name for p in (home / "lake").glob("*.parquet")}
