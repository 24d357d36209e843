"""Large daily files: what the quick reader takes in is what the careful one would have taken."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from tahseel.consumption.readings import bulk_intake, formats, operations
from tahseel.consumption.readings.formats import interval_csv, plain_wide
from tahseel.consumption.readings.lake import Days, Lake
from tahseel.kernel import actor
from tahseel.kernel.period import Period

AT = datetime(2026, 6, 10, 8, tzinfo=UTC)
JOB = actor.system("import")
ALWAYS = Period(date(2023, 1, 1), date(2027, 1, 1))
TIMES = [f"{hour:02}:00" for hour in range(24)]
SEEDS = range(40)


@dataclass(frozen=True)
class Taken:
    """What became of a file: outcome, parked rows, and every value in the lake."""

    outcome: Any
    parked: list[Any]
    lake: dict[tuple[str, str], list[tuple[int, int, int]]]


class Undone(Exception):  # noqa: N818 - takes a transaction back
    pass


def imported(path: Path, lake: Path, meters: list[str], *, quickly: bool, weeks: int) -> Taken:
    """Import a file into a lake of its own; nothing of it stays in the database."""
    found: list[Taken] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LAKE", str(lake))
        patch.setattr(bulk_intake, "WORTH_BYTES", 0 if quickly else 1 << 40)
        patch.setattr(bulk_intake, "ROWS_PER_PART", 3)
        patch.setattr(plain_wide, "CHUNK_BYTES", 700)
        try:
            with transaction.atomic():
                outcome = operations.import_file(actor=JOB, at=AT, path=path, weeks=weeks)
                found.append(Taken(outcome, _parked(), _values(lake, meters)))
                raise Undone
        except Undone:
            pass
    return found[0]


def _parked() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select channel, code, line, reads, record::text from readings_parked order by 1, 2, 3"
        )
        return list(cursor.fetchall())


def _values(lake: Path, meters: list[str]) -> dict[tuple[str, str], list[tuple[int, int, int]]]:
    return {
        (one.meter_id, one.register): list(
            zip(one.starts.tolist(), one.values.tolist(), one.flags.tolist(), strict=True)
        )
        for one in Lake(lake).read(meter_ids=meters, period=ALWAYS)
    }


def file_of(rng: random.Random, serials: list[str]) -> str:
    """A file of days: mostly plain rows, some with a fault of every kind."""
    unit = rng.choice(["Wh", "kWh", "kWh"])
    columns = ["meter", "day", "unit", *(["quality"] if rng.random() < 0.5 else [])]
    columns += ["register"] if rng.random() < 0.3 else []
    rows = []
    for _ in range(rng.randint(1, 40)):
        cells = {
            "meter": rng.choice([*serials, *serials, *serials, "nobody-1"]),
            "day": f"2026-{rng.randint(3, 5):02}-{rng.randint(1, 28):02}",
            "unit": unit,
            "quality": rng.choice(["", "actual", "Estimated", "missing"]),
            "register": rng.choice(["", "1.8.0", "2.8.0"]),
        }
        values = [_value(rng, unit) for _ in TIMES]
        if rng.random() < 0.08:
            _spoil(rng, cells, values)
        rows.append(",".join([cells[name] for name in columns] + values))
        rows += ["", "," * (len(columns) + 23)] if rng.random() < 0.03 else []
    end = rng.choice(["\n", "\n", "\r\n"])
    return end.join([",".join(columns + TIMES), *rows]) + rng.choice(["", end])


def _value(rng: random.Random, unit: str) -> str:
    if rng.random() < 0.02:
        return ""
    number = rng.randint(0, 5_000)
    return str(number) if unit == "Wh" else f"{number // 1000}.{number % 1000:03}"


def _spoil(rng: random.Random, cells: dict[str, str], values: list[str]) -> None:
    at = rng.randrange(len(values))
    values[at] = rng.choice(
        ["-3", "x", "0x1F", "1e3", "12.34567", "99999999999", "+7", " 5 ", "NaN", ".5", "5.", "1_0"]
    )
    if rng.random() < 0.3:
        name = rng.choice(list(cells))
        cells[name] = rng.choice(
            ["", "W", "l", "2026-02-30", "20260501", "2026-05-01T01:00", " Wh", "é", "x" * 90]
        )
    if rng.random() < 0.2:
        values.pop()


def _must_not(path: Path, **_: Any) -> Any:
    raise AssertionError("the careful reader read all of it")


@pytest.mark.parametrize("seed", SEEDS)
def test_both_readers_take_the_same_in(
    street: Any, places: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = [street.home() for _ in range(6)]
    rng = random.Random(seed)
    path = places / "large.csv"
    path.write_text(file_of(rng, [home.serial for home in homes] + [homes[0].water_serial]))
    meters = [str(m) for home in homes for m in (home.electricity, home.water)]
    weeks = rng.choice([0, 0, 2])

    try:
        careful = imported(path, places / "careful", meters, quickly=False, weeks=weeks)
    except formats.FileRefused:
        pytest.fail("a generated file is never refused")
    with monkeypatch.context() as patch:
        patch.setattr(formats, "parse", _must_not)
        quick = imported(path, places / "quick", meters, quickly=True, weeks=weeks)

    assert quick.lake == careful.lake
    assert quick.parked == careful.parked
    assert (quick.outcome.stored, quick.outcome.parked) == (
        careful.outcome.stored,
        careful.outcome.parked,
    )
    files = Lake(places / "quick").files(Days.of(ALWAYS))
    assert sorted((places / "quick").glob("*.parquet")) == files
    for told in ("reads", "missing", "format"):
        assert quick.outcome.summary[told] == careful.outcome.summary[told]
    channels = [
        sorted(one.outcome.summary["channels"], key=lambda c: c["id"]) for one in (quick, careful)
    ]
    assert channels[0] == channels[1]


@pytest.mark.parametrize(
    "value",
    ["-3", "x", "0x1F", "1e3", "12.5", "99999999999", "+7", " 5 ", "NaN", ".5", "5.", "1_0"],
)
@pytest.mark.parametrize("unit", ["Wh", "kWh"])
def test_a_number_written_otherwise_means_what_the_careful_reader_says(
    street: Any, places: Path, value: str, unit: str
) -> None:
    home = street.home()
    lines = [
        ",".join(["meter", "day", "unit", *TIMES]),
        f"{home.serial},2026-05-01,{unit},{value},{','.join(['2'] * 23)}",
        f"{home.serial},2026-05-02,{unit},{','.join(['3'] * 24)}",
    ]
    path = places / "large.csv"
    path.write_text("\n".join(lines))
    meters = [str(home.electricity)]

    careful = imported(path, places / "careful", meters, quickly=False, weeks=0)
    quick = imported(path, places / "quick", meters, quickly=True, weeks=0)

    assert (quick.lake, quick.parked) == (careful.lake, careful.parked)


LONG = "9" * 200_000
HEADER = ",".join(["meter", "day", "unit", *TIMES])


def line_of(serial: str, day: str = "2026-05-01", first: str = "2") -> str:
    return ",".join([serial, day, "Wh", first, *["2"] * 23])


def hostile(serial: str, other: str) -> dict[str, str]:
    """Files that nobody sends who means well; each has a good row too."""
    good, end = line_of(serial), line_of(other)
    return {
        "long serial first": "\n".join([HEADER, line_of(LONG), good]),
        "long serial": "\n".join([HEADER, good, line_of(LONG)]),
        "long value": "\n".join([HEADER, good, line_of(other, first=LONG)]),
        "long name of a column": "\n".join([f"{HEADER},{LONG}", f"{good},1"]),
        "long cell nobody reads": "\n".join([f"{HEADER},note", f"{good},1", f"{end},{LONG}"]),
        "returns alone": "\r".join([HEADER, good, end]),
        "return in a name": "\n".join([HEADER, good, line_of("a\rb")]),
        "sign between names": "\n".join([HEADER, good, line_of("a\x1fb"), line_of("\x1f")]),
        "zero byte": "\n".join([HEADER, good, line_of("a\0b")]),
        "other ends of lines": "\n".join([HEADER, good, line_of("a\x0b\x0c\x1c\x85\u2028b", "x")]),
        "half a character": "\n".join([HEADER, good, line_of("a\udcff\udcfeb")]),
        "column twice": "\n".join([f"meter,{HEADER}", f"zz,{good}"]),
        "interval twice": "\n".join([f"{HEADER},00:00", f"{good},1"]),
        "thousands of columns": "\n".join([HEADER + ",c" * 20_000, good + ",1" * 20_000]),
        "thousands of cells": "\n".join([HEADER, good, end + ",1" * 20_000]),
        "unit in Arabic": "\n".join([HEADER, good, end.replace("Wh", "كيلوواط")]),
        "days nobody means": "\n".join([HEADER, good, line_of(other, "9999-12-31")]),
        "a mark first": "\ufeff" + "\n".join([HEADER, good, end]),
        "cut off": "\n".join([HEADER, good, f"{other},"]),
    }


@pytest.mark.parametrize("name", sorted(hostile("", "")))
def test_of_a_hostile_file_both_readers_say_the_same(street: Any, places: Path, name: str) -> None:
    homes = [street.home() for _ in range(2)]
    path = places / "large.csv"
    text = hostile(homes[0].serial, homes[1].serial)[name]
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    meters = [str(home.electricity) for home in homes]

    careful = imported(path, places / "careful", meters, quickly=False, weeks=0)
    quick = imported(path, places / "quick", meters, quickly=True, weeks=0)

    assert (quick.lake, quick.parked) == (careful.lake, careful.parked)
    assert quick.outcome.state == careful.outcome.state
    assert quick.outcome.summary.get("refusal") == careful.outcome.summary.get("refusal")


def test_an_import_that_stopped_behind_the_lake_is_taken_in_once(street: Any, places: Path) -> None:
    homes = [street.home() for _ in range(4)]
    path = places / "large.csv"
    path.write_text(file_of(random.Random(1), [home.serial for home in homes]))
    meters = [str(home.electricity) for home in homes]

    first = imported(path, places / "lake", meters, quickly=True, weeks=0)
    again = imported(path, places / "lake", meters, quickly=True, weeks=0)

    assert again.lake == first.lake
    assert Lake(places / "lake").version() == 1
    files = Lake(places / "lake").files(Days.of(ALWAYS))
    assert sorted((places / "lake").glob("*.parquet")) == files


def test_rows_of_a_meter_that_comes_later_are_replayed(
    street: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = street.home()
    path = places / "large.csv"
    day = ",".join(["4"] * 24)
    path.write_text(
        ",".join(["meter", "day", "unit", *TIMES])
        + f"\nlater-1,2026-05-01,Wh,{day}\n{home.serial},2026-05-01,Wh,{day}\n"
    )
    monkeypatch.setattr(bulk_intake, "WORTH_BYTES", 0)
    operations.import_file(actor=JOB, at=AT, path=path)
    operations.link_usage_point(actor=JOB, at=AT, usage_point="later-1", meter_id=home.electricity)
    monkeypatch.setattr(interval_csv, "READS_MAX", 30)  # the whole file is too much to replay

    stored = operations.replay_parked(actor=JOB, at=AT)

    assert stored == 24


def test_a_large_file_without_one_good_row_is_refused(
    street: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = street.home()
    path = places / "large.csv"
    bad = f"{home.serial},2026-02-30,Wh,{','.join(['4'] * 24)}"
    path.write_text("\n".join([",".join(["meter", "day", "unit", *TIMES]), bad, bad]))
    monkeypatch.setattr(bulk_intake, "WORTH_BYTES", 0)

    outcome = operations.import_file(actor=JOB, at=AT, path=path)

    assert (outcome.state, outcome.summary["refusal"]["code"]) == ("refused", "no_interval")
    assert not list((places / "lake").glob("*.parquet"))


def test_a_file_with_too_many_odd_rows_is_left_to_the_careful_reader(
    street: Any, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = street.home()
    path = places / "large.csv"
    rows = [f"{name},2026-05-01,Wh,{','.join(['4'] * 24)}" for name in ("n-1", "n-2", home.serial)]
    path.write_text("\n".join([",".join(["meter", "day", "unit", *TIMES]), *rows]))
    monkeypatch.setattr(bulk_intake, "WORTH_BYTES", 0)
    monkeypatch.setattr(bulk_intake, "ODD_MAX", 1)

    outcome = operations.import_file(actor=JOB, at=AT, path=path)

    assert (outcome.state, outcome.stored, outcome.parked) == ("accepted", 24, 48)
    assert len(list((places / "lake").glob("*.parquet"))) == 1


@pytest.mark.parametrize("quickly", [False, True])
def test_versions_follow_commits_because_one_import_appends_at_a_time(
    street: Any, places: Path, monkeypatch: pytest.MonkeyPatch, quickly: bool
) -> None:
    home = street.home()
    path = places / "large.csv"
    row = f"{home.serial},2026-05-01,Wh,{','.join(['4'] * 24)}"
    path.write_text("\n".join([",".join(["meter", "day", "unit", *TIMES]), row]))
    monkeypatch.setattr(bulk_intake, "WORTH_BYTES", 0 if quickly else 1 << 40)
    parameters = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password")
    with psycopg.connect(**{n: parameters[n] for n in names if parameters.get(n)}) as other:
        other.execute("select pg_advisory_xact_lock(hashtextextended('readings_lake', 0))")
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '200ms'")
        with pytest.raises(OperationalError):
            operations.import_file(actor=JOB, at=AT, path=path)
        assert not list((places / "lake").glob("*.parquet"))
        other.rollback()

        outcome = operations.import_file(actor=JOB, at=AT, path=path)

    assert (outcome.state, outcome.stored) == ("accepted", 24)
