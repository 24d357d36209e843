"""Makes people, places and units for the registry's tests, and returns their ids."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import actor, ids
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import (
    Area,
    AreaBook,
    Governorate,
    NewPremises,
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
)

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
CLERK = actor.Actor(actor.ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
OFFICER = actor.Actor(
    actor.ActorKind.STAFF, "officer-1", "officer", frozenset({"connection_officer"})
)
ENGINEER = actor.Actor(
    actor.ActorKind.STAFF, "engineer-1", "engineer", frozenset({"supply_engineer"})
)
HEAD = actor.Actor(actor.ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
HOUSE = actor.system("tests")
OPENED = date(2025, 4, 1)


@dataclass
class Town:
    """Makes what a test needs and returns its id."""

    at: datetime = AT
    clerk: actor.Actor = CLERK
    officer: actor.Actor = OFFICER
    engineer: actor.Actor = ENGINEER
    head: actor.Actor = HEAD
    house: actor.Actor = HOUSE
    opened: date = OPENED
    make_id: Callable[[datetime], UUID] = field(
        default_factory=lambda: ids.id_maker(random.Random(5))
    )
    count: int = 0

    def civil_id(self, serial: int | None = None) -> ids.CivilId:
        """A valid number of somebody born in 1911; serials whose check digit is ten are skipped."""
        scheme = ids.civil_id_scheme()
        self.count += 1
        number = serial if serial is not None else 9000 + self.count
        while (digit := scheme.check_digit(f"2110102{number:04d}")) is None:
            self.count += 1
            number += 1
        return ids.CivilId(f"2110102{number:04d}{digit}")

    def person(self, name_ar: str = "محمد العنزي", name_en: str = "Mohammed Alenezi") -> UUID:
        new = self.make_id(self.at)
        customers.register(
            actor=self.clerk, at=self.at, id=new, kind=CustomerKind.CITIZEN,
            civil_id=self.civil_id(), name_ar=name_ar, name_en=name_en,
        )  # fmt: skip
        return new

    def people(self, count: int) -> list[UUID]:
        new = [
            NewCustomer(
                self.make_id(self.at), CustomerKind.CITIZEN, f"سالم {n}", f"Salem {n}",
                self.civil_id(),
            )
            for n in range(count)
        ]  # fmt: skip
        customers.register_many(actor=self.house, at=self.at, batch="town", customers=new)
        return [customer.id for customer in new]

    def units(self, count: int, **facts: Any) -> list[NewUnit]:
        """Flats, each with an electricity and a water point."""
        places = [
            NewPremises(self.make_id(self.at), "salmiya", str(self.count), str(n))
            for n in range(count)
        ]
        self.count += 1
        kept = {"kind": UnitKind.FLAT, "sector": Sector.INVESTMENT, "from_day": date(2000, 1, 1)}
        units = [
            NewUnit(
                id=self.make_id(self.at),
                premises_id=place.id,
                services=(
                    NewServicePoint(self.make_id(self.at), Service.ELECTRICITY),
                    NewServicePoint(self.make_id(self.at), Service.WATER),
                ),
                **{**kept, **facts},
            )
            for place in places
        ]
        premises.add_many(actor=self.house, at=self.at, batch="town", premises=places, units=units)
        return units


def found(house: actor.Actor = HOUSE, at: datetime = AT) -> Town:
    """An empty town with two areas."""
    book = AreaBook(
        (Governorate("hawalli", "حولي", "Hawalli"), Governorate("capital", "العاصمة", "Capital")),
        (
            Area("salmiya", "hawalli", "السالمية", "Salmiya"),
            Area("surra", "capital", "السرة", "Surra"),
        ),
    )
    premises.install_areas(actor=house, at=at, book=book)
    return Town()
