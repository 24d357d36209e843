"""The two Kuwait books against figures that the law and the press print."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.values import LITRES_PER_GALLON, PriceBook, Usage
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

BOOKS = Path(__file__).parents[3] / "src/tahseel/countries/kuwait/data/tariffs"
MONTH = BillingMonth(2026, 7).period
SECTORS = {
    "private",
    "investment",
    "commercial",
    "government",
    "industrial",
    "agricultural",
    "other",
}


def book(name: str) -> PriceBook:
    return rules.load_book((BOOKS / f"{name}.toml").read_bytes())


def kwh(name: str, quantity: str, sector: str, certificate: str = "", units: int = 1) -> int:
    wh = Fraction(quantity) * 1000
    usage = Usage(Service.ELECTRICITY, sector, MONTH, wh, certificate, units)
    return rules.rate(book=book(name), usage=usage).total.fils


def gallons(name: str, quantity: int, sector: str, certificate: str = "") -> int:
    usage = Usage(Service.WATER, sector, MONTH, quantity * LITRES_PER_GALLON, certificate)
    return rules.rate(book=book(name), usage=usage).total.fils


@pytest.mark.parametrize("name", ["applied-2017", "statute-2016"])
def test_both_books_know_every_sector(name: str) -> None:
    found = book(name)

    assert set(found.sectors) == SECTORS
    assert {key.sector for key in found.rates if key.service == Service.ELECTRICITY} == SECTORS


def test_three_thousand_kilowatt_hours_cost_thirty_dinars_by_blocks_and_fifteen_flat() -> None:
    assert kwh("statute-2016", "3000", "investment") == 30_000
    assert kwh("applied-2017", "3000", "investment") == 15_000


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("999", 4_995),
        ("1000", 5_000),
        ("1001", 5_010),
        ("1999", 14_990),
        ("2000", 15_000),
        ("2001", 15_015),
    ],
)
def test_the_statute_is_right_one_unit_around_every_edge(quantity: str, expected: int) -> None:
    assert kwh("statute-2016", quantity, "investment") == expected


@pytest.mark.parametrize(
    ("sector", "certificate", "electricity", "water"),
    [
        ("private", "", 2_000, 8_000),
        ("investment", "", 5_000, 20_000),
        ("commercial", "", 5_000, 20_000),
        ("government", "", 25_000, 40_000),
        ("industrial", "productive", 3_000, 12_500),
        ("industrial", "", 5_000, 20_000),
        ("agricultural", "productive", 3_000, 12_500),
        ("agricultural", "", 5_000, 20_000),
        ("other", "", 12_000, 20_000),
    ],
)
def test_the_applied_book_charges_what_was_sanctioned(
    sector: str, certificate: str, electricity: int, water: int
) -> None:
    """A thousand kilowatt-hours and ten thousand imperial gallons."""
    assert kwh("applied-2017", "1000", sector, certificate) == electricity
    assert gallons("applied-2017", 10_000, sector, certificate) == water


def test_an_average_villa_and_an_average_flat_cost_what_a_year_of_bills_shows() -> None:
    assert kwh("applied-2017", "145444", "private") == 290_888
    assert kwh("applied-2017", "20278", "investment") == 101_390
