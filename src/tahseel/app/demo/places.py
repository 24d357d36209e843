"""Where they live: premises by sector and governorate, units, service points, meters."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises import operations as premises_operations
from tahseel.registry.premises.values import (
    AreaBook,
    NewPremises,
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
)

KIND_OF: Mapping[Sector, UnitKind] = {
    Sector.PRIVATE: UnitKind.VILLA,
    Sector.INVESTMENT: UnitKind.BUILDING,
    Sector.COMMERCIAL: UnitKind.BUILDING,
    Sector.GOVERNMENT: UnitKind.PUBLIC,
    Sector.INDUSTRIAL: UnitKind.PLANT,
    Sector.AGRICULTURAL: UnitKind.FARM,
    Sector.OTHER: UnitKind.CHALET,
}
AREA_KINDS: Mapping[Sector, frozenset[str]] = {
    Sector.PRIVATE: frozenset({"private"}),
    Sector.INVESTMENT: frozenset({"investment", "mixed"}),
    Sector.COMMERCIAL: frozenset({"investment", "mixed"}),
    Sector.GOVERNMENT: frozenset(),
    Sector.INDUSTRIAL: frozenset({"industrial"}),
    Sector.AGRICULTURAL: frozenset({"farm"}),
    Sector.OTHER: frozenset({"coast", "farm"}),
}
WEIGHT_SCALE = 1000
ELECTRICITY_DIGITS = 7  # kilowatt-hours
WATER_DIGITS = 5  # cubic metres, with three decimals
DIAL_MODULUS: Mapping[Service, int] = {  # where a dial starts again, in Wh and litres
    Service.ELECTRICITY: 10**ELECTRICITY_DIGITS * 1000,
    Service.WATER: 10**WATER_DIGITS * 1000,
}


@dataclass(frozen=True, slots=True)
class MeterPlan:
    """One meter at one unit: whom it serves and where its dial stood when it was put in."""

    meter_id: UUID
    serial: str
    register: str
    service: Service
    unit_kind: UnitKind
    opening: int


@dataclass(frozen=True, slots=True)
class Home:
    """A unit that will have an account: its sector, kind, governorate and meters."""

    unit: NewUnit
    governorate: str
    premises_id: UUID
    landlord: bool
    meters: tuple[MeterPlan, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Everything with an address."""

    premises: tuple[NewPremises, ...]
    homes: tuple[Home, ...]
    meters: tuple[NewMeter, ...]
    installations: tuple[NewInstallation, ...]


