"""The words of a place: sectors, units, service points, and their dated facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from tahseel.kernel.quantity import Service


class Sector(StrEnum):
    """How the tariff law sorts consumers (Law 20/2016)."""

    PRIVATE = "private"
    INVESTMENT = "investment"
    COMMERCIAL = "commercial"
    GOVERNMENT = "government"
    INDUSTRIAL = "industrial"
    AGRICULTURAL = "agricultural"
    OTHER = "other"


PRODUCTIVE_SECTORS = frozenset({Sector.INDUSTRIAL, Sector.AGRICULTURAL})


class UnitKind(StrEnum):
    """What stands behind the meter."""

    VILLA = "villa"
    FLAT = "flat"
    SHOP = "shop"
    OFFICE = "office"
    BUILDING = "building"
    PLANT = "plant"
    FARM = "farm"
    CHALET = "chalet"
    PUBLIC = "public"


class UnitState(StrEnum):
    """Whether a unit stands, or how it ceased to: torn down, split into several, merged into one.

    Whether somebody lives there is another question: supply knows who is liable, and vacancies.
    """

    STANDING = "standing"
    DEMOLISHED = "demolished"
    SPLIT = "split"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class AddressNumberScheme:
    """The automatic number of an address as a country writes it.

    pattern: a regular expression for the whole number; weights: one a character where the number
    ends in a check digit, whose weighted sum is a multiple of `modulus`; none where none is known.
    """

    pattern: str
    source: str
    weights: tuple[int, ...] = ()
    modulus: int = 0

    def holds(self, number: str) -> bool:
        if not re.fullmatch(self.pattern, number):
            return False
        if not self.weights:
            return True
        if len(number) != len(self.weights) or not number.isdecimal():
            return False
        pairs = zip(self.weights, number, strict=True)
        return sum(weight * int(digit) for weight, digit in pairs) % self.modulus == 0


HOME_KINDS = frozenset({UnitKind.VILLA, UnitKind.FLAT, UnitKind.CHALET})


@dataclass(frozen=True, slots=True)
class Governorate:
    """A governorate, by the country's short code."""

    code: str
    name_ar: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_ar if language.startswith("ar") else self.name_en


@dataclass(frozen=True, slots=True)
class Area:
    """An area of a governorate."""

    code: str
    governorate: str
    name_ar: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_ar if language.startswith("ar") else self.name_en


@dataclass(frozen=True, slots=True)
class AreaBook:
    """Every governorate and area of the country."""

    governorates: tuple[Governorate, ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class NewPremises:
    """A plot or building. `area` is an area's code; parts that do not apply stay empty."""

    id: UUID
    area: str
    block: str
    street: str = ""
    parcel: str = ""
    building: str = ""

    @property
    def parts(self) -> tuple[str, str, str, str]:
        return self.block, self.street, self.parcel, self.building


@dataclass(frozen=True, slots=True)
class NewServicePoint:
    """Where one service is delivered to a unit; `number` tells several of one service apart."""

    id: UUID
    service: Service
    number: int = 1


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit with its first sector from `from_day` on and its service points.

    dwellings: how many homes stand behind it (a landlord-metered building has several).
    certificate: number of the productivity certificate of a factory or farm, valid up to, not
    including, `certificate_until`.
    """

    id: UUID
    premises_id: UUID
    kind: UnitKind
    sector: Sector
    from_day: date
    floor: str = ""
    number: str = ""
    paci_number: str | None = None
    dwellings: int = 1
    certificate: str | None = None
    certificate_until: date | None = None
    services: tuple[NewServicePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class SectorSpan:
    """The sector of a unit from `from_day` up to, not including, `until_day` (None: still)."""

    unit_id: UUID
    sector: Sector
    dwellings: int
    certificate: str | None
    certificate_until: date | None
    from_day: date
    until_day: date | None

    def __contains__(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day < self.until_day)

    def productive_on(self, day: date) -> bool:
        """A factory or farm whose certificate is valid on the day."""
        return (
            self.sector in PRODUCTIVE_SECTORS
            and self.certificate is not None
            and (self.certificate_until is None or day < self.certificate_until)
        )


@dataclass(frozen=True, slots=True)
class FedUnit:
    """A unit that has its supply through the service point of another, on some days.

    share: its weight when the meter's quantity is allotted among the units behind it.
    """

    unit_id: UUID
    kind: UnitKind
    supplier_id: UUID
    point_id: UUID
    service: Service
    share: int
    from_day: date
    until_day: date | None

    def __contains__(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True)
class MixedRule:
    """A unit of `shared_with` behind another's meter turns the other's sector, if it is in `turns`,
    into its own.
    """

    shared_with: Sector
    turns: frozenset[Sector]


@dataclass(frozen=True, slots=True)
class ServicePointView:
    """One service point, at a unit from `from_day` (None: since it was built) up to, not including,
    `until_day` (None: still). A point that went over to another unit has a view for each.
    """

    id: UUID
    unit_id: UUID
    service: Service
    number: int
    from_day: date | None = None
    until_day: date | None = None

    def __contains__(self, day: date) -> bool:
        began = self.from_day is None or self.from_day <= day
        return began and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True)
class AddressParts:
    """An address before it is put into words."""

    area: Area
    block: str
    street: str
    parcel: str
    building: str
    floor: str
    number: str
    kind: UnitKind


class Rung(StrEnum):
    """One step of an address between the area and the unit, from the outside inwards."""

    BLOCK = "block"
    STREET = "street"
    PARCEL = "parcel"
    BUILDING = "building"
    FLOOR = "floor"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit with its whole address and its automatic number, if it has one."""

    id: UUID
    premises_id: UUID
    governorate: Governorate
    parts: AddressParts
    paci_number: str | None
    state: UnitState = UnitState.STANDING
    ended_on: date | None = None

    @property
    def kind(self) -> UnitKind:
        return self.parts.kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed to find a unit, sorted out; what is empty asks nothing.

    automatic: beginning of an automatic number; named: parts with their rung; loose: values of any
    rung; sounds: words by their consonants, each with the areas whose name has such a word:
    it may as well stand in a street's or building's name.
    """

    automatic: str = ""
    areas: frozenset[str] = frozenset()
    kinds: frozenset[UnitKind] = frozenset()
    named: Mapping[Rung, str] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    sounds: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        asked = self.areas or self.named or self.loose or self.sounds or self.kinds
        return bool(self.automatic or asked)


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One unit that came from another: split off it, or merged from it and others, on a day.

    by: UnitState.SPLIT or MERGED, which is what became of `from_unit`.
    """

    act_id: UUID
    by: UnitState
    from_unit: UUID
    to_unit: UUID
    on_day: date
    reference: str


class Guard(Protocol):
    """Asked before units cease to stand and service points are taken out of use on a day.

    Raises its own Refusal when something of a higher slice still rests on them.
    """

    def __call__(
        self, *, unit_ids: Collection[UUID], point_ids: Collection[UUID], day: date
    ) -> None: ...
