"""Months that nobody read are guessed when somebody says so, and give way to the real read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.integration.consumption.lake_days import AT
from tests.integration.consumption.readings import test_presence

from tahseel.consumption.exceptions import jobs as nightly
from tahseel.consumption.readings import jobs, judging, operations, queries
from tahseel.consumption.readings.basis import ByLikeness
from tahseel.consumption.readings.values import Determinant, DialRead, Method
from tahseel.kernel import actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth, start_of

JOB = actor.system("test")
HEAD = actor.Actor(actor.ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
CLERK = actor.Actor(actor.ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
APRIL, MAY = BillingMonth(2026, 4), BillingMonth(2026, 5)


def read(home: Any, day: date, kwh: int, at: datetime = AT) -> None:
    rows = [DialRead(home.electricity, "1.8.0", start_of(day), kwh * 1000)]
    operations.store_register_reads(actor=JOB, at=at, rows=rows, source="test")


def month_of(home: Any, month: BillingMonth) -> Determinant:
    return queries.versions(account_id=home.account_id, meter_id=home.electricity, month=month)[-1]


def how(one: Determinant) -> str:
    [part] = one.basis
    return part.how if isinstance(part, ByLikeness) else ""


def guess(home: Any, who: Any = HEAD, month: BillingMonth = MAY) -> list[Determinant]:
    return operations.guess(actor=who, at=AT, month=month, account_ids=[home.account_id])


def a_year(street: Any) -> Any:
    """A home with a year of reads, of which May 2026 has none: 300 kWh a month, then 330."""
    home = street.home(opened=date(2025, 1, 1))
    dial = 0
    first = BillingMonth(2025, 2)
    while first <= APRIL:
        read(home, first.first_day, dial)
        dial += 330 if first.year == 2026 else 300
        first = first.next()
    read(home, MAY.first_day, dial)
    for month in (BillingMonth(2025, n) for n in range(2, 13)):
        operations.determine(actor=JOB, at=AT, month=month)
    for month in (BillingMonth(2026, n) for n in range(1, 5)):
        operations.determine(actor=JOB, at=AT, month=month)
    return home


def test_a_month_without_a_closing_read_is_last_years_at_the_accounts_trend(street: Any) -> None:
    home = a_year(street)
    report = operations.determine(actor=JOB, at=AT, month=MAY)
    assert {gap.reason for gap in report.gaps} == {"no_closing_read", "no_reads"}

    [told] = guess(home)

    stored = month_of(home, MAY)
    assert stored == told
    assert (how(stored), stored.quantity) == ("history", 330_000)
    assert (stored.method, stored.estimated_share, stored.days) == (Method.ESTIMATED, 1, 31)


def test_a_guess_is_made_again_from_its_basis(street: Any) -> None:
    home = a_year(street)
    guess(home)

    again = queries.recompute(month=MAY, as_of=AT)

    assert [one.holds for one in again if one.stored.account_id == home.account_id] == [True]


def test_a_meter_without_history_is_the_median_of_its_neighbours(street: Any) -> None:
    homes = [street.home() for _ in range(6)]
    for n, home in enumerate(homes[:5]):
        read(home, MAY.first_day, 0)
        read(home, date(2026, 6, 1), 310 * (n + 1))
    operations.determine(actor=JOB, at=AT, month=MAY)

    [told] = guess(homes[5])

    assert (how(told), told.quantity) == ("neighbours", 930_000)


def test_too_few_neighbours_leave_the_gap_a_gap(street: Any) -> None:
    homes = [street.home() for _ in range(4)]
    for home in homes[:3]:
        read(home, MAY.first_day, 0)
        read(home, date(2026, 6, 1), 310)
    operations.determine(actor=JOB, at=AT, month=MAY)

    assert guess(homes[3]) == []
    assert queries.determinants(month=MAY, account_ids=[homes[3].account_id]) == []


def test_what_stands_is_not_guessed_again(street: Any) -> None:
    home = a_year(street)
    guess(home)

    assert guess(home) == []
    assert guess(home, month=APRIL) == []


def test_whoever_may_not_guess_is_refused_and_nothing_changes(street: Any) -> None:
    home = a_year(street)
    before = _outbox()

    with pytest.raises(Refusal):
        guess(home, CLERK)

    assert queries.determinants(month=MAY, account_ids=[home.account_id]) == []
    assert _outbox() == before
    assert outcomes("readings.guess") == ["denied"]


def test_the_real_read_replaces_the_guess_and_announces_a_correction(
    street: Any, places: Path
) -> None:
    home = a_year(street)
    nightly.NIGHT.run(datetime(2026, 7, 1, tzinfo=UTC), date(2026, 7, 1))
    guess(home)
    read(home, date(2026, 7, 1), 4_620 + 610, at=datetime(2026, 7, 1, 9, tzinfo=UTC))

    nightly.NIGHT.run(datetime(2026, 7, 2, tzinfo=UTC), date(2026, 7, 2))

    versions = queries.versions(account_id=home.account_id, meter_id=home.electricity, month=MAY)
    assert [how(one) for one in versions] == ["history", ""]
    assert versions[-1].quantity == 610_000 * 31 // 61
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from kernel_outbox where name = 'readings:determinant:corrected'"
        )
        assert (cursor.fetchone() or (0,))[0] == 1


def test_where_the_data_say_so_a_month_is_guessed_when_it_is_determined(street: Any) -> None:
    home = a_year(street)
    book = judging.rules()
    assert book.gaps is not None
    try:
        gaps = replace(book.gaps, done_for=frozenset({"investment"}))
        judging.install_rules(replace(book, gaps=gaps))
        report = operations.determine(actor=JOB, at=AT, month=MAY)
    finally:
        judging.install_rules(book)

    assert how(month_of(home, MAY)) == "history"
    assert {gap.service for gap in report.gaps} == {"water"}


def outcomes(action: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf order by ctid")
        bodies = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
    return [body["outcome"] for body in bodies if body["action"] == action]


def _outbox() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from kernel_outbox")
        return int((cursor.fetchone() or (0,))[0])


def test_the_night_guesses_what_nobody_read_once_its_days_of_waiting_are_over(
    street: Any,
) -> None:
    home, ends = a_year(street), MAY.period.end
    operations.determine(actor=JOB, at=AT, month=MAY)
    term = ends + timedelta(days=judging.rules().gap_rule().wait_days)

    early = jobs.GUESS.run(AT, term - timedelta(days=1))
    nothing = queries.determinants(month=MAY, account_ids=[home.account_id])
    none_yet = jobs.GUESS.run(AT, term)
    neighbour = street.home()
    read(neighbour, MAY.first_day, 0)
    read(neighbour, ends, 310)
    operations.determine(actor=JOB, at=AT, month=MAY)
    done, again = jobs.GUESS.run(AT, term), jobs.GUESS.run(AT, term)

    assert (early, nothing, none_yet) == ({"guessed": {}}, [], {"guessed": {}})
    assert (done, again) == ({"guessed": {"2026-05": 1}}, {"guessed": {}})
    assert how(month_of(home, MAY)) == "history"


def test_the_night_guesses_no_use_where_supply_was_off(street: Any) -> None:
    home, neighbour = a_year(street), street.home()
    read(neighbour, MAY.first_day, 0)
    read(neighbour, MAY.period.end, 310)
    operations.determine(actor=JOB, at=AT, month=MAY)
    test_presence.off(home, date(2026, 5, 3))

    jobs.GUESS.run(AT, MAY.period.end + timedelta(days=40))

    assert queries.determinants(month=MAY, account_ids=[home.account_id]) == []


def test_a_switched_off_night_guesses_nothing(street: Any) -> None:
    home, neighbour = a_year(street), street.home()
    read(neighbour, MAY.first_day, 0)
    read(neighbour, MAY.period.end, 310)
    operations.determine(actor=JOB, at=AT, month=MAY)
    book = judging.rules()
    assert book.gaps is not None
    try:
        judging.install_rules(replace(book, gaps=replace(book.gaps, wait_days=0)))
        found = jobs.GUESS.run(AT, date(2026, 7, 30))
    finally:
        judging.install_rules(book)

    assert found == {"guessed": {}}
    assert queries.determinants(month=MAY, account_ids=[home.account_id]) == []


def test_a_person_may_not_do_the_nights_work(street: Any) -> None:
    home = a_year(street)

    with pytest.raises(Refusal):
        operations.guess_unread(actor=HEAD, at=AT, month=MAY, account_ids=[home.account_id])

    assert outcomes("readings.guess_unread") == ["denied"]