def spread(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Share `total` out in proportion, exactly (largest remainders), at least one each."""
    weight = sum(shares.values())
    exact = {name: divmod(total * share, weight) for name, share in shares.items()}
    given = {name: whole for name, (whole, _) in exact.items()}
    left = total - sum(given.values())
    for name in sorted(exact, key=lambda n: (-exact[n][1], n))[:left]:
        given[name] += 1
    for name in (n for n, count in sorted(given.items()) if count == 0 and shares[n]):
        richest = max(given, key=lambda n: (given[n], n))
        given[richest], given[name] = given[richest] - 1, 1
    return given


def area_chances(sector: Sector, areas: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    """Areas where a sector's premises stand, each with its weight.

    A governorate weighs as its residents do (nationals for private housing, the others
    elsewhere), shared out over its fitting areas.
    """
    kinds = AREA_KINDS[sector]
    people = "kuwaitis" if sector == Sector.PRIVATE else "others"
    residents = {entry["code"]: int(entry[people]) for entry in areas["governorate"]}
    fitting = [a for a in areas["area"] if not kinds or a["kind"] in kinds]
    count = Counter(area["governorate"] for area in fitting)
    weights = [
        residents[a["governorate"]] * WEIGHT_SCALE // count[a["governorate"]] for a in fitting
    ]
    return [area["code"] for area in fitting], weights


class Builder:
    """Draws premises until the wanted number of accounts is reached."""

    def __init__(
        self,
        *,
        plan: Plan,
        chance: Chance,
        book: AreaBook,
        areas: Mapping[str, Any],
        data: Mapping[str, Any],
    ) -> None:
        self.plan = plan
        self.chance = chance
        self.data = data
        self.random = chance.generator("places")
        self.opened = at_hour(plan.first_month.first_day - timedelta(days=30), 8)
        self.governorate_of = {area.code: area.governorate for area in book.areas}
        self.premises: list[NewPremises] = []
        self.homes: list[Home] = []
        self.meters: list[NewMeter] = []
        self.installations: list[NewInstallation] = []
        self.serials = itertools.count(1)
        self.chances = {sector: area_chances(sector, areas) for sector in Sector}

    def build(self) -> Places:
        """Premises in the proportions of the sectors; exactly the wanted number of accounts."""
        shares = {s.value: int(self.data["premises"][s.value]) for s in Sector}
        for sector in self._order(shares):
            if len(self.homes) >= self.plan.accounts:
                break
            self._add(Sector(sector))
        del self.homes[self.plan.accounts :]
        kept = {home.unit.id for home in self.homes}
        used = {meter.meter_id for home in self.homes for meter in home.meters}
        assert len(kept) == self.plan.accounts
        return Places(
            premises=tuple(self.premises),
            homes=tuple(self.homes),
            meters=tuple(m for m in self.meters if m.id in used),
            installations=tuple(i for i in self.installations if i.meter_id in used),
        )

    def _order(self, shares: Mapping[str, int]) -> list[str]:
        counts = spread(self.plan.accounts, shares)
        rare = sorted((n for n in counts if counts[n]), key=lambda n: (counts[n], n))
        order = [name for name, count in counts.items() for _ in range(count)]
        self.random.shuffle(order)
        return rare + order  # one of every sector comes first, so that none is missing

    def _add(self, sector: Sector) -> None:
        codes, weights = self.chances[sector]
        area = self.random.choices(codes, weights)[0]
        governorate = self.governorate_of[area]
        place = NewPremises(
            id=self._new_id("premises"),
            area=area,
            block=str(self.random.randint(1, 12)),
            street=str(self.random.randint(1, 120)),
            parcel=str(self.random.randint(1, 900)),
            building=str(self.random.randint(1, 99)),
        )
        self.premises.append(place)
        self._unit(place, governorate, sector, KIND_OF[sector], landlord=True)
        for kind, count in self._inside(sector):
            for number in range(1, count + 1):
                self._unit(place, governorate, sector, kind, landlord=False, number=number)

    def _inside(self, sector: Sector) -> list[tuple[UnitKind, int]]:
        units = self.data["units"]
        if sector == Sector.INVESTMENT:
            return [(UnitKind.FLAT, self.random.randint(units["flats_min"], units["flats_max"]))]
        if sector == Sector.COMMERCIAL:
            return [(UnitKind.SHOP, self.random.randint(units["shops_min"], units["shops_max"]))]
        return []

    def _unit(
        self,
        place: NewPremises,
        governorate: str,
        sector: Sector,
        kind: UnitKind,
        *,
        landlord: bool,
        number: int = 0,
    ) -> None:
        services = [s for s in Service if self.data[s.value][kind.value]]
        points = tuple(NewServicePoint(self._new_id("service-point"), s) for s in services)
        productive = sector in {Sector.INDUSTRIAL, Sector.AGRICULTURAL}
        unit = NewUnit(
            id=self._new_id("unit"),
            premises_id=place.id,
            kind=kind,
            sector=sector,
            from_day=self.opened.date(),
            floor=str((number - 1) // 2 + 1) if number else "",
            number=str(number) if number else "",
            paci_number=f"{self.random.randint(10_000_000, 29_999_999)}",
            certificate=f"PAI-{self.random.randint(1000, 9999)}" if productive else None,
            certificate_until=date(self.plan.as_of.year + 2, 4, 1) if productive else None,
            services=points,
        )
        plans = tuple(self._meter(point, kind) for point in points)
        self.homes.append(Home(unit, governorate, place.id, landlord, plans))

    def _meter(self, point: NewServicePoint, kind: UnitKind) -> MeterPlan:
        electricity = point.service == Service.ELECTRICITY
        serial = f"{'KE' if electricity else 'KW'}{next(self.serials):08d}"
        opening = self.random.randint(0, 90_000)
        register = NewRegister(
            id=self._new_id("register"),
            code="1.8.0" if electricity else "8-0:1.0.0",
            kind=RegisterKind.IMPORT,
            unit=DialUnit.KWH if electricity else DialUnit.CUBIC_METRE,
            digits=ELECTRICITY_DIGITS if electricity else WATER_DIGITS,
            decimals=0 if electricity else 3,
        )
        meter = NewMeter(
            id=self._new_id("meter"),
            serial=serial,
            service=point.service,
            make=self.random.choice(("Al-Ahleia", "Gulf Meters", "Hadeed")),
            phase=(Phase.SINGLE if kind == UnitKind.FLAT else Phase.THREE)
            if electricity
            else Phase.NONE,
            registers=(register,),
        )
        self.meters.append(meter)
        self.installations.append(
            NewInstallation(
                id=self._new_id("installation"),
                meter_id=meter.id,
                service_point_id=point.id,
                installed_on=self.opened.date(),
                opening={register.code: str(opening)},
            )
        )
        return MeterPlan(meter.id, serial, register.code, point.service, kind, opening * 1000)

    def _new_id(self, kind: str) -> UUID:
        return self.chance.new_id(kind, self.opened)


def store(*, places: Places, at: datetime, beside: Sequence[NewUnit] = ()) -> None:
    """Write the places, and units beside the homes, through the registry's own operations."""
    premises_operations.add_many(
        actor=BUILDER,
        at=at,
        batch="synthetic-country",
        premises=places.premises,
        units=[*(home.unit for home in places.homes), *beside],
    )
    meters.add_many(
        actor=BUILDER,
        at=at,
        batch="synthetic-country",
        meters=places.meters,
        installations=places.installations,
    )
