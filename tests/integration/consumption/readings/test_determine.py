"""Determinants: registers first, then complete intervals, then an estimate, else a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tahseel.consumption.readings import blocks, operations, queries
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Method
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, Period, start_of
from tahseel.kernel.quantity import Service

AT = datetime(2026, 6, 10, 8, tzinfo=UTC)
JOB = actor.system("determine")
MAY = BillingMonth(2026, 5)
FIRST, END = date(2026, 5, 1), date(2026, 6, 1)


def dial(meter_id: Any, day: date, kwh: int, quality: str = "actual", hours: int = 0) -> Any:
    at = start_of(day) + timedelta(hours=hours)
    return (meter_id, "1.8.0", at, kwh * 1000, quality)


def store(*reads: Any) -> None:
    operations.store_register_reads(actor=JOB, at=AT, rows=reads, source="test")


def run(**facts: Any) -> Any:
    return operations.determine(actor=JOB, at=AT, month=MAY, **facts)


def only(home: Any) -> Any:
    (found,) = [d for d in queries.determinants(month=MAY) if d.meter_id == home.electricity]
    return found


def fill(
    places: Path, meter_id: Any, hours: Iterable[int], name: str = "t", each: int = 10
) -> None:
    start = int(start_of(FIRST).timestamp())
    starts = np.array([start + 3600 * h for h in hours], dtype=np.int64)
    count = len(starts)
    series = blocks.Series(
        str(meter_id), "E1", "import", "Wh", starts, np.full(count, 3600), np.full(count, each),
        np.zeros(count, dtype=np.int64),
    )  # fmt: skip
    lake = Lake(places / "lake")
    mark = blocks.Mark(lake.next_version(), AT, "f" * 64)
    lake.append(blocks.table_of([series], mark), transaction=name, at=AT)


def test_the_difference_of_two_dials_times_the_multiplier(street: Any) -> None:
    home = street.home(multiplier=40)
    store(dial(home.electricity, FIRST, 100), dial(home.electricity, END, 350))

    report = run()

    found = only(home)
    assert (found.quantity, found.method, found.days) == (250_000 * 40, Method.REGISTER, 31)
    assert (found.from_value, found.to_value, found.estimated_share) == (100_000, 350_000, 0)
    assert (found.from_at, found.to_at) == (start_of(FIRST), start_of(END))
    assert [(g.service, g.reason) for g in report.gaps] == [(Service.WATER, "no_reads")]
    assert (report.written, report.by_method) == (1, {Method.REGISTER: 1})


def test_a_dial_that_went_round_is_followed_and_one_that_went_back_is_not(street: Any) -> None:
    round_home, back_home = street.home(), street.home()
    store(dial(round_home.electricity, FIRST, 99_900), dial(round_home.electricity, END, 150))
    store(dial(back_home.electricity, FIRST, 400), dial(back_home.electricity, END, 300))

    report = run()

    assert only(round_home).quantity == 250_000
    assert (back_home.electricity, "register_went_back") in [
        (g.meter_id, g.reason) for g in report.gaps
    ]


def test_a_read_within_half_a_day_of_the_boundary_is_the_boundary_s(street: Any) -> None:
    home = street.home()
    store(
        dial(home.electricity, FIRST, 100, hours=9),
        dial(home.electricity, END, 350, hours=-11),
        dial(home.electricity, END, 380, hours=20),
    )

    run()

    assert (only(home).quantity, only(home).method) == (250_000, Method.REGISTER)


def test_between_neighbours_the_dial_is_estimated_and_says_so(street: Any) -> None:
    home = street.home()
    store(
        dial(home.electricity, FIRST, 100),
        dial(home.electricity, END - timedelta(days=1), 400),
        dial(home.electricity, END + timedelta(days=1), 420),
    )

    run()

    found = only(home)
    assert (found.quantity, found.method) == (310_000, Method.ESTIMATED)
    assert found.estimated_share == Decimal("0.03226")  # one day of thirty-one


def test_a_boundary_that_was_estimated_makes_the_whole_an_estimate(street: Any) -> None:
    home = street.home()
    store(dial(home.electricity, FIRST, 100), dial(home.electricity, END, 350, "estimated"))

    run()

    assert (only(home).method, only(home).estimated_share) == (Method.ESTIMATED, 1)


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ([], "no_reads"),
        ([FIRST], "no_closing_read"),
        ([END], "no_opening_read"),
        ([date(2026, 4, 1)], "no_opening_read"),
    ],
)
def test_no_data_is_never_zero(street: Any, days: list[date], reason: str) -> None:
    home = street.home()
    store(*(dial(home.electricity, day, 100) for day in days))

    report = run()

    assert {g.reason for g in report.gaps if g.meter_id == home.electricity} == {reason}
    assert queries.determinants(month=MAY) == []


def test_complete_intervals_decide_where_registers_do_not(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, range(-5, 31 * 24 + 5))

    run()

    assert (only(home).quantity, only(home).method) == (7_440, Method.INTERVAL)


def test_a_missing_hour_is_estimated_and_gives_way_to_the_real_one(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, [h for h in range(31 * 24) if h != 100])

    run()

    guessed = only(home)
    assert (guessed.quantity, guessed.method, guessed.version) == (7_440, Method.INTERVAL, 1)
    assert guessed.estimated_share == Decimal("0.00134")
    fill(places, home.electricity, [100], name="later", each=90)
    assert run().written == 1
    assert (only(home).quantity, only(home).estimated_share) == (7_520, 0)
    assert only(home).version == 2


def test_where_most_of_a_month_did_not_come_nothing_is_estimated(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, range(15 * 24))

    report = run()

    assert ("intervals_incomplete") in [g.reason for g in report.gaps]
    assert home.electricity not in {d.meter_id for d in queries.determinants(month=MAY)}


def test_of_two_estimates_the_one_that_guesses_less_stands(street: Any, places: Path) -> None:
    few_missing, many_missing = street.home(), street.home()
    fill(places, few_missing.electricity, range(1, 31 * 24), name="few")
    fill(places, many_missing.electricity, range(18 * 24), name="many")
    for home in (few_missing, many_missing):
        for day, kwh in ((-9, 1), (2, 20), (28, 30), (40, 50)):
            store(dial(home.electricity, FIRST + timedelta(days=day), kwh))

    run()

    assert only(few_missing).method is Method.INTERVAL
    assert only(many_missing).method is Method.ESTIMATED


def test_registers_come_before_intervals_and_intervals_before_estimates(
    street: Any, places: Path
) -> None:
    by_register, by_interval = street.home(), street.home()
    for n, home in enumerate((by_register, by_interval)):
        fill(places, home.electricity, range(31 * 24), name=f"t{n}")
    store(dial(by_register.electricity, FIRST, 1), dial(by_register.electricity, END, 2))
    store(
        dial(by_interval.electricity, FIRST - timedelta(days=9), 1),
        dial(by_interval.electricity, END + timedelta(days=9), 50),
    )

    run()

    assert only(by_register).method is Method.REGISTER
    assert only(by_interval).method is Method.INTERVAL


def test_running_again_changes_nothing_and_a_correction_is_a_new_version(street: Any) -> None:
    home = street.home()
    store(dial(home.electricity, FIRST, 100), dial(home.electricity, END, 350))

    first, again = run(), run()
    store(dial(home.electricity, END, 360))
    corrected = run(account_ids=[home.account_id])

    assert [(r.written, r.unchanged) for r in (first, again, corrected)] == [
        (1, 0),
        (0, 1),
        (1, 0),
    ]
    assert (only(home).version, only(home).quantity) == (2, 260_000)


def test_an_account_opened_within_the_month_is_billed_from_its_day(street: Any) -> None:
    home = street.home(opened=date(2026, 5, 11))
    store(
        dial(home.electricity, FIRST, 100),
        dial(home.electricity, date(2026, 5, 11), 180),
        dial(home.electricity, END, 350),
    )

    run()

    assert (only(home).quantity, only(home).days) == (170_000, 21)


def test_an_exchanged_meter_counts_with_both_devices(street: Any) -> None:
    from tahseel.registry.meters import operations as meters

    home = street.home()
    store(dial(home.electricity, FIRST, 100))
    new = street.meter("NEW", Service.ELECTRICITY)
    meters.add_meter(actor=JOB, at=AT, meter=new)
    meters.exchange(
        actor=JOB, at=AT, id=street.make_id(AT), service_point_id=home.electricity_point,
        day=date(2026, 5, 21), new_meter_id=new.id, closing={"1.8.0": "300"},
        opening={"1.8.0": "7"},
    )  # fmt: skip
    store((new.id, "1.8.0", start_of(END), 107_000, "actual"))

    run()

    found = {d.meter_id: (d.quantity, d.days) for d in queries.determinants(month=MAY)}
    assert found == {home.electricity: (200_000, 20), new.id: (100_000, 11)}


def test_the_chart_shows_months_and_days(street: Any, places: Path) -> None:
    home = street.home()
    store(dial(home.electricity, FIRST, 100), dial(home.electricity, END, 350))
    fill(places, home.electricity, range(36))
    run()

    (month,) = queries.monthly_consumption(account_id=home.account_id)
    days = queries.account_daily_consumption(
        account_id=home.account_id, period=Period(FIRST, date(2026, 5, 8))
    )

    assert (month.month, month.quantity, month.estimated) == (MAY, 250_000, False)
    assert [(d.day, d.quantity, d.complete) for d in days] == [
        (FIRST, 240, True),
        (date(2026, 5, 2), 120, False),
    ]
