"""Rules that hold channels, reads and months of a meter against each other."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.consumption.readings import blocks, operations, queries
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import DialRead, Finding
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, start_of

JOB = actor.system("test")
OVER = date(2026, 6, 10)


def found(home: Any, rule: str, month: BillingMonth = MAY) -> list[Finding]:
    every = queries.findings(month=month, until=OVER, account_ids=[home.account_id])
    return [one for one in every if one.rule == rule]


def read(home: Any, day: date, kwh: int, quality: str = "actual", at: datetime = AT) -> None:
    row = DialRead(home.electricity, "1.8.0", start_of(day), kwh * 1_000, quality)
    operations.store_register_reads(actor=JOB, at=at, rows=[row], source="test")


def export(places: Path, meter_id: Any, hours: range) -> None:
    start = int(start_of(FIRST).timestamp())
    starts = np.array([start + 3600 * hour for hour in hours], np.int64)
    size = len(starts)
    series = blocks.Series(
        str(meter_id), "B1", "export", "Wh", starts, np.full(size, 3600), np.full(size, 50),
        np.zeros(size, np.int64),
    )  # fmt: skip
    lake = Lake(places / "lake")
    mark = blocks.Mark(lake.next_version(), AT, "e" * 64)
    lake.append(blocks.table_of([series], mark), transaction="export", at=AT)


def test_a_channel_whose_sibling_came_is_missing(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    export(places, home.electricity, range(24 * 3, HOURS))

    [one] = found(home, "sibling")

    assert (one.register, one.days) == ("B1", tuple(FIRST + timedelta(days=n) for n in range(3)))
    assert one.amounts == (24 * 50,) * 3


def test_a_meter_of_one_channel_has_no_sibling(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in, hours=range(48, HOURS))

    assert found(home, "sibling") == []


def test_a_dial_that_goes_back_is_told_and_one_that_goes_round_is_not(street: Any) -> None:
    back, around = street.home(multiplier=2), street.home()
    for home, dials in ((back, (500, 900, 870)), (around, (99_500, 99_900, 300))):
        for day, kwh in zip(
            (FIRST, FIRST + timedelta(9), FIRST + timedelta(20)), dials, strict=True
        ):
            read(home, day, kwh)

    [one] = found(back, "order")

    assert (one.days, one.amounts) == ((FIRST + timedelta(days=19),), (60_000,))
    assert found(around, "order") == []


def test_three_months_of_guessing_are_prolonged_and_two_are_not(street: Any) -> None:
    home = street.home()
    for n, month in enumerate((2, 3, 4, 5)):
        read(home, date(2026, month, 1), 100 * n, "estimated")
    for month in (2, 3, 4):
        operations.determine(actor=JOB, at=AT, month=BillingMonth(2026, month))

    told, before = found(home, "prolonged"), found(home, "prolonged", MAY.previous())

    assert [one.rule for one in told] == ["prolonged"]
    assert sum(told[0].amounts) == 300_000
    assert before == []


def test_intervals_that_are_a_power_of_ten_apart_from_the_dial_are_told(
    street: Any, places: Path
) -> None:
    wrong, right = street.home(), street.home()
    used = sum(map(lived_in, range(24 * 20)))
    for home, times in ((wrong, 10), (right, 1)):
        fill(places, home.electricity, lived_in)
        read(home, FIRST, 0)
        read(home, FIRST + timedelta(days=20), used * times // 1_000)

    [one] = found(wrong, "multiplier")

    assert (len(one.days), one.amounts[0]) == (20, used * 10 // 1_000 * 1_000 - used)
    assert found(right, "multiplier") == []


def test_one_multiplier_too_many_is_told(street: Any, places: Path) -> None:
    home = street.home(multiplier=40)
    fill(places, home.electricity, lived_in)
    read(home, FIRST, 0)
    read(home, FIRST + timedelta(days=20), sum(map(lived_in, range(24 * 20))) // 1_000)

    assert [one.rule for one in found(home, "multiplier")] == ["multiplier"]
