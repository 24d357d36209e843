"""What flows: electrical energy in integer watt-hours, water in integer litres.

Kilowatt-hours and imperial gallons exist at the edges only. 1 imperial gallon = 4.54609 litres
exactly (UK Weights and Measures Act 1985, schedule 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tahseel.kernel.money import round_half_up

WH_PER_KWH = 1000
LITRES_PER_CUBIC_METRE = 1000
LITRES_PER_GALLON_NUMERATOR = 454_609
LITRES_PER_GALLON_DENOMINATOR = 100_000


def _rounded(amount: Decimal, factor: int) -> int:
    """amount * factor to the nearest integer. Raises ValueError for what is not a finite number."""
    if not amount.is_finite():
        raise ValueError(f"not a quantity: {amount}")
    numerator, denominator = amount.as_integer_ratio()
    return round_half_up(numerator * factor, denominator)


def _whole(amount: object, unit: str) -> None:
    if type(amount) is not int:
        raise TypeError(f"{unit} must be an int, not {type(amount).__name__}")


class Service(StrEnum):
    """What the utility sells through a meter."""

    ELECTRICITY = "electricity"
    WATER = "water"


SERVICES = tuple(sorted(Service, key=str))


@dataclass(frozen=True, order=True, slots=True)
class Energy:
    """Electrical energy in whole watt-hours."""

    wh: int

    def __post_init__(self) -> None:
        _whole(self.wh, "watt-hours")

    @classmethod
    def from_kwh(cls, kwh: Decimal) -> Energy:
        """Exact kilowatt-hours, rounded once to the watt-hour."""
        return cls(_rounded(kwh, WH_PER_KWH))

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

    def __post_init__(self) -> None:
        _whole(self.litres, "litres")

    @classmethod
    def from_imperial_gallons(cls, gallons: int) -> Volume:
        """Whole imperial gallons, rounded once to the litre."""
        return cls(
            round_half_up(gallons * LITRES_PER_GALLON_NUMERATOR, LITRES_PER_GALLON_DENOMINATOR)
        )

    @classmethod
    def from_cubic_metres(cls, cubic_metres: Decimal) -> Volume:
        """Exact cubic metres, rounded once to the litre."""
        return cls(_rounded(cubic_metres, LITRES_PER_CUBIC_METRE))

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.litres + other.litres)

    def __sub__(self, other: Volume) -> Volume:
        return Volume(self.litres - other.litres)

    def imperial_gallons(self) -> int:
        """To the nearest whole imperial gallon, for display."""
        return round_half_up(
            self.litres * LITRES_PER_GALLON_DENOMINATOR, LITRES_PER_GALLON_NUMERATOR
        )
