"""A determinant knows what it was made from: whatever comes later, it can be made again."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.consumption.lake_days import AT, FIRST, HOURS, MAY, fill, lived_in

from tahseel.consumption.readings import operations, queries
from tahseel.consumption.readings.values import DialRead, Part
from tahseel.kernel import actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import Period, start_of
from tahseel.registry.meters import operations as meters

JOB = actor.system("test")
STEPS = 14


def read(home: Any, chance: random.Random, at: Any) -> None:
    """A dial read near one end of May, late or corrected, measured or guessed."""
    day = chance.choice([FIRST - timedelta(days=9), FIRST, date(2026, 6, 1), date(2026, 6, 8)])
    used = (day - FIRST).days * 30_000 + 500_000 + chance.randrange(3_000)
    quality = chance.choice(["actual", "actual", "estimated", "self_read"])
    instant = start_of(day) + timedelta(hours=chance.choice([0, 0, 5]))
    rows = [DialRead(home.electricity, "1.8.0", instant, used, quality)]
    operations.store_register_reads(actor=JOB, at=at, rows=rows, source="test")


def days(home: Any, places: Path, chance: random.Random) -> None:
    """Some hours of May, some of them not there."""
    first = chance.choice([0, 0, 24 * chance.randrange(25)])
    until = HOURS if not first else first + 24 * chance.randrange(1, 6)
    gone = {chance.randrange(HOURS) for _ in range(chance.randrange(40))}
    more = chance.randrange(90)
    fill(
        places, home.electricity, lambda h: None if h in gone else lived_in(h) + more,
        hours=range(first, until),
    )  # fmt: skip


def guessed(home: Any, chance: random.Random, at: Any) -> None:
    """Two days that somebody had estimated."""
    day = FIRST + timedelta(days=chance.randrange(28))
    part = Part(
        home.account_id, home.electricity, "E1", "private", Period(day, day + timedelta(days=2))
    )
    operations.estimate(actor=JOB, at=at, part=part, whole=True, source=f"test {at} {day}")


@pytest.mark.parametrize("seed", range(6))
def test_after_any_late_and_corrected_reads_every_old_determinant_is_made_again(
    street: Any, places: Path, seed: int
) -> None:
    home, chance = street.home(multiplier=3), random.Random(seed)
    acts = [
        lambda at: read(home, chance, at),
        lambda at: days(home, places, chance),
        lambda at: guessed(home, chance, at),
    ]
    stood: dict[Any, Any] = {}

    for step in range(STEPS):
        at = AT + timedelta(hours=step)
        try:
            chance.choices(acts, [4, 3, 1])[0](at)
        except Refusal:
            continue  # too little is known to estimate from
        operations.determine(actor=JOB, at=at, month=MAY)
        stood[at] = [one.quantity for one in queries.determinants(month=MAY)]

    versions = queries.versions(account_id=home.account_id, meter_id=home.electricity, month=MAY)
    assert len(versions) > 1
    for at, quantities in stood.items():
        again = queries.recompute(month=MAY, as_of=at)
        assert [one.holds for one in again] == [True] * len(again)
        assert [one.stored.quantity for one in again] == quantities


def test_a_register_that_was_changed_under_way_is_made_again_from_both_parts(street: Any) -> None:
    home = street.home()
    rows = [
        DialRead(home.electricity, "1.8.0", start_of(day), kwh * 1_000)
        for day, kwh in ((FIRST, 100), (FIRST + timedelta(days=10), 200), (date(2026, 6, 1), 400))
    ]
    operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")
    operations.determine(actor=JOB, at=AT, month=MAY)
    meters.change_multipliers(
        actor=street.town.house, at=AT, id=street.make_id(AT), meter_id=home.electricity,
        day=FIRST + timedelta(days=10), dials={"1.8.0": "200"}, multipliers={"1.8.0": 7},
    )  # fmt: skip

    operations.determine(actor=JOB, at=AT + timedelta(hours=1), month=MAY)

    before = queries.recompute(month=MAY, as_of=AT)
    after = queries.recompute(month=MAY, as_of=AT + timedelta(hours=1))
    assert [one.stored.quantity for one in before] == [300_000]
    assert [one.stored.quantity for one in after] == [100_000 + 7 * 200_000]
    assert all(one.holds for one in [*before, *after])


def test_what_was_written_before_versions_were_kept_says_so(street: Any) -> None:
    from dataclasses import replace

    from tahseel.consumption.readings import storing

    home = street.home()
    rows = [
        DialRead(home.electricity, "1.8.0", start_of(day), kwh)
        for day, kwh in ((FIRST, 100), (date(2026, 6, 1), 400))
    ]
    operations.store_register_reads(actor=JOB, at=AT, rows=rows, source="test")
    operations.determine(actor=JOB, at=AT, month=MAY)
    [one] = queries.determinants(month=MAY)
    storing.determinants([replace(one, version=2, basis=())], at=AT + timedelta(hours=1))

    [old] = queries.recompute(month=MAY, as_of=AT + timedelta(hours=1))

    assert (old.again, old.holds) == ("basis_unknown", False)
