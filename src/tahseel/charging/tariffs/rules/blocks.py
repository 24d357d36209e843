"""Quantities priced by the unit: one line a block, whole numbers all the way to the fils."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from tahseel.charging.tariffs.rules.selecting import UsageLacks
from tahseel.charging.tariffs.values import Line, Per, Rate, Rounding, Stretch, Tiering, Usage
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.period import Period


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a usage, and how many of its days come before."""

    usage: Usage
    stretch: Stretch
    days_before: int
    rounding: Rounding

    @property
    def period(self) -> Period:
        return self.stretch.period

    def units(self, rate: Rate) -> int:
        """How often a rate's blocks, or its charge for time, are there."""
        return self.usage.units if rate.per is Per.DWELLING else 1


def consumption(part: Part, rate: Rate) -> Iterator[Line]:
    """What was taken, or what was taken in the rate's band of time."""
    band = rate.key.band
    quantity = dict(part.usage.bands)[band] if band else part.usage.quantity
    for line in _priced(part, rate, quantity):
        yield replace(line, band=band) if band else line


def by_unit(part: Part, rate: Rate) -> Iterator[Line]:
    """An adder by the unit of what was taken."""
    return _priced(part, rate, part.usage.quantity)


def exported(part: Part, rate: Rate) -> Iterator[Line]:
    """What was given back: lines below zero."""
    if not part.usage.exported:
        return
    for line in _priced(part, rate, part.usage.exported):
        yield replace(line, amount=-line.amount)


def _priced(part: Part, rate: Rate, quantity: int | Fraction) -> Iterator[Line]:
    """The tier lines of one rate over its days.

    All quantities below are whole numbers of 1/common of a base unit.
    """
    usage, period = part.usage, part.period
    times, times_over = part.stretch.share(rate.every) if rate.tiered else (1, 1)
    blocks, blocks_over = _blocks(part, rate)
    days = usage.period.days
    scale = rate.edge_denominator * times_over * blocks_over
    common = days * quantity.denominator * scale
    before = quantity.numerator * part.days_before * scale
    amount = quantity.numerator * period.days * scale
    per_edge = blocks * times * days * quantity.denominator
    fils_over = common * rate.price_denominator
    whole = rate.tiering is Tiering.WHOLE
    by_line = part.rounding is Rounding.LINE
    low = exact = fils_so_far = 0
    for tier, (edge, price) in enumerate(zip(rate.edges, rate.prices, strict=True)):
        limit = None if edge is None else edge * per_edge
        high = amount if limit is None else min(amount, limit)
        ends_here = limit is None or high == amount
        if whole and not ends_here:
            low = high
            continue
        start = 0 if whole else low
        exact = (0 if by_line else exact) + (high - start) * price
        fils = round_half_up(exact, fils_over) - fils_so_far
        yield Line(
            kind=rate.kind,
            service=usage.service,
            rate_id=rate.id,
            period=period,
            tier=tier + 1,
            tier_from=round_half_up(low, common),
            tier_to=None if limit is None else round_half_up(limit, common),
            quantity=round_half_up(before + high, common) - round_half_up(before + start, common),
            price=rate.tiers[tier].price,
            unit=rate.unit.code,
            amount=Money(rate.sign * fils),
        )
        if ends_here:
            return
        fils_so_far = 0 if by_line else fils_so_far + fils
        low = high


def _blocks(part: Part, rate: Rate) -> tuple[int, int]:
    """What an edge is multiplied with: dwelling units, or the account's allotment."""
    if not rate.allotted:
        return part.units(rate), 1
    allotment = part.usage.allotment
    if allotment is None:
        raise UsageLacks(record=rate.id, field="allotment")
    return allotment.numerator, allotment.denominator


def demand(part: Part, rate: Rate) -> Iterator[Line]:
    """The highest demand by the unit and month, or day; its blocks do not shrink with the days."""
    highest = part.usage.demand
    if highest is None:
        raise UsageLacks(record=rate.id, field="demand")
    times, times_over = part.stretch.share(rate.every)
    over = rate.edge_denominator * rate.price_denominator * times_over
    low = exact = fils_so_far = 0
    amount = highest * rate.edge_denominator
    for tier, (edge, price) in enumerate(zip(rate.edges, rate.prices, strict=True)):
        high = amount if edge is None else min(amount, edge)
        exact += (high - low) * price * times
        fils = round_half_up(exact, over) - fils_so_far
        yield Line(
            kind=rate.kind,
            service=part.usage.service,
            rate_id=rate.id,
            period=part.period,
            tier=tier + 1,
            tier_from=round_half_up(low, rate.edge_denominator),
            tier_to=None if edge is None else round_half_up(edge, rate.edge_denominator),
            quantity=round_half_up(high, rate.edge_denominator)
            - round_half_up(low, rate.edge_denominator),
            price=rate.tiers[tier].price,
            unit=rate.unit.code,
            amount=Money(fils),
        )
        if high == amount:
            return
        fils_so_far += fils
        low = high
