"""The words of a meter: registers, dials, and where a device hung from which day to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.quantity import Service


class RegisterKind(StrEnum):
    """Which way what flows."""

    IMPORT = "import"
    EXPORT = "export"
    REACTIVE = "reactive"


class Phase(StrEnum):
    """Connection of an electricity meter; a water meter has none."""

    SINGLE = "single"
    THREE = "three"
    NONE = "none"


class DialUnit(StrEnum):
    """What one count of a register stands for, before the multiplier."""

    KWH = "kWh"
    KVARH = "kvarh"
    CUBIC_METRE = "m3"
    IMPERIAL_GALLON = "IG"


class StockState(StrEnum):
    """Where a device is that hangs nowhere: in a store, on the test bench, lost, scrapped."""

    IN_STORE = "in_store"
    ON_BENCH = "on_bench"
    LOST = "lost"
    SCRAPPED = "scrapped"


class SealFound(StrEnum):
    """How a seal was found when it came off."""

    BROKEN = "broken"
    INTACT = "intact"


BASE_PER_UNIT = {
    DialUnit.KWH: Decimal(1000),
    DialUnit.KVARH: Decimal(1000),
    DialUnit.CUBIC_METRE: Decimal(1000),
    DialUnit.IMPERIAL_GALLON: Decimal("4.54609"),
}


@dataclass(frozen=True, slots=True)
class NewRegister:
    """One register of a new meter.

    code: the field's own ("1.8.0" in OBIS short form); digits: whole digits of the dial;
    decimals: digits after the point; multiplier: transformer ratio, by which a difference of two
    dial values is multiplied.
    """

    id: UUID
    code: str
    kind: RegisterKind
    unit: DialUnit
    digits: int
    decimals: int = 0
    multiplier: int = 1


@dataclass(frozen=True, slots=True)
class NewMeter:
    """A device with its registers. `serial` is unique in the country.

    size: as a price book names it, such as "dn25"; "" where no price depends on it.
    """

    id: UUID
    serial: str
    service: Service
    make: str
    phase: Phase
    registers: tuple[NewRegister, ...]
    size: str = ""


@dataclass(frozen=True, slots=True)
class NewInstallation:
    """A meter hung at a service point from `installed_on` up to, not including, `removed_on`.

    opening, closing: register code -> dial value as text ("000123", "17.4"). multipliers: register
    code -> transformer ratio at this place, where it is another than the register's own.
    """

    id: UUID
    meter_id: UUID
    service_point_id: UUID
    installed_on: date
    removed_on: date | None = None
    opening: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, str] = field(default_factory=dict)
    multipliers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterView:
    """One register of a known meter."""

    id: UUID
    code: str
    kind: RegisterKind
    unit: DialUnit
    digits: int
    decimals: int
    multiplier: int

    @property
    def rollover(self) -> int:
        """The count, in whole units, at which the dial starts again at zero."""
        return int(10**self.digits)


@dataclass(frozen=True, slots=True)
class MeterView:
    """A known meter."""

    id: UUID
    serial: str
    service: Service
    make: str
    phase: Phase
    registers: tuple[RegisterView, ...]

    def register(self, code: str) -> RegisterView | None:
        """The register of that code."""
        return next((r for r in self.registers if r.code == code), None)


@dataclass(frozen=True, slots=True)
class InstallationView:
    """Where a meter hung, with its true dates and the dial values of both ends."""

    id: UUID
    meter_id: UUID
    serial: str
    service: Service
    service_point_id: UUID
    installed_on: date
    removed_on: date | None
    opening: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, str] = field(default_factory=dict)
    multipliers: Mapping[str, int] = field(default_factory=dict)
    size: str = ""

    def __contains__(self, day: date) -> bool:
        return self.installed_on <= day and (self.removed_on is None or day < self.removed_on)


@dataclass(frozen=True, slots=True)
class NewStockStep:
    """Where a device is from a day on. store: the country's own code of a store."""

    id: UUID
    meter_id: UUID
    state: StockState
    on_day: date
    store: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class StockStepView:
    """One step of a device's way through stores and benches."""

    id: UUID
    meter_id: UUID
    state: StockState
    on_day: date
    store: str
    reference: str


@dataclass(frozen=True, slots=True)
class NewSeal:
    """A numbered seal put on a meter; a number is used once in the country."""

    id: UUID
    meter_id: UUID
    number: str
    fixed_on: date
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SealView:
    """A seal of a meter; `found` says how it was when it came off, None while it is on."""

    id: UUID
    meter_id: UUID
    number: str
    fixed_on: date
    removed_on: date | None
    found: SealFound | None
    reference: str


@dataclass(frozen=True, slots=True)
class NewBehind:
    """A service point whose supply goes through another one's meter, from a day up to a day."""

    id: UUID
    service_point_id: UUID
    main_point_id: UUID
    from_day: date
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class BehindView:
    """A service point behind another one's meter; until_day None while it stands there."""

    id: UUID
    service_point_id: UUID
    main_point_id: UUID
    from_day: date
    until_day: date | None
