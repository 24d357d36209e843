"""Meters over their lives: whatever happens to them, what was used is billed once and whole.

Each life is drawn from a seed: exchanges, dials that go round, other transformers, programmes begun
anew, meters taken down and hung again, several in one month. The reference counts day by day.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tahseel.consumption.readings import operations, queries
from tahseel.kernel import actor
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters import queries as meter_queries
from tahseel.registry.meters.values import NewInstallation

AT = datetime(2026, 6, 10, 8, tzinfo=UTC)
JOB = actor.system("determine")
START, END = date(2026, 1, 1), date(2026, 6, 1)
MONTHS = [BillingMonth(2026, month) for month in range(1, 6)]
RANGE = 100_000  # five digits
WH = 1000
EVENTS = ("exchange", "transformers", "programme", "away")
LIVES = 8


@dataclass
class Life:
    """One service point: the meter there, its dial and ratio, and what was truly used so far."""

    street: Any
    home: Any
    chance: random.Random
    meter_id: UUID | None = None
    dial: int = 0
    ratio: int = 1
    used: dict[BillingMonth, int] = field(default_factory=lambda: defaultdict(int))
    away: UUID | None = None
    happened: list[str] = field(default_factory=list)

    def live(self) -> None:
        """Day after day from START to END, with a handful of events between."""
        self.meter_id = self.home.electricity
        self.dial = self.chance.randrange(RANGE - 3_000, RANGE)
        days = (END - START).days
        events = set(self.chance.sample(range(1, days - 1), 6))
        for number in range(days):
            day = START + timedelta(days=number)
            if number in events:
                self._event(day)
            if day.day == 1:
                self._read(day)
            self._use(day)
        self._read(END)

    def _use(self, day: date) -> None:
        if self.meter_id is None:
            return
        moved = self.chance.randrange(0, 90)
        self.dial = (self.dial + moved) % RANGE
        self.used[BillingMonth.of(day)] += moved * self.ratio * WH

    def _read(self, day: date) -> None:
        if self.meter_id is None:
            return
        row = (self.meter_id, "1.8.0", start_of(day), self.dial * WH, "actual")
        operations.store_register_reads(actor=JOB, at=AT, rows=[row], source="round")

    def _event(self, day: date) -> None:
        by: Mapping[str, Any] = {"actor": JOB, "at": AT}
        if self.meter_id is None:
            return self._back(day)
        what = self.chance.choice(EVENTS)
        self.happened.append(what)
        shown = {"1.8.0": str(self.dial)}
        new = self.street.make_id(AT)
        if what == "exchange":
            fresh = self.street.meter(f"X{new}", Service.ELECTRICITY, self.chance.choice((1, 20)))
            meters.add_meter(**by, meter=fresh)
            opening = self.chance.randrange(RANGE)
            meters.exchange(
                **by, id=new, service_point_id=self.home.electricity_point, day=day,
                new_meter_id=fresh.id, closing=shown, opening={"1.8.0": str(opening)},
            )  # fmt: skip
            self.meter_id, self.dial, self.ratio = fresh.id, opening, fresh.registers[0].multiplier
        elif what == "transformers":
            self.ratio = self.chance.choice((1, 10, 60))
            meters.change_multipliers(
                **by, id=new, meter_id=self.meter_id, day=day, dials=shown,
                multipliers={"1.8.0": self.ratio},
            )  # fmt: skip
        elif what == "programme":
            self.dial = 0
            meters.reprogramme(
                **by, id=new, meter_id=self.meter_id, day=day, closing=shown,
                opening={"1.8.0": "0"},
            )  # fmt: skip
        else:
            meters.remove_meter(**by, meter_id=self.meter_id, removed_on=day, closing=shown)
            self.away, self.meter_id = self.meter_id, None
        return None

    def _back(self, day: date) -> None:
        """The same meter is hung again; it counted nothing meanwhile, with its own ratio."""
        assert self.away is not None
        hung = NewInstallation(
            self.street.make_id(AT), self.away, self.home.electricity_point, day,
            opening={"1.8.0": str(self.dial)},
        )  # fmt: skip
        meters.install_meter(actor=JOB, at=AT, installation=hung)
        self.ratio = meter_queries.meters(meter_ids=[self.away])[self.away].registers[0].multiplier
        self.meter_id, self.away = self.away, None


@pytest.mark.parametrize("seed", range(3))
def test_what_was_used_is_never_negative_never_doubled_and_never_lost(
    street: Any, seed: int
) -> None:
    seeds = [random.Random(f"{seed}/{number}") for number in range(LIVES)]
    lives = [Life(street, street.home(), chance) for chance in seeds]
    for life in lives:
        life.live()

    for month in MONTHS:
        operations.determine(actor=JOB, at=AT, month=month)

    accounts = {life.home.account_id: life for life in lives}
    found: dict[tuple[UUID, BillingMonth], int] = defaultdict(int)
    for month in MONTHS:
        for one in queries.determinants(month=month):
            if one.service is Service.ELECTRICITY:
                assert one.quantity >= 0
                found[one.account_id, month] += one.quantity
    wrong = {
        (life.home.serial, str(month), tuple(life.happened)): (
            found.get((account, month)), life.used.get(month, 0),
        )
        for account, life in accounts.items()
        for month in MONTHS
        if found.get((account, month), 0) != life.used.get(month, 0)
    }  # fmt: skip
    assert not wrong
    assert {what for life in lives for what in life.happened} == set(EVENTS)
