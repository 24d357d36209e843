"""Charges that no quantity makes: for time, at least, percentages, and credit for saving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from tahseel.charging.tariffs.rules import blocks
from tahseel.charging.tariffs.rules.blocks import Part
from tahseel.charging.tariffs.values import HUNDRED, Every, Kind, Line, Rate
from tahseel.kernel.money import Money, round_half_up


def for_time(part: Part, rate: Rate) -> Iterator[Line]:
    """A flat charge for the part's days, or its share of a month, a quarter or a year."""
    tier = _tier(part, rate)
    fils = rate.sign * _time(part, rate, tier)
    line = _line(part, rate, quantity=part.period.days, fils=fils, tier=tier)
    yield replace(line, tier=tier + 1) if tier else line


def _tier(part: Part, rate: Rate) -> int:
    """The block in which what was used ends; a quantity on an edge stays in the lower one."""
    used = part.usage.quantity * Fraction(part.period.days, part.usage.period.days)
    times = Fraction(*part.stretch.share(rate.every)) * part.units(rate)
    edges = (tier.up_to for tier in rate.tiers)
    return next(n for n, edge in enumerate(edges) if edge is None or used <= edge * times)


def minimum(part: Part, rate: Rate, so_far: Sequence[Line]) -> Iterator[Line]:
    """What is missing to the least that the part's share of time costs; nothing if enough."""
    missing = _time(part, rate) - _taken_of(rate, so_far)
    if missing > 0:
        yield _line(part, rate, quantity=part.period.days, fils=missing)


def percentage(part: Part, rate: Rate, so_far: Sequence[Line]) -> Iterator[Line]:
    """A part of what the lines before it come to."""
    base = _taken_of(rate, so_far)
    if base:
        yield _line(part, rate, quantity=base, fils=_percent_of(base, rate.tiers[0].price))


def saved(part: Part, rate: Rate) -> Iterator[Line]:
    """Credit for using less than in the same days of last year, as a percentage of its value.

    The value is what last year's quantity would cost by the same rates, less what this year's does.
    """
    usage = part.usage
    if usage.last_year is None or usage.last_year <= usage.quantity:
        return
    share = 1 - Fraction(usage.quantity, usage.last_year)
    tier = next(
        t for t, block in enumerate(rate.tiers) if block.up_to is None or share < block.up_to
    )
    value = _cost(_as_last_year(part)) - _cost(part)
    fils = _percent_of(value, rate.tiers[tier].price)
    if fils:
        yield replace(_line(part, rate, quantity=value, fils=-fils, tier=tier), tier=tier + 1)


def _as_last_year(part: Part) -> Part:
    usage = part.usage
    assert usage.last_year is not None, "asked for only where it is known"
    grown = Fraction(usage.last_year, usage.quantity) if usage.quantity else Fraction(0)
    bands: tuple[tuple[str, int | Fraction], ...]
    bands = tuple((code, quantity * grown) for code, quantity in usage.bands)
    if usage.bands and not usage.quantity:
        (first, _), *others = usage.bands
        bands = ((first, usage.last_year), *others)
    return replace(part, usage=replace(usage, quantity=usage.last_year, bands=bands))


def _cost(part: Part) -> int:
    rates = part.stretch.rates
    priced = (blocks.consumption(part, one) for one in rates if one.kind is Kind.CONSUMPTION)
    return sum(line.amount.fils for lines in priced for line in lines)


def _taken_of(rate: Rate, so_far: Sequence[Line]) -> int:
    return sum(line.amount.fils for line in so_far if line.kind in rate.of)


def _percent_of(fils: int, percent: Fraction) -> int:
    return round_half_up(fils * percent.numerator, HUNDRED * percent.denominator)


def _time(part: Part, rate: Rate, tier: int = 0) -> int:
    times, over = part.stretch.share(Every(rate.unit.code))
    exact = rate.prices[tier] * part.units(rate) * times
    return round_half_up(exact, rate.price_denominator * over)


def _line(part: Part, rate: Rate, *, quantity: int, fils: int, tier: int = 0) -> Line:
    return Line(
        kind=rate.kind,
        service=part.usage.service,
        rate_id=rate.id,
        period=part.period,
        tier=1,
        tier_from=0,
        tier_to=None,
        quantity=quantity,
        price=rate.tiers[tier].price,
        unit=rate.unit.code,
        amount=Money(fils),
    )
