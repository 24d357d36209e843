"""What the interval rules find in a month of the lake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.consumption.lake_days import AT, FIRST, MAY, fill, lived_in

from tahseel.consumption.readings import operations, queries
from tahseel.consumption.readings.lake import Lake
from tahseel.kernel import actor
from tahseel.kernel.period import start_of
from tahseel.registry.premises.values import Sector

JOB = actor.system("test")


def told(home: Any, until: date = date(2026, 6, 10)) -> dict[str, tuple[int, list[date]]]:
    return {
        one.rule: (one.times, list(one.days))
        for one in queries.findings(month=MAY, until=until)
        if one.meter_id == home.electricity
    }


def read(home: Any, day: date, kwh: int) -> None:
    row = (home.electricity, "1.8.0", start_of(day), kwh * 1000, "actual")
    operations.store_register_reads(actor=JOB, at=AT, rows=[row], source="test")


def test_a_sound_month_is_told_by_no_rule(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)

    assert told(home) == {}


def test_each_fault_is_told_by_its_rule_and_its_day(street: Any, places: Path) -> None:
    home = street.home()
    faults: dict[int, int | None] = {50: None, 51: None, 100: 90_000}
    faults |= dict.fromkeys(range(240, 252), 4_321) | dict.fromkeys(range(480, 552), 0)
    fill(places, home.electricity, lambda hour: faults.get(hour, lived_in(hour)))

    assert told(home) == {
        "missing": (2, [FIRST + timedelta(days=2)]),
        "spike": (1, [FIRST + timedelta(days=4)]),
        "stuck": (12, [FIRST + timedelta(days=10)]),
        "zero": (72, [FIRST + timedelta(days=day) for day in (20, 21, 22)]),
    }


def test_intervals_that_differ_from_the_dial_are_told_over_its_span(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    used = sum(lived_in(hour) for hour in range(24)) * 10 // 1000
    read(home, FIRST + timedelta(days=4), 99_900)
    read(home, FIRST + timedelta(days=14), (99_900 + used) % 100_000)
    read(home, FIRST + timedelta(days=24), (99_900 + 2 * used + 50) % 100_000)

    assert told(home) == {"sum": (1, [FIRST + timedelta(days=day) for day in range(14, 24)])}


def test_a_day_is_held_against_the_month_before(street: Any, places: Path) -> None:
    home = street.home()
    read(home, date(2026, 4, 1), 100)
    read(home, FIRST, 100 + 30 * 36)
    operations.determine(actor=JOB, at=AT, month=MAY.previous())
    busy = range(9 * 24, 10 * 24)
    fill(places, home.electricity, lambda h: lived_in(h) * (6 if h in busy else 1))

    assert told(home)["high"] == (1, [FIRST + timedelta(days=9)])


@pytest.mark.parametrize(("sector", "stuck"), [("investment", True), ("government", False)])
def test_a_rule_is_off_where_the_data_say_so(
    street: Any, places: Path, sector: str, stuck: bool
) -> None:
    home = street.home(sector=Sector(sector))
    fill(places, home.electricity, lambda h: 4_000 if h in range(48, 60) else lived_in(h))

    assert ("stuck" in told(home)) is stuck


@pytest.mark.parametrize(
    ("until", "missing"), [(FIRST, 0), (date(2026, 5, 11), 5), (MAY.next().first_day, 10)]
)
def test_days_that_are_not_over_are_not_missing(
    street: Any, places: Path, until: date, missing: int
) -> None:
    home = street.home()
    gone = {*range(24, 29), *range(480, 485)}
    fill(places, home.electricity, lambda hour: None if hour in gone else lived_in(hour))

    assert told(home, until).get("missing", (0, []))[0] == missing


def test_judging_a_month_writes_nothing(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lambda hour: None if hour < 5 else lived_in(hour))
    version, counts = Lake(places / "lake").next_version(), queries.counts()

    assert told(home)["missing"] == (5, [FIRST])
    assert (Lake(places / "lake").next_version(), queries.counts()) == (version, counts)
