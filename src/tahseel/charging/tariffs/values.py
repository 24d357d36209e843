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
from typing import NamedTuple

from tahseel.kernel.money import Money
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import (
    LITRES_PER_GALLON_DENOMINATOR,
    LITRES_PER_GALLON_NUMERATOR,
    Service,
)

LITRES_PER_GALLON = Fraction(LITRES_PER_GALLON_NUMERATOR, LITRES_PER_GALLON_DENOMINATOR)
LITRES_PER_US_GALLON = Fraction("3.785411784")
LITRES_PER_CUBIC_FOOT = Fraction("28.316846592")
HUNDRED = 100


class Kind(StrEnum):
    """What a charge is for, in the order in which a bill is worked out.

    CONSUMPTION and EXPORT price what was taken and what was given back, DEMAND the highest demand
    of the month, FIXED a month of being connected. MINIMUM tops up, ADDER and TAX come on top as a
    percentage or by the unit, and CREDIT takes off for what was saved against last year.
    """

    CONSUMPTION = "consumption"
    DEMAND = "demand"
    FIXED = "fixed"
    EXPORT = "export"
    MINIMUM = "minimum"
    ADDER = "adder"
    TAX = "tax"
    CREDIT = "credit"


KINDS = tuple(Kind)
CONSUMPTION = Kind.CONSUMPTION


@dataclass(frozen=True, slots=True)
class SaleUnit:
    """A unit in which something is priced. base: its exact size in Wh, litres, W or VA; else 1."""

    code: str
    service: Service | None
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
        SaleUnit("kL", Service.WATER, Fraction(1000)),
        SaleUnit("1000 US gal", Service.WATER, 1000 * LITRES_PER_US_GALLON),
        SaleUnit("CCF", Service.WATER, 100 * LITRES_PER_CUBIC_FOOT),
    )
}
DEMAND_UNITS: Mapping[str, SaleUnit] = {
    "kW": SaleUnit("kW", Service.ELECTRICITY, Fraction(1000)),
    "kVA": SaleUnit("kVA", Service.ELECTRICITY, Fraction(1000)),
    "L/h": SaleUnit("L/h", Service.WATER, Fraction(1)),
}


class Every(StrEnum):
    """What a rate's blocks, or a charge for time, are of. A quarter is three months, a year twelve;
    days count by themselves, months by their share of a calendar month.
    """

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_OF: Mapping[Every, int] = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}
TIME_UNITS: Mapping[str, SaleUnit] = {
    str(one): SaleUnit(str(one), None, Fraction(1)) for one in Every
}
PERCENT = SaleUnit("%", None, Fraction(HUNDRED))


class Rounding(StrEnum):
    """Where a fraction of a fils goes: always half up, once a charge or once a tier line.

    CHARGE rounds the sum of a rate over its days; the tier lines are shown so that they add up to
    it. LINE rounds every tier line by itself.
    """

    CHARGE = "charge"
    LINE = "line"


class Tiering(StrEnum):
    """MARGINAL: a block's price holds for the units inside it. WHOLE: the price of the block in
    which the quantity ends holds for all of it, so the charge jumps at an edge.
    """

    MARGINAL = "marginal"
    WHOLE = "whole"


class Per(StrEnum):
    """What brings its own blocks, or its own fixed charge: each dwelling unit, or the account."""

    DWELLING = "dwelling"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Tier:
    """One block of a month: up to and including `up_to`; None is the open last block.

    `up_to` is base units, or a part of the account's allotment. `price` is fils per unit of sale,
    or a percentage.
    """

    up_to: Fraction | None
    price: Fraction


class RateKey(NamedTuple):
    """What a rate is for. An empty word stands for all; the rate that says more comes first."""

    kind: Kind
    service: Service
    sector: str
    charge: str
    certificate: str
    zone: str
    meter_size: str
    band: str


