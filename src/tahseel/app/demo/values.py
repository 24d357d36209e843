"""What a synthetic country is made from, and who lives where in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

from tahseel.kernel.actor import Actor, system
from tahseel.kernel.ids import id_maker
from tahseel.kernel.period import (
    LOCAL_ZONE,
    BillingMonth,
    FiscalYear,
    months_between,
    start_of,
)

BUILDER: Actor = system("synthetic-country")


@dataclass(frozen=True, slots=True)
class Plan:
    """The same plan gives the same country to the last fils."""

    accounts: int
    seed: int
    as_of: date
    reads: tuple[Path, ...] = ()

    @property
    def first_month(self) -> BillingMonth:
        """April of the fiscal year before the one that `as_of` lies in."""
        return BillingMonth.of(FiscalYear.of(self.as_of).previous().period.start)

    @property
    def months(self) -> list[BillingMonth]:
        """The months that are over and can be billed."""
        return months_between(self.first_month, BillingMonth.of(self.as_of))


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant on a day in Kuwait."""
    local = datetime.combine(day, time(hour, minute), LOCAL_ZONE)
    return start_of(day) + timedelta(hours=local.hour, minutes=local.minute)


@dataclass
class Chance:
    """Every source of chance, each drawn from the seed and a name, so that one more draw in one
    part of the country changes nothing in another.
    """

    seed: int
    ids: dict[str, Callable[[datetime], UUID]] = field(default_factory=dict)

    def generator(self, name: str) -> random.Random:
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - invented data

    def arrays(self, name: str) -> np.random.Generator:
        mark = int.from_bytes(name.encode()[:8].ljust(8, b"\0"), "big")
        return np.random.default_rng([self.seed, mark])

    def new_id(self, name: str, at: datetime) -> UUID:
        """The next id of one kind of thing."""
        if name not in self.ids:
            self.ids[name] = id_maker(self.generator(f"id/{name}"))
        return self.ids[name](at)
