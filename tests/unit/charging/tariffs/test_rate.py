"""Pricing: golden bills at every tier edge, and the laws that hold for any usage."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.values import LITRES_PER_GALLON, PriceBook, Usage
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

APRIL = BillingMonth(2026, 4).period
ELECTRICITY, WATER = Service.ELECTRICITY, Service.WATER


def book_of(rates: str, rounding: str = "charge") -> PriceBook:
    head = (
        'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
        f'sectors = ["home", "shop"]\nsource = "test"\nrounding = "{rounding}"\n'
    )
    return rules.load_book((head + rates).encode())


def rate_record(
    name: str, start: str, *, price: str | None = None, until: str = "", **more: str
) -> str:
    fields = {"sector": "home", "certificate": "", **more}
    text = f'[[rate]]\nid = "{name}"\nservice = "electricity"\nunit = "kWh"\n'
    text += "".join(f'{key} = "{value}"\n' for key, value in fields.items())
    text += f'from = {start}\nsource = "test"\nconfidence = "H"\n'
    text += f"until = {until}\n" if until else ""
    return text + (f'price = "{price}"\n' if price else "")


BLOCKS = rate_record("blocks", "2020-01-01") + (
    '[[rate.tier]]\nup_to = "1000"\nprice = "5"\n'
    '[[rate.tier]]\nup_to = "2000"\nprice = "10"\n'
    '[[rate.tier]]\nprice = "15"\n'
)
STEPS = [(1000, 5), (2000, 10), (None, 15)]


def home(quantity: int | Fraction, period: Period = APRIL, units: int = 1) -> Usage:
    return Usage(ELECTRICITY, "home", period, quantity, units=units)


def fils(book: PriceBook, usage: Usage) -> int:
    return rules.rate(book=book, usage=usage).total.fils


def reference(quantity_wh: Fraction, months: Fraction, units: int = 1) -> Fraction:
    """The obvious block tariff: walk the blocks, multiply, add up."""
    left, low, total = quantity_wh / 1000, Fraction(0), Fraction(0)
    for edge, price in STEPS:
        width = left if edge is None else edge * months * units - low
        used = min(left, width)
        total += used * price
        left -= used
        low += width
    return total


def half_up(value: Fraction) -> int:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("watt_hours", "expected"),
    [
        (0, 0),
        (99, 0),
        (100, 1),
        (999_999, 5_000),
        (1_000_000, 5_000),
        (1_000_001, 5_000),
        (1_000_050, 5_001),
        (1_999_999, 15_000),
        (2_000_000, 15_000),
        (2_000_001, 15_000),
        (2_000_034, 15_001),
        (3_000_000, 30_000),
    ],
)
def test_a_block_tariff_is_right_around_every_edge(watt_hours: int, expected: int) -> None:
    assert fils(book_of(BLOCKS), home(watt_hours)) == expected


def test_a_quantity_exactly_on_an_edge_stays_in_the_lower_block() -> None:
    bill = rules.rate(book=book_of(BLOCKS), usage=home(1_000_000))

    assert [(line.tier, line.quantity, line.amount.fils) for line in bill.lines] == [
        (1, 1_000_000, 5_000)
    ]


def test_each_dwelling_unit_brings_its_own_blocks() -> None:
    assert fils(book_of(BLOCKS), home(3_000_000, units=3)) == 15_000


def test_half_a_month_has_half_of_each_block() -> None:
    half = Period(date(2026, 4, 1), date(2026, 4, 16))

    bill = rules.rate(book=book_of(BLOCKS), usage=home(1_500_000, half))

    assert [(line.tier_from, line.tier_to) for line in bill.lines] == [
        (0, 500_000),
        (500_000, 1_000_000),
        (1_000_000, None),
    ]
    assert bill.total.fils == 2_500 + 5_000 + 7_500


def test_a_price_change_inside_a_month_is_split_by_day() -> None:
    book = book_of(
        rate_record("old", "2020-01-01", price="2", until="2026-04-11")
        + rate_record("mid", "2026-04-11", price="4", until="2026-04-21")
        + rate_record("new", "2026-04-21", price="8")
    )

    bill = rules.rate(book=book, usage=home(300_000))

    assert [(x.rate_id, x.quantity, x.amount.fils) for x in bill.lines] == [
        ("old", 100_000, 200),
        ("mid", 100_000, 400),
        ("new", 100_000, 800),
    ]


def test_a_certificate_has_its_own_price_and_falls_back_where_it_has_none() -> None:
    book = book_of(
        rate_record("plain", "2020-01-01", price="5")
        + rate_record("certified", "2026-04-16", price="3", certificate="productive")
    )
    usage = Usage(ELECTRICITY, "home", APRIL, 30_000, certificate="productive")

    bill = rules.rate(book=book, usage=usage)

    assert [(line.rate_id, line.amount.fils) for line in bill.lines] == [
        ("plain", 75),
        ("certified", 45),
    ]


def test_lines_rounded_one_by_one_where_the_book_says_so() -> None:
    tiers = rate_record("t", "2020-01-01") + (
        '[[rate.tier]]\nup_to = "1"\nprice = "0.5"\n[[rate.tier]]\nprice = "0.5"\n'
    )

    assert fils(book_of(tiers, "line"), home(2_000)) == 2
    assert fils(book_of(tiers, "charge"), home(2_000)) == 1


def test_a_thousand_imperial_gallons_cost_exactly_their_price() -> None:
    record = rate_record("w", "2020-01-01", price="800").replace("electricity", "water")
    book = book_of(record.replace("kWh", "1000 IG"))
    gallons = Usage(WATER, "home", APRIL, 1000 * LITRES_PER_GALLON)

    assert fils(book, gallons) == 800


@pytest.mark.parametrize(
    "usage",
    [
        home(-1),
        home(10**15 + 1),
        home(1, units=0),
        home(1, Period(date(2000, 1, 1), date(2030, 1, 1))),
    ],
)
def test_an_impossible_usage_is_refused(usage: Usage) -> None:
    with pytest.raises(rules.UsageWrong):
        rules.rate(book=book_of(BLOCKS), usage=usage)


def test_a_day_without_a_rate_refuses_the_usage_and_names_the_day() -> None:
    late = book_of(rate_record("late", "2026-04-10", price="2"))

    with pytest.raises(rules.NoRate) as refused:
        rules.rate(book=late, usage=home(1000))

    assert refused.value.facts["day"] == "2026-04-01"
    assert "2026-04-01" in refused.value.in_language("ar")


quantities = st.integers(0, 20_000_000)
spans = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)),
    st.dates(date(2024, 1, 1), date(2026, 12, 1)),
    st.integers(1, 100),
)


def months_of(period: Period) -> Fraction:
    """A day is one day-th of its month, added up day by day."""
    return sum((Fraction(1, BillingMonth.of(day).period.days) for day in period), Fraction(0))


@given(quantities, spans, st.integers(1, 9))
def test_blocks_equal_an_obvious_reference(quantity: int, period: Period, units: int) -> None:
    exact = reference(Fraction(quantity), months_of(period), units)

    assert fils(book_of(BLOCKS), home(quantity, period, units)) == half_up(exact)


@given(quantities, spans, st.integers(1, 9))
def test_lines_add_up_to_the_quantity_and_the_total(
    quantity: int, period: Period, units: int
) -> None:
    bill = rules.rate(book=book_of(BLOCKS), usage=home(quantity, period, units))

    assert sum(line.quantity for line in bill.lines) == quantity
    assert sum(line.amount.fils for line in bill.lines) == bill.total.fils
    assert all(line.amount.fils >= 0 for line in bill.lines)


@given(quantities, st.integers(0, 5_000), spans)
def test_more_use_never_costs_less(quantity: int, more: int, period: Period) -> None:
    book = book_of(BLOCKS)

    assert fils(book, home(quantity, period)) <= fils(book, home(quantity + more, period))


@given(st.sampled_from([1_000_000, 2_000_000]), st.integers(-100, 100), st.integers(1, 9))
def test_the_charge_is_continuous_at_the_edges(edge: int, step: int, units: int) -> None:
    book = book_of(BLOCKS)
    at_edge, near = (fils(book, home(n * units, units=units)) for n in (edge, edge + step))

    assert abs(near - at_edge) <= abs(step) * units * 15 // 1000 + 1


@given(quantities, spans, st.data())
def test_cutting_a_period_moves_the_total_by_one_fils_at_most(
    quantity: int, period: Period, data: st.DataObject
) -> None:
    days = data.draw(st.integers(1, max(1, period.days - 1)))
    parts = period.split(period.start + timedelta(days=days))
    book = book_of(BLOCKS)

    cut = sum(fils(book, home(Fraction(quantity * part.days, period.days), part)) for part in parts)

    whole = fils(book, home(quantity, period))
    # Blocks follow each month's own length, so only a cut of one month is in proportion.
    if months_of(period) * parts[0].days == months_of(parts[0]) * period.days:
        assert abs(cut - whole) <= len(parts) - 1
    else:
        assert cut >= whole - 1
