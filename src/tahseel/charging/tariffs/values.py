"""What a price book is made of, what is priced by it, and what comes out.

Quantities are watt-hours and litres; prices are fils per unit of sale (a kilowatt-hour, a thousand
imperial gallons). Prices and tier edges are exact fractions, so nothing is rounded before the end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tahseel.kernel.money import Money
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import (
    LITRES_PER_GALLON_DENOMINATOR,
    LITRES_PER_GALLON_NUMERATOR,
    Service,
)

LITRES_PER_GALLON = Fraction(LITRES_PER_GALLON_NUMERATOR, LITRES_PER_GALLON_DENOMINATOR)
CONSUMPTION = "consumption"


@dataclass(frozen=True, slots=True)
class SaleUnit:
    """A unit in which a service is priced; `base` is its exact size in Wh or litres."""

    code: str
    service: Service
    base: Fraction


SALE_UNITS: Mapping[str, SaleUnit] = {
    unit.code: unit
    for unit in (
        SaleUnit("Wh", Service.ELECTRICITY, Fraction(1)),
        SaleUnit("kWh", Service.ELECTRICITY, Fraction(1000)),
        SaleUnit("MWh", Service.ELECTRICITY, Fraction(1_000_000)),
        SaleUnit("L", Service.WATER, Fraction(1)),
        SaleUnit("m3", Service.WATER, Fraction(1000)),
        SaleUnit("IG", Service.WATER, LITRES_PER_GALLON),
        SaleUnit("1000 IG", Service.WATER, 1000 * LITRES_PER_GALLON),
    )
}


class Rounding(StrEnum):
    """Where a fraction of a fils goes: always half up, once a charge or once a tier line.

    CHARGE rounds the sum of a rate over its days; the tier lines are shown so that they add up to
    it. LINE rounds every tier line by itself.
    """

    CHARGE = "charge"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Tier:
    """One block of a month: up to and including `up_to` base units; None is the open last block.

    `price` is in fils per unit of sale.
    """

    up_to: Fraction | None
    price: Fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """What one service costs one sector, on the days from `start` up to, not including, `end`.

    Tiers are marginal: each block's price holds for the units inside the block only. Edges are per
    calendar month and dwelling unit. `confidence` and `date_confidence` are H, M, L or GK.
    """

    id: str
    service: Service
    sector: str
    certificate: str
    start: date
    end: date | None
    unit: SaleUnit
    tiers: tuple[Tier, ...]
    source: str
    confidence: str
    date_confidence: str
    edges: tuple[int | None, ...] = field(init=False, repr=False, compare=False)
    edge_denominator: int = field(init=False, repr=False, compare=False)
    prices: tuple[int, ...] = field(init=False, repr=False, compare=False)
    price_denominator: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring edges and per-base-unit prices to whole numbers over a common denominator."""
        edges = [tier.up_to for tier in self.tiers]
        prices = [tier.price / self.unit.base for tier in self.tiers]
        edge_over = math.lcm(*(e.denominator for e in edges if e is not None))
        price_over = math.lcm(*(p.denominator for p in prices))
        put = object.__setattr__
        put(self, "edges", tuple(None if e is None else int(e * edge_over) for e in edges))
        put(self, "edge_denominator", edge_over)
        put(self, "prices", tuple(int(p * price_over) for p in prices))
        put(self, "price_denominator", price_over)

    @property
    def tiered(self) -> bool:
        return len(self.tiers) > 1

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


RateKey = tuple[Service, str, str]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """A checked book: for each (service, sector, certificate) its rates in the order of days."""

    code: str
    version: int
    name_ar: str
    name_en: str
    start: date
    end: date | None
    sectors: tuple[str, ...]
    rounding: Rounding
    source: str
    rates: Mapping[RateKey, tuple[Rate, ...]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one account used over a span of days: Wh or litres, whole or an exact fraction.

    `units` is the number of dwelling units that share the quantity; `certificate` is "" for none.
    """

    service: Service
    sector: str
    period: Period
    quantity: int | Fraction
    certificate: str = ""
    units: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One priced part of a usage: a rate, its days, one tier.

    `quantity`, `tier_from` and `tier_to` are base units (Wh, litres), the tier's limits as they
    hold for the line's days and dwelling units; `price` is fils per `unit`. A flat rate is tier 1
    from 0 to None.
    """

    kind: str
    service: Service
    rate_id: str
    period: Period
    tier: int
    tier_from: int
    tier_to: int | None
    quantity: int
    price: Fraction
    unit: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RatedBill:
    """Priced lines, whose amounts add up to the total to the fils."""

    lines: tuple[Line, ...]
    total: Money