@dataclass(frozen=True, slots=True)
class Rate:
    """What one service costs one sector, on the days from `start` up to, not including, `end`.

    Edges, and the price of a demand, are per calendar month where `every` says nothing else, and,
    as `per` says, for each dwelling unit. A charge for time whose blocks are `by` a unit costs what
    the block says in which the quantity ends. `months` are those of the year in which it holds,
    empty for all. `of` are the kinds that a percentage or a minimum is taken of. Of a credit the
    tiers' edges are percent saved. A rate whose price is below zero takes off: `sign` is -1 and
    `prices` are without it. `confidence` and `date_confidence` are H, M, L or GK.
    """

    id: str
    key: RateKey
    start: date
    end: date | None
    unit: SaleUnit
    tiers: tuple[Tier, ...]
    source: str
    confidence: str
    date_confidence: str
    months: tuple[int, ...] = ()
    tiering: Tiering = Tiering.MARGINAL
    per: Per = Per.DWELLING
    every: Every = Every.MONTH
    by: SaleUnit | None = None
    allotted: bool = False
    of: tuple[Kind, ...] = ()
    edges: tuple[int | None, ...] = field(init=False, repr=False, compare=False)
    edge_denominator: int = field(init=False, repr=False, compare=False)
    prices: tuple[int, ...] = field(init=False, repr=False, compare=False)
    price_denominator: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring edges and per-base-unit prices to whole numbers over a common denominator."""
        edges = [tier.up_to for tier in self.tiers]
        prices = [abs(tier.price) / self.unit.base for tier in self.tiers]
        edge_over = math.lcm(*(e.denominator for e in edges if e is not None))
        price_over = math.lcm(*(p.denominator for p in prices))
        put = object.__setattr__
        put(self, "edges", tuple(None if e is None else int(e * edge_over) for e in edges))
        put(self, "edge_denominator", edge_over)
        put(self, "prices", tuple(int(p * price_over) for p in prices))
        put(self, "price_denominator", price_over)

    @property
    def kind(self) -> Kind:
        return self.key.kind

    @property
    def sign(self) -> int:
        return -1 if self.tiers[0].price < 0 else 1

    @property
    def tiered(self) -> bool:
        return len(self.tiers) > 1

    @property
    def for_time(self) -> bool:
        return self.unit.code in TIME_UNITS

    @property
    def is_percent(self) -> bool:
        return self.unit is PERCENT

    def covers(self, day: date) -> bool:
        within = self.start <= day and (self.end is None or day < self.end)
        return within and (not self.months or day.month in self.months)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which the same rates hold; months / months_over is how many months they make."""

    period: Period
    rates: tuple[Rate, ...]
    months: int
    months_over: int

    def share(self, every: Every) -> tuple[int, int]:
        """How many days, months, quarters or years the days make: numerator and denominator."""
        if every is Every.DAY:
            return self.period.days, 1
        return self.months, self.months_over * MONTHS_OF[every]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """A checked book: for each key its rates in the order of days.

    `stretches` remembers what was found for a kind of customer and a span of days, while pricing.
    """

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
    stretches: dict[tuple[object, ...], tuple[Stretch, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """What one account used over a span of days: Wh or litres, whole or an exact fraction.

    `units` is the number of dwelling units that share the quantity. `certificate`, `zone` and
    `meter_size` are "" for none. `bands` tell the quantity apart by time of use and add up to it.
    `demand` is the highest of the span in W or litres an hour, `exported` what was given back,
    `allotment` the account's budget for a calendar month, `last_year` the quantity of the same span
    of last year; None where it is not known.
    """

    service: Service
    sector: str
    period: Period
    quantity: int | Fraction
    certificate: str = ""
    units: int = 1
    zone: str = ""
    meter_size: str = ""
    bands: tuple[tuple[str, int | Fraction], ...] = ()
    demand: int | None = None
    exported: int | Fraction = 0
    allotment: int | Fraction | None = None
    last_year: int | Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One priced part of a usage: a rate, its days, one tier.

    `quantity`, `tier_from` and `tier_to` are base units (Wh, litres), the tier's limits as they
    hold for the line's days and dwelling units; `price` is fils per `unit`. A flat rate is tier 1
    from 0 to None. The quantity of a demand is W, of what is charged by the month its days, of a
    percentage the fils that it is taken of. What is given back or credited is below zero.
    """

    kind: Kind
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
    band: str = ""

    @property
    def used(self) -> int:
        """What was used: the quantity of a line that prices consumption, and nothing of others."""
        return self.quantity if self.kind == CONSUMPTION else 0


@dataclass(frozen=True, slots=True)
class RatedBill:
    """Priced lines, whose amounts add up to the total to the fils."""

    lines: tuple[Line, ...]
    total: Money
