"""Pricing a usage by a book: exact integers all the way, one rounding at the end.

The one rule of proration. A usage over some days is spread evenly over them. Where a rate begins
or ends inside, each part gets its share of the quantity by days. A part that holds d days of a
month of m days has d/m of that month's blocks, once for every dwelling unit, and d/m of what is
charged by the month. What is by the day is there d times; a quarter is three months and a year
twelve. So a whole calendar month has whole blocks, and cutting a usage in two moves
its total by the rounding alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tahseel.charging.tariffs.rules import blocks, supplements
from tahseel.charging.tariffs.rules.blocks import Part
from tahseel.charging.tariffs.rules.selecting import parts
from tahseel.charging.tariffs.values import Kind, Line, PriceBook, Rate, RatedBill, Usage
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money

QUANTITY_MAX = 10**15
UNITS_MAX = 10_000
DAYS_MAX = 3_700


class UsageWrong(Refusal):
    """A usage that cannot be priced: negative, too large, too long, no dwelling unit."""

    code = "usage_wrong"
    text_ar = "كمية الاستهلاك غير صالحة للتسعير: {reason} ({value})"
    text_en = "The usage cannot be priced: {reason} ({value})"


def rate(*, book: PriceBook, usage: Usage) -> RatedBill:
    """Price one usage. The lines add up to the total.

    Raises UsageWrong, UsageLacks, NoRate. No quantity is dropped: a day without a rate refuses the
    whole usage.
    """
    check(usage)
    lines: list[Line] = []
    days = 0
    for stretch in parts(book, usage):
        lines.extend(_charges(Part(usage, stretch, days, book.rounding)))
        days += stretch.period.days
    return RatedBill(tuple(lines), Money(sum(line.amount.fils for line in lines)))


def _charges(part: Part) -> list[Line]:
    """The lines of one part; what is taken of others comes after them."""
    lines: list[Line] = []
    for one in part.stretch.rates:
        by_quantity = _BY_QUANTITY.get(one.kind)
        if one.for_time and one.kind is not Kind.MINIMUM:
            lines.extend(supplements.for_time(part, one))
        elif by_quantity and not one.is_percent:
            lines.extend(by_quantity(part, one))
        else:
            lines.extend(_on_top(part, one, lines))
    return lines


_BY_QUANTITY: Mapping[Kind, Callable[[Part, Rate], Iterator[Line]]] = {
    Kind.CONSUMPTION: blocks.consumption,
    Kind.DEMAND: blocks.demand,
    Kind.EXPORT: blocks.exported,
    Kind.ADDER: blocks.by_unit,
    Kind.TAX: blocks.by_unit,
}


def _on_top(part: Part, one: Rate, so_far: Sequence[Line]) -> Iterator[Line]:
    if one.kind is Kind.MINIMUM:
        return supplements.minimum(part, one, so_far)
    if one.kind is Kind.CREDIT:
        return supplements.saved(part, one)
    return supplements.percentage(part, one, so_far)


def check(usage: Usage) -> None:
    """Raises UsageWrong for what no book can price."""
    for quantity in (usage.quantity, usage.exported, usage.demand, usage.allotment):
        if quantity is not None and not 0 <= quantity <= QUANTITY_MAX:
            reason = "quantity below zero or above the limit"
            raise UsageWrong(reason=reason, value=str(quantity))
    if usage.last_year is not None and not 0 <= usage.last_year <= QUANTITY_MAX:
        raise UsageWrong(reason="last year's quantity", value=str(usage.last_year))
    if not 1 <= usage.units <= UNITS_MAX:
        raise UsageWrong(reason="dwelling units out of range", value=usage.units)
    if usage.period.days > DAYS_MAX:
        raise UsageWrong(reason="too many days", value=usage.period.days)
    if usage.bands:
        _check_bands(usage)


def _check_bands(usage: Usage) -> None:
    quantities = [quantity for _, quantity in usage.bands]
    if min(quantities) < 0 or sum(quantities) != usage.quantity:
        raise UsageWrong(reason="bands do not make the quantity", value=str(sum(quantities)))
    if len(dict(usage.bands)) < len(quantities):
        raise UsageWrong(reason="a band twice", value=", ".join(code for code, _ in usage.bands))
