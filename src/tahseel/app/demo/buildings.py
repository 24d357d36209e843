"""What happens to buildings: shops under flats, homes behind the landlord's meter, units split,
merged and torn down, certificates of factories and farms that end and are renewed.

Drawn from a chance of its own, so that people, meters and money stay as they are: the added units
have no account, and only a certificate that lapses changes a price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from tahseel.app.demo.places import Home, Places
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import rules
from tahseel.registry.premises.values import NewServicePoint, NewUnit, Sector, UnitKind
from tahseel.registry.supply import operations as supply

BASEMENT_FLATS = 2
PER_HUNDRED = 100
RENEWAL_YEARS = 2
RENEWED_BEFORE = timedelta(days=10)
ENDING_IN = timedelta(days=30)

Act = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is recorded on a day of the history."""

    day: date
    act: Act


@dataclass(frozen=True, slots=True)
class Buildings:
    """Units as they are stored, those beside the homes, and what happens later, by day."""

    places: Places
    beside: tuple[NewUnit, ...]
    happenings: tuple[Happening, ...]


class Maker:
    """Draws it all from one generator."""

    def __init__(self, *, plan: Plan, chance: Chance, data: Mapping[str, Any]) -> None:
        self.plan = plan
        self.chance = chance
        self.shares = data["buildings"]
        self.fates = data["certificates"]
        self.random: Random = chance.generator("buildings")
        self.opened = at_hour(plan.first_month.first_day - timedelta(days=30), 8)
        self.beside: list[NewUnit] = []
        self.happenings: list[Happening] = []

    def make(self, places: Places) -> Buildings:
        """Change the places a little, and say what happens to them."""
        homes = [self._home(home) for home in places.homes]
        self._basements(homes)
        self._rearrangements(homes)
        self._reviews()
        self.happenings.sort(key=lambda one: one.day)
        return Buildings(
            replace(places, homes=tuple(homes)), tuple(self.beside), tuple(self.happenings)
        )

    def _home(self, home: Home) -> Home:
        unit = home.unit
        if unit.certificate is not None:
            return replace(home, unit=self._certified(unit))
        ground = unit.kind == UnitKind.FLAT and unit.floor == "1"
        if ground and self._chosen(self.shares["ground_floor_shops"]):
            shop = replace(unit, kind=UnitKind.SHOP, sector=Sector.COMMERCIAL, floor="")
            return replace(home, unit=shop)
        return home

    def _certified(self, unit: NewUnit) -> NewUnit:
        """A certificate with its fate; the letters follow by themselves."""
        names = [name for name in self.fates if name not in ("source", "confidence")]
        fate = self.random.choices(names, [self.fates[name] for name in names])[0]
        issuer = "PAI" if unit.sector == Sector.INDUSTRIAL else "PAAAFR"
        unit = replace(unit, certificate=f"{issuer}-{unit.id.int % 10**6:06d}")
        if fate == "open":
            return unit
        if fate == "ending":
            return replace(unit, certificate_until=self.plan.as_of + ENDING_IN)
        ends = self._day()
        if fate == "renewed":
            self.happenings.append(
                Happening(ends - RENEWED_BEFORE, partial(self._renew, unit, ends))
            )
        return replace(unit, certificate_until=ends)

    def _renew(self, unit: NewUnit, valid_from: date, at: datetime) -> None:
        kind = rules.certificate_for(unit.sector)
        assert kind is not None
        premises.record_certificate(
            actor=BUILDER,
            at=at,
            id=self.chance.new_id("certificate", at),
            unit_id=unit.id,
            kind=kind.code,
            number=f"{unit.certificate}-R",
            valid_from=valid_from,
            valid_until=valid_from.replace(year=valid_from.year + RENEWAL_YEARS, day=1),
        )

    def _basements(self, homes: Sequence[Home]) -> None:
        """Flats without a meter of their own in some buildings, behind the landlord's."""
        for home in homes:
            if home.unit.kind != UnitKind.BUILDING or home.unit.sector != Sector.INVESTMENT:
                continue
            if not self._chosen(self.shares["with_basement_flats"]):
                continue
            for number in range(1, BASEMENT_FLATS + 1):
                flat = self._unit(home.unit, UnitKind.FLAT, f"B{number}", floor="0")
                self.beside.append(flat)
                point = home.unit.services[0].id
                act = partial(self._supply_through, point, flat)
                self.happenings.append(Happening(self.opened.date(), act))

    def _supply_through(self, point_id: UUID, unit: NewUnit, at: datetime) -> None:
        premises.supply_through(
            actor=BUILDER,
            at=at,
            id=self.chance.new_id("feed", at),
            point_id=point_id,
            unit_id=unit.id,
            from_day=unit.from_day,
        )

    def _rearrangements(self, homes: Sequence[Home]) -> None:
        """Empty units beside the let ones: one is split, two are merged, one is torn down."""
        for sector, kind, rearrange in (
            (Sector.INVESTMENT, UnitKind.BUILDING, self._split),
            (Sector.COMMERCIAL, UnitKind.BUILDING, self._merge),
            (Sector.PRIVATE, UnitKind.VILLA, self._rebuild),
        ):
            fitting = [h.unit for h in homes if (h.unit.sector, h.unit.kind) == (sector, kind)]
            count = -(-len(fitting) * self.shares["rearranged"] // PER_HUNDRED)
            for unit in self.random.sample(fitting, count):
                rearrange(unit, self._day())

    def _split(self, near: NewUnit, day: date) -> None:
        """The roof flat becomes two; its point serves the first, the second has a new one."""
        roof = self._unit(near, UnitKind.FLAT, "R", point=True)
        parts = [
            self._unit(near, UnitKind.FLAT, "R1", from_day=day),
            self._unit(near, UnitKind.FLAT, "R2", from_day=day, point=True),
        ]
        self.beside.append(roof)
        self.happenings.append(Happening(day, partial(self._do_split, roof, parts)))

    def _do_split(self, roof: NewUnit, parts: Sequence[NewUnit], at: datetime) -> None:
        premises.split_unit(
            actor=BUILDER,
            at=at,
            id=self.chance.new_id("act", at),
            unit_id=roof.id,
            on_day=parts[0].from_day,
            reference=self._permit(),
            into=parts,
            points={point.id: parts[0].id for point in roof.services},
        )

    def _merge(self, near: NewUnit, day: date) -> None:
        """Two shops become one, which keeps both points."""
        shops = [self._unit(near, UnitKind.SHOP, number, point=True) for number in ("E1", "E2")]
        whole = self._unit(near, UnitKind.SHOP, "E1-2", from_day=day)
        self.beside += shops
        self.happenings.append(Happening(day, partial(self._do_merge, shops, whole)))

    def _do_merge(self, shops: Sequence[NewUnit], whole: NewUnit, at: datetime) -> None:
        premises.merge_units(
            actor=BUILDER,
            at=at,
            id=self.chance.new_id("act", at),
            unit_ids=[shop.id for shop in shops],
            on_day=whole.from_day,
            reference=self._permit(),
            into=whole,
            points={point.id: whole.id for shop in shops for point in shop.services},
        )

    def _rebuild(self, near: NewUnit, day: date) -> None:
        """An annex is torn down, and built again under the same number."""
        annex = self._unit(near, UnitKind.VILLA, "2", point=True)
        again = self._unit(near, UnitKind.VILLA, "2", from_day=day + timedelta(days=1), point=True)
        self.beside.append(annex)
        self.happenings.append(Happening(day, partial(self._do_rebuild, annex, again, day)))

    def _do_rebuild(self, annex: NewUnit, again: NewUnit, day: date, at: datetime) -> None:
        premises.demolish_units(
            actor=BUILDER,
            at=at,
            id=self.chance.new_id("act", at),
            unit_ids=[annex.id],
            on_day=day,
            reference=self._permit(),
        )
        premises.add_unit(actor=BUILDER, at=at, unit=again)

    def _reviews(self) -> None:
        """Who holds a certificate is told once a month, and on the day of the demonstration."""
        months = [month.next().first_day for month in self.plan.months]
        for day in {*months, self.plan.as_of}:
            self.happenings.append(Happening(day, partial(self._review, day)))

    def _review(self, day: date, at: datetime) -> None:
        supply.tell_of_certificates(actor=BUILDER, at=at, day=day)

    def _unit(
        self,
        near: NewUnit,
        kind: UnitKind,
        number: str,
        *,
        floor: str = "",
        from_day: date | None = None,
        point: bool = False,
    ) -> NewUnit:
        """A unit in the building of another, of its sector, with or without a point."""
        service = near.services[0].service
        points = (NewServicePoint(self._new_id("point"), service),) if point else ()
        return NewUnit(
            id=self._new_id("unit"),
            premises_id=near.premises_id,
            kind=kind,
            sector=near.sector,
            from_day=from_day or self.opened.date(),
            floor=floor,
            number=number,
            services=points,
        )

    def _new_id(self, what: str) -> UUID:
        return self.chance.new_id(f"buildings/{what}", self.opened)

    def _day(self) -> date:
        """Some day well within the months that are played."""
        days = (self.plan.as_of - self.plan.first_month.first_day).days
        first = self.plan.first_month.first_day + timedelta(days=days // 4)
        return first + timedelta(days=self.random.randrange(max(days // 2, 1)))

    def _permit(self) -> str:
        return f"KM-{self.random.randint(1000, 9999)}"

    def _chosen(self, per_hundred: int) -> bool:
        return self.random.randrange(PER_HUNDRED) < per_hundred


def due(happenings: Sequence[Happening], *, after: date, until: date) -> Iterator[Happening]:
    """What happens after a day, up to and with another."""
    return (one for one in happenings if after < one.day <= until)
