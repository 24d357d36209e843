"""A street of metered accounts, and a lake and a folder of raw files of the test's own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

AT = datetime(2026, 6, 10, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """One account with one electricity and one water meter."""

    account_id: UUID
    electricity: UUID
    water: UUID
    electricity_point: UUID
    serial: str
    water_serial: str


class Street:
    """Builds homes; every meter has five digits, the electricity one a multiplier."""

    def __init__(self) -> None:
        from tests.integration.registry import town

        from tahseel.kernel import ids

        self.town = town.found()
        self.clerk = town.CLERK
        self.make_id = ids.id_maker(random.Random(9))
        self.payer = self.town.person()
        self.built = 0

    def meter(self, serial: str, service: Any, multiplier: int = 1) -> Any:
        from tahseel.kernel.quantity import Service
        from tahseel.registry.meters import values

        power = service is Service.ELECTRICITY
        unit = values.DialUnit.KWH if power else values.DialUnit.IMPERIAL_GALLON
        register = values.NewRegister(
            self.make_id(AT), "1.8.0" if power else "8.0.1", values.RegisterKind.IMPORT,
            unit, 5, 0, multiplier,
        )  # fmt: skip
        phase = values.Phase.SINGLE if power else values.Phase.NONE
        return values.NewMeter(self.make_id(AT), serial, service, "make", phase, (register,))

    def home(
        self,
        multiplier: int = 1,
        opened: date = date(2026, 1, 1),
        hung: date = date(2025, 1, 1),
        **facts: Any,
    ) -> Home:
        from tahseel.kernel.quantity import Service
        from tahseel.registry.meters import operations as meters
        from tahseel.registry.meters.values import NewInstallation
        from tahseel.registry.supply import operations as supply

        self.built += 1
        (unit,) = self.town.units(1, **facts)
        account = self.make_id(AT)
        supply.open_account(
            actor=self.clerk, at=AT, id=account, unit_id=unit.id, opened_on=opened,
            payer_id=self.payer,
        )  # fmt: skip
        serials = (f"E{self.built}", f"W{self.built}")
        made = [
            self.meter(serials[0], Service.ELECTRICITY, multiplier),
            self.meter(serials[1], Service.WATER),
        ]
        points = {p.service: p.id for p in unit.services}
        meters.add_many(
            actor=self.town.house, at=AT, batch=f"street {self.built}", meters=made,
            installations=[
                NewInstallation(self.make_id(AT), m.id, points[m.service], hung) for m in made
            ],
        )  # fmt: skip
        return Home(
            account, made[0].id, made[1].id, points[Service.ELECTRICITY], serials[0], serials[1]
        )


@pytest.fixture
def places(tmp_path: Path, settings_of: Any) -> Path:
    """Where the test's raw files and lake are."""
    settings_of(RAW_FILES=tmp_path / "raw", LAKE=str(tmp_path / "lake"))
    return tmp_path


@pytest.fixture
def settings_of() -> Any:
    """Changes Django settings for one test."""
    from django.test.utils import override_settings

    changed: list[Any] = []

    def change(**facts: Any) -> None:
        changed.append(override_settings(**facts))
        changed[-1].enable()

    yield change
    for one in reversed(changed):
        one.disable()


@pytest.fixture
def street(database: object, places: Path) -> Street:
    """An empty street."""
    return Street()
