"""Pricing a usage by a book: exact integers all the way, one rounding at the end.

The one rule of proration. A usage over some days is spread evenly over them. Where a rate begins
or ends inside, each part gets its share of the quantity by days. A part that holds d days of a
month of m days has d/m of that month's blocks, once for every dwelling unit. So a whole calendar
month has whole blocks, and cutting a usage in two moves its total by the rounding alone.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from fractions import Fraction

from tahseel.charging.tariffs.values import (
    CONSUMPTION,
    Line,
    PriceBook,
    Rate,
    RatedBill,
    Rounding,
    Usage,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.period import BillingMonth, Period, months_between

QUANTITY_MAX = 10**15
UNITS_MAX = 10_000
DAYS_MAX = 3_700


class UsageWrong(Refusal):
    """A usage that cannot be priced: negative, too large, too long, no dwelling unit."""

    code = "usage_wrong"
    text_ar = "كمية الاستهلاك غير صالحة للتسعير: {reason} ({value})"
    text_en = "The usage cannot be priced: {reason} ({value})"


class NoRate(Refusal):
    """The book has no price for that service, sector and day."""

    code = "no_rate"
    text_ar = "لا يوجد سعر في كتاب التعرفة {book} للخدمة {service} والقطاع {sector} في {day}"
    text_en = "Price book {book} has no rate for {service}, sector {sector}, on {day}"


def rate(*, book: PriceBook, usage: Usage) -> RatedBill:
    """Price one usage. The lines add up to the total.

    Raises UsageWrong, NoRate. No quantity is dropped: a day without a rate refuses the whole usage.
    """
    _check(usage)
    parts = _parts(book, usage)
    lines: list[Line] = []
    days = 0
    for part_rate, period in parts:
        lines.extend(_charge(book.rounding, usage, part_rate, period, days))
        days += period.days
    return RatedBill(tuple(lines), Money(sum(line.amount.fils for line in lines)))


def _check(usage: Usage) -> None:
    if not 0 <= usage.quantity <= QUANTITY_MAX:
        reason = "quantity below zero or above the limit"
        raise UsageWrong(reason=reason, value=str(usage.quantity))
    if not 1 <= usage.units <= UNITS_MAX:
        raise UsageWrong(reason="dwelling units out of range", value=usage.units)
    if usage.period.days > DAYS_MAX:
        raise UsageWrong(reason="too many days", value=usage.period.days)


def _parts(book: PriceBook, usage: Usage) -> list[tuple[Rate, Period]]:
    """The usage's days, cut wherever another rate takes over."""
    certified = book.rates.get((usage.service, usage.sector, usage.certificate), ())
    general = book.rates.get((usage.service, usage.sector, ""), ())
    candidates = (*certified, *general)
    whole = usage.period
    limits = (day for c in candidates for day in (c.start, c.end) if day is not None)
    cuts = [day for day in limits if whole.start < day < whole.end]
    parts = []
    for period in whole.split(*cuts) if cuts else (whole,):
        found = next((c for c in candidates if c.covers(period.start)), None)
        if found is None:
            raise NoRate(
                book=book.code,
                service=str(usage.service),
                sector=usage.sector,
                day=period.start.isoformat(),
            )
        parts.append((found, period))
    return parts


def months_share(period: Period) -> tuple[int, int]:
    """How many calendar months a span of days makes, as numerator and denominator."""
    first, last = BillingMonth.of(period.start), BillingMonth.of(period.end)
    in_month = calendar.monthrange(first.year, first.month)[1]
    if first == last or (period.end == last.first_day and first.next() == last):
        return period.days, in_month
    share = Fraction(0)
    for month in months_between(first, last.next()):
        part = period.overlap(month.period)
        share += Fraction(part.days, month.period.days) if part else 0
    return share.numerator, share.denominator


def _charge(
    rounding: Rounding, usage: Usage, rate: Rate, period: Period, days_before: int
) -> Iterator[Line]:
    """The tier lines of one rate over its days.

    All quantities below are whole numbers of 1/common of a base unit.
    """
    months, months_over = months_share(period) if rate.tiered else (1, 1)
    days, quantity = usage.period.days, usage.quantity
    scale = rate.edge_denominator * months_over
    common = days * quantity.denominator * scale
    before = quantity.numerator * days_before * scale
    amount = quantity.numerator * period.days * scale
    per_edge = usage.units * months * days * quantity.denominator
    fils_over = common * rate.price_denominator
    low = exact = fils_so_far = 0
    for tier, (edge, price) in enumerate(zip(rate.edges, rate.prices, strict=True)):
        limit = None if edge is None else edge * per_edge
        high = amount if limit is None else min(amount, limit)
        exact = (
            exact + (high - low) * price if rounding is Rounding.CHARGE else (high - low) * price
        )
        fils = round_half_up(exact, fils_over) - fils_so_far
        yield Line(
            kind=CONSUMPTION,
            service=usage.service,
            rate_id=rate.id,
            period=period,
            tier=tier + 1,
            tier_from=round_half_up(low, common),
            tier_to=None if limit is None else round_half_up(limit, common),
            quantity=round_half_up(before + high, common) - round_half_up(before + low, common),
            price=rate.tiers[tier].price,
            unit=rate.unit.code,
            amount=Money(fils),
        )
        if rounding is Rounding.CHARGE:
            fils_so_far += fils
        if limit is None or high == amount:
            return
        low = high
