"""Meters that fell silent, times told twice, and use where there is to be none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.consumption.exceptions import jobs as nightly
from tahseel.consumption.exceptions import operations as deciding
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.consumption.exceptions.values import Wanted
from tahseel.consumption.readings import operations, queries
from tahseel.consumption.readings.values import DialRead, Finding
from tahseel.kernel import actor
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth, start_of

JOB = actor.system("test")
HEAD = actor.Actor(actor.ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
JUNE = BillingMonth(2026, 6)
OVER = date(2026, 7, 1)


def found(home: Any, rule: str, month: BillingMonth = MAY, until: date = OVER) -> list[Finding]:
    every = queries.findings(month=month, until=until, account_ids=[home.account_id])
    return [one for one in every if one.rule == rule]


def off(home: Any, since: date, until: date | None = None, reason: str = "debt") -> None:
    """Supply of the home's electricity is off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into supply_stop (id, unit_id, account_id, service, reason, state, reference,"
            " ordered_at, ordered_by, off_at, ended_at, ended_by)"
            " select %s, unit_id, id, 'electricity', %s, %s, '', %s, 'test', %s, %s, ''"
            " from supply_account where id = %s",
            [
                new_id(AT), reason, "lifted" if until else "in_force", start_of(since),
                start_of(since), start_of(until) if until else None, home.account_id,
            ],
        )  # fmt: skip


def test_a_meter_that_sent_in_may_and_nothing_in_june_is_missing_as_a_whole(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    operations.determine(actor=JOB, at=AT, month=MAY)

    [one] = found(home, "missing", JUNE)

    used = sum(map(lived_in, range(HOURS))) // 31
    assert (len(one.days), set(one.amounts), one.meter_id) == (30, {used}, home.electricity)
    assert found(home, "missing", JUNE, date(2026, 6, 2)) == []  # one day may be late


def test_a_meter_that_never_sent_is_not_missing(street: Any) -> None:
    home = street.home()
    for day, value in ((FIRST, 0), (MAY.period.end, 90_000)):
        rows = [DialRead(home.electricity, "1.8.0", start_of(day), value)]
        operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")
    operations.determine(actor=JOB, at=AT, month=MAY)

    assert found(home, "missing", JUNE) == []


def test_a_silent_meter_is_work_of_the_night(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    operations.determine(actor=JOB, at=AT, month=MAY)

    nightly.NIGHT.run(AT, date(2026, 6, 10))

    rules = [one.rule for one in exceptions.work_list(wanted=Wanted()).rows]
    assert "missing" in rules


def test_a_silence_let_stand_opens_anew_only_when_it_has_doubled(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    operations.determine(actor=JOB, at=AT, month=MAY)
    opened = []

    for day in (10, 12, 18, 19, 20, 25):
        nightly.NIGHT.run(AT, date(2026, 6, day))
        waits = [one for one in exceptions.work_list(wanted=Wanted()).rows if one.rule == "missing"]
        opened.append(len(waits))
        for one in waits:
            deciding.accept(actor=HEAD, at=AT, exception_id=one.id, reason="a closed house")

    assert opened == [1, 0, 0, 0, 1, 0]


def changed(by: Callable[[int], int]) -> Callable[[int], int | None]:
    return lambda hour: lived_in(hour) + by(hour)


def test_an_interval_sent_again_with_another_value_is_a_duplicate(
    street: Any, places: Path
) -> None:
    twice, same = street.home(), street.home()
    for home in (twice, same):
        fill(places, home.electricity, lived_in)
    fill(places, same.electricity, lived_in, hours=range(48))
    version = fill(
        places, twice.electricity, changed(lambda h: 9 if h in (3, 30) else 0), hours=range(48)
    )

    [one] = found(twice, "duplicate")

    assert one.days == (FIRST, FIRST + timedelta(days=1))
    assert (one.amounts, one.versions) == ((9, 9), (version, version))
    assert found(same, "duplicate") == []


def test_a_dial_read_told_twice_with_two_values_is_a_duplicate(street: Any) -> None:
    home = street.home(multiplier=4)
    for value in (500_000, 507_000):
        rows = [DialRead(home.electricity, "1.8.0", start_of(date(2026, 5, 9)), value)]
        operations.store_register_reads(actor=JOB, at=AT, rows=rows, source=f"file {value}")

    [one] = found(home, "duplicate")

    assert (one.days, one.amounts) == ((date(2026, 5, 8),), (28_000,))


def test_use_while_supply_is_off_is_told_and_before_and_after_it_is_not(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    off(home, date(2026, 5, 10), date(2026, 5, 14))

    [one] = found(home, "inactive")

    assert one.days == tuple(date(2026, 5, day) for day in (11, 12, 13))
    assert one.amounts == (sum(map(lived_in, range(24))),) * 3


def test_a_supply_that_is_off_and_uses_nothing_is_quiet(street: Any, places: Path) -> None:
    home = street.home()
    fill(places, home.electricity, lambda hour: 0 if hour >= 240 else lived_in(hour))
    off(home, date(2026, 5, 10))

    assert found(home, "inactive") == []


def test_a_dial_that_moves_while_supply_is_off_is_told(street: Any) -> None:
    home = street.home()
    off(home, date(2026, 5, 2))
    for day, kwh in ((FIRST, 100), (date(2026, 5, 4), 150), (date(2026, 5, 20), 190)):
        rows = [DialRead(home.electricity, "1.8.0", start_of(day), kwh * 1_000)]
        operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")

    [one] = found(home, "inactive")

    assert (one.days, one.amounts) == ((date(2026, 5, 19),), (40_000,))


def test_use_after_the_account_was_closed_is_told_to_the_last_one(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)
    with connection.cursor() as cursor:
        cursor.execute(
            "update supply_account set closed_on = %s where id = %s",
            [date(2026, 5, 21), home.account_id],
        )

    [one] = found(home, "inactive")

    assert one.days == tuple(date(2026, 5, day) for day in range(21, 32))
