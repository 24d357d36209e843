"""Which rates hold for a usage, on which of its days. Nothing is dropped: a day without is refused.

A usage is cut wherever a rate that fits it begins or ends, and at the first of a month where one of
them is seasonal. Of the rates for the same thing the one that says more about its customer holds:
first the certificate, then the zone, then the size of the meter.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from tahseel.charging.tariffs.values import KINDS, Kind, PriceBook, Rate, Stretch, Usage
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth, Period, months_between

REMEMBERED_MAX = 10_000


class NoRate(Refusal):
    """The book has no price for that service, sector and day."""

    code = "no_rate"
    text_ar = "لا يوجد سعر في كتاب التعرفة {book} للخدمة {service} والقطاع {sector} في {day}"
    text_en = "Price book {book} has no rate for {service}, sector {sector}, on {day}"


class UsageLacks(Refusal):
    """A rate that holds needs something of the usage that is not known; it is never guessed."""

    code = "usage_lacks"
    text_ar = "لا يمكن التسعير بالسجل {record}: ينقص {field}"
    text_en = "Rate {record} cannot price this: {field} is not known"


def parts(book: PriceBook, usage: Usage) -> Sequence[Stretch]:
    """The usage's days, cut wherever another rate takes over, with the rates that hold.

    The rates come in the order in which a bill is worked out. Raises NoRate, UsageLacks.
    """
    wanted = kind_of(usage)
    found = book.stretches.get(wanted)
    if found is None:
        if len(book.stretches) >= REMEMBERED_MAX:
            book.stretches.clear()
        found = book.stretches[wanted] = tuple(_stretches(book, usage))
    return found


def kind_of(usage: Usage) -> tuple[object, ...]:
    """All that decides which rates hold for a usage; how much it is does not."""
    return (
        usage.service, usage.sector, usage.certificate, usage.zone, usage.meter_size, usage.period,
        tuple((code, quantity > 0) for code, quantity in usage.bands), usage.exported > 0,
        usage.last_year is None,
    )  # fmt: skip


def _stretches(book: PriceBook, usage: Usage) -> Iterator[Stretch]:
    fitting = _fitting(book, usage)
    whole = usage.period
    cuts = _cuts(fitting, whole)
    for period in whole.split(*cuts) if cuts else (whole,):
        yield Stretch(period, _holding(book, usage, fitting, period.start), *months_share(period))


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


def _fitting(book: PriceBook, usage: Usage) -> list[Rate]:
    """All rates of the usage's kind of customer, those that say more first."""
    keys = [
        key
        for key in book.rates
        if (key.service, key.sector) == (usage.service, usage.sector)
        and key.certificate in ("", usage.certificate)
        and key.zone in ("", usage.zone)
        and key.meter_size in ("", usage.meter_size)
    ]
    # A sort keeps the book's own order among equals.
    keys.sort(key=lambda key: (not key.certificate, not key.zone, not key.meter_size))
    return [rate for key in keys for rate in book.rates[key]]


def _cuts(rates: Sequence[Rate], whole: Period) -> list[date]:
    limits = {day for rate in rates for day in (rate.start, rate.end) if day is not None}
    if any(rate.months for rate in rates):
        month = BillingMonth.of(whole.start).next()
        while month.first_day < whole.end:
            limits.add(month.first_day)
            month = month.next()
    return sorted(day for day in limits if whole.start < day < whole.end)


def _holding(book: PriceBook, usage: Usage, fitting: Sequence[Rate], day: date) -> tuple[Rate, ...]:
    on_day = [rate for rate in fitting if rate.covers(day)]
    held = list(_consumption(book, usage, [r for r in on_day if r.kind is Kind.CONSUMPTION], day))
    first: dict[tuple[Kind, str], Rate] = {}
    for rate in on_day:
        if rate.kind is not Kind.CONSUMPTION:
            first.setdefault((rate.kind, rate.key.charge), rate)
    if usage.exported and not any(kind is Kind.EXPORT for kind, _ in first):
        raise _no_rate(book, usage, day)
    rest = sorted(first.values(), key=lambda rate: KINDS.index(rate.kind))
    return (*held, *rest)


def _consumption(
    book: PriceBook, usage: Usage, on_day: Sequence[Rate], day: date
) -> Sequence[Rate]:
    """One rate for all of it, or one for each band of time where both sides know bands."""
    if not on_day:
        raise _no_rate(book, usage, day)
    family = on_day[0].key._replace(band="")
    same = [rate for rate in on_day if rate.key._replace(band="") == family]
    flat = [rate for rate in same if not rate.key.band]
    banded = {rate.key.band: rate for rate in same if rate.key.band}
    if not usage.bands or not banded:
        if not flat:
            raise UsageLacks(record=same[0].id, field="bands")
        return flat
    for code, quantity in usage.bands:
        if code not in banded and quantity:
            raise UsageLacks(record=same[0].id, field=f"band {code}")
    return [banded[code] for code, _ in usage.bands if code in banded]


def _no_rate(book: PriceBook, usage: Usage, day: date) -> NoRate:
    return NoRate(
        book=book.code, service=str(usage.service), sector=usage.sector, day=day.isoformat()
    )
