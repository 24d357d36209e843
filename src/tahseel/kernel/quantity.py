"""What flows: electrical energy in integer watt-hours, water in integer litres.

Kilowatt-hours and imperial gallons exist at the edges only. 1 imperial gallon = 4.54609 litres
exactly (UK Weights and Measures Act 1985, schedule 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from tahseel.kernel.money import round_half_up

WH_PER_KWH = 1000
LITRES_PER_GALLON_NUMERATOR = 454_609
LITRES_PER_GALLON_DENOMINATOR = 100_000


class Service(StrEnum):
    """What the utility sells through a meter."""

    ELECTRICITY = "electricity"
    WATER = "water"


@dataclass(frozen=True, order=True, slots=True)
class Energy:
    """Electrical energy in whole watt-hours."""

    wh: int

    @classmethod
    def from_kwh(cls, kwh: Decimal) -> Energy:
        """Exact kilowatt-hours, rounded once to the watt-hour."""
        return cls(int((kwh * WH_PER_KWH).to_integral_value(ROUND_HALF_UP)))

    def __add__(self, other: Energy) -> Energy:
        return Energy(self.wh + other.wh)

    def __sub__(self, other: Energy) -> Energy:
        return Energy(self.wh - other.wh)

    def kwh(self) -> Decimal:
        """Exact, three decimals."""
        return Decimal(self.wh).scaleb(-3)


@dataclass(frozen=True, order=True, slots=True)
class Volume:
    """Water in whole litres."""

    litres: int

    @classmethod
    def from_imperial_gallons(cls, gallons: int) -> Volume:
        """Whole imperial gallons, rounded once to the litre."""
        return cls(
            round_half_up(gallons * LITRES_PER_GALLON_NUMERATOR, LITRES_PER_GALLON_DENOMINATOR)
        )

    @classmethod
    def from_cubic_metres(cls, cubic_metres: Decimal) -> Volume:
        """Exact cubic metres, rounded once to the litre."""
        return cls(int((cubic_metres * 1000).to_integral_value(ROUND_HALF_UP)))

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.litres + other.litres)

    def __sub__(self, other: Volume) -> Volume:
        return Volume(self.litres - other.litres)

    def imperial_gallons(self) -> int:
        """To the nearest whole imperial gallon, for display."""
        return round_half_up(
            self.litres * LITRES_PER_GALLON_DENOMINATOR, LITRES_PER_GALLON_NUMERATOR
        )
