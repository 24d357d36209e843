"""Files into the lake and the tables: once, whole or not at all, bad parts parked and replayed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tahseel.consumption.readings import formats, operations, queries, rules
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Flag
from tahseel.kernel import actor
from tahseel.kernel.period import Period, start_of

AT = datetime(2026, 6, 10, 8, tzinfo=UTC)
JOB = actor.system("import")
ALWAYS = Period(date(2023, 1, 1), date(2027, 1, 1))
HEAD = "100,NEM12,202401010000,MDP,RET\n"


def nem12(nmi: str, *days: str, suffix: str = "E1", value: str = "1", serial: str = "X") -> str:
    rows = "".join(f"300,{d},{','.join([value] * 24)},A,,,,\n" for d in days)
    return f"200,{nmi},E1,1,{suffix},N1,{serial},kWh,60,\n{rows}"


def write(folder: Path, name: str, *parts: str) -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(parts) + "900\n")
    return path


def take(*paths: Path, **facts: Any) -> Any:
    return operations.import_files(actor=JOB, at=AT, paths=paths, **facts)


def rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def in_lake(places: Path, meter_id: object) -> int:
    series = Lake(places / "lake").read(meter_ids=[str(meter_id)], period=ALWAYS)
    return sum(int(s.values.sum()) for s in series)


def test_a_file_is_stored_once_and_kept_raw(street: Any, places: Path) -> None:
    home = street.home()
    path = write(places, "a.csv", nem12(home.serial, "20260101"), nem12(home.serial, "20260102"))

    first, again = take(path), take(path)
    path.rename(places / "renamed.csv")
    renamed = take(places / "renamed.csv")

    assert (first.files[0].state, first.stored, first.parked) == ("accepted", 48, 0)
    assert [r.files[0].state for r in (again, renamed)] == ["known", "known"]
    assert (again.stored, renamed.stored) == (0, 0)
    assert in_lake(places, home.electricity) == 48_000
    assert rows("select count(*), sum(stored) from readings_file") == [(1, 48)]
    (raw,) = (places / "raw").iterdir()
    assert raw.read_bytes() == (places / "renamed.csv").read_bytes()
    assert queries.counts().reads_accepted == 48


def test_a_refused_file_stores_nothing_and_stops_no_other(street: Any, places: Path) -> None:
    home = street.home()
    good = write(places, "good.csv", nem12(home.serial, "20260101"))
    bad = write(places, "bad.csv", nem12(home.serial, "20260102").replace("A,,,,", "V,,,,"))

    report = take(bad, places / "nothing.csv", good)

    assert [f.state for f in report.files] == ["refused", "refused", "accepted"]
    assert report.files[0].summary["refusal"]["code"] == "events_missing"
    assert report.files[1].summary["refusal"]["code"] == "unreadable"
    assert in_lake(places, home.electricity) == 24_000
    assert len(list((places / "raw").iterdir())) == 2
    assert rows("select state, refusal ->> 'line' from readings_file order by state") == [
        ("accepted", None),
        ("refused", "3"),
    ]
    assert rows("select name from kernel_outbox where name like 'readings:%' order by name") == [
        ("readings:file:accepted",),
        ("readings:file:refused",),
    ]


def test_an_unknown_meter_is_parked_and_replayed_once_it_is_known(
    street: Any, places: Path
) -> None:
    home = street.home()
    path = write(places, "a.csv", nem12("NMI9", "20260101"), nem12(home.serial, "20260101"))

    report = take(path)
    none_yet = operations.replay_parked(actor=JOB, at=AT)
    operations.link_usage_point(
        actor=JOB, at=AT, usage_point="NMI9", meter_id=street.home().electricity
    )
    replayed = operations.replay_parked(actor=JOB, at=AT)
    again = operations.replay_parked(actor=JOB, at=AT)

    assert (report.stored, report.parked) == (24, 24)
    assert (none_yet, replayed, again) == (0, 24, 0)
    assert rows("select code, reads, state from readings_parked") == [
        ("unknown_meter", 24, "replayed")
    ]
    assert queries.counts().reads_accepted == 48
    assert queries.counts().reads_rejected == 0


def test_what_is_not_sold_or_not_a_quantity_is_parked_with_its_reason(
    street: Any, places: Path
) -> None:
    home = street.home()
    volts = nem12(home.serial, "20260101", suffix="V1").replace("kWh", "volts")
    export = nem12(home.serial, "20260101", suffix="B1", value="2")
    negative = nem12(home.serial, "20260101", value="-1")
    path = write(places, "a.csv", volts, export, negative)
    feed = places / "gas.xml"
    feed.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="self" href="/UsagePoint/1"/>'
        '<content><UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>1</kind>'
        "</ServiceCategory></UsagePoint></content></entry><entry><link rel='self' "
        'href="/UsagePoint/1/MeterReading/1/IntervalBlock/1"/><content><IntervalBlock '
        'xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>3600</duration>'
        "<start>0</start></timePeriod><value>5</value></IntervalReading></IntervalBlock>"
        "</content></entry></feed>"
    )

    take(path, feed)

    assert queries.parked_by_reason() == {
        "not_a_quantity": 24,
        "service_not_sold": 1,
        "value_negative": 24,
    }
    kinds = {s.kind for s in Lake(places / "lake").read(
        meter_ids=[str(home.electricity)], period=ALWAYS
    )}  # fmt: skip
    assert kinds == {"export"}


def test_a_repeated_or_overlapping_interval_is_parked(street: Any, places: Path) -> None:
    home = street.home()
    path = write(
        places,
        "a.csv",
        nem12(home.serial, "20260101"),
        nem12(home.serial, "20260101"),
        nem12(home.serial, "20260101", value="7"),
    )

    take(path)

    assert queries.parked_by_reason() == {"interval_overlaps": 24, "interval_repeated": 24}
    assert in_lake(places, home.electricity) == 24_000


def test_redating_moves_by_whole_weeks_and_keeps_totals(street: Any, places: Path) -> None:
    home = street.home()
    path = write(places, "a.csv", nem12(home.serial, "20240105", "20240106"))
    end = date(2026, 6, 10)

    take(path, weeks=rules.weeks_together([formats.parse(path)], end=end))

    (series,) = Lake(places / "lake").read(meter_ids=[str(home.electricity)], period=ALWAYS)
    ends = (series.starts + series.durations)[series.flags != Flag.MISSING]
    last = datetime.fromtimestamp(int(ends[-1]), UTC)
    assert start_of(end) - timedelta(days=7) < last <= start_of(end)
    assert (last - datetime(2024, 1, 6, 14, tzinfo=UTC)) % timedelta(days=7) == timedelta(0)
    assert int(series.values.sum()) == 48_000


def test_two_months_of_one_meter_move_together_and_keep_their_sum(
    street: Any, places: Path
) -> None:
    home, other = street.home(), street.home()
    paths = [
        write(places, "january.csv", nem12(home.serial, "20240105", "20240106")),
        write(places, "february.csv", nem12(home.serial, "20240205", "20240206")),
        write(places, "other.csv", nem12(other.serial, "20240105", "20240106")),
    ]
    end = date(2026, 6, 10)

    weeks = rules.weeks_together([formats.parse(path) for path in paths], end=end)
    take(*paths, weeks=weeks)

    assert weeks[str(paths[0])] == weeks[str(paths[1])] < weeks[str(paths[2])]
    assert in_lake(places, home.electricity) == 2 * 48_000
    assert in_lake(places, other.electricity) == 48_000


def test_files_that_share_meters_by_way_of_a_third_move_together(places: Path) -> None:
    one = write(places, "one.csv", nem12("A1", "20240105"))
    two = write(places, "two.csv", nem12("B1", "20240305"))
    joins = write(places, "joins.csv", nem12("A1", "20240201"), nem12("B1", "20240201"))
    end = date(2026, 6, 10)

    alone = rules.weeks_together([formats.parse(path) for path in (one, two)], end=end)
    joined = rules.weeks_together([formats.parse(path) for path in (one, two, joins)], end=end)

    assert alone[str(one)] > alone[str(two)]
    assert set(joined.values()) == {alone[str(two)]}


def test_register_reads_come_from_csv_and_bad_rows_are_parked(street: Any, places: Path) -> None:
    home = street.home()
    path = places / "r.csv"
    path.write_text(
        "meter,register,at,value,unit\n"
        f"{home.serial},1.8.0,2026-01-01,100,kWh\n"
        f"{home.serial},1.8.0,2026-02-01,123456,kWh\n"
        f"{home.serial},9.9.9,2026-02-01,1,kWh\n"
        f"{home.water_serial},8.0.1,2026-02-01,1,kWh\n"
        "NOBODY,1.8.0,2026-02-01,1,kWh\n"
        f"{home.water_serial},8.0.1,2026-02-01,10,imperial_gallons\n"
    )

    report = take(path)

    assert (report.stored, report.parked) == (2, 4)
    assert queries.parked_by_reason() == {
        "unit_differs": 1,
        "unknown_meter": 1,
        "unknown_register": 1,
        "value_beyond_dial": 1,
    }
    assert rows("select value from readings_register_read order by value") == [(45,), (100_000,)]


def test_a_corrected_read_is_a_new_version_and_the_same_read_is_nothing(street: Any) -> None:
    home = street.home()

    def store(value: int) -> int:
        read = (home.electricity, "1.8.0", AT, value, "actual")
        return operations.store_register_reads(actor=JOB, at=AT, rows=[read], source="test")

    assert [store(5), store(5), store(6)] == [1, 0, 1]
    assert rows("select version, value from readings_register_read order by version") == [
        (1, 5),
        (2, 6),
    ]


@pytest.mark.parametrize(
    "table", ["readings_file", "readings_register_read", "readings_determinant"]
)
def test_what_was_read_is_never_changed(street: Any, database: Any, table: str) -> None:
    with database.as_app() as link:
        for statement in (f"delete from {table}", f"truncate {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(statement)
    with database.as_owner() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(f"truncate {table} cascade")


def test_an_import_leaves_its_leaf(street: Any, places: Path) -> None:
    path = write(places, "a.csv", nem12("NMI9", "20260101"))

    take(path)

    found = rows("select convert_from(body, 'utf8') from audit_leaf")
    assert any("readings.import_file" in body and str(path) in body for (body,) in found)
