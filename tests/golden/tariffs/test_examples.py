"""The example books: bills worked out by hand, line by line, in the smallest coin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tahseel.charging.tariffs import command

EXAMPLES = Path(__file__).resolve().parents[3] / "docs/examples/tariffs"

# A month of 5,000 kWh: 2,000 x 23, 2,000 x 28 and 1,000 x 32; the rent; 5,000 x 6.5 of fuel;
# 5 % of 134,000 + 600 + 32,500. In April fuel is dearer for 10 days of 30 and gives back for 20: a
# third of 3,000 kWh has a third of the blocks, 666 2/3 x 23 and 333 1/3 x 28, and two thirds twice
# as much.
BLOCKS = {
    "blocks": [
        ("energy", 46_000), ("energy", 56_000), ("energy", 32_000), ("meter", 600),
        ("fuel-spring", 32_500), ("vat", 8_355),
    ],
    "price-change": [
        ("energy", 15_333), ("energy", 9_333), ("meter", 200), ("fuel-spring", 6_500),
        ("vat", 1_568), ("energy", 30_667), ("energy", 18_667), ("meter", 400),
        ("fuel-summer", -1_000), ("vat", 2_437),
    ],
}  # fmt: skip
# 91 days: 893.52 kWh are below 910, so all are of the first block; 91 x 116.95; 412 x 12 back; a
# rebate of a year's 28,500 for 3 1/30 months, after the tax of 10 % of 26,538 + 10,642. A shop's
# quarter: 1,020 x 25 and 480 x 30.
DAYS = {
    "quarter": [
        ("usage", 26_538), ("supply", 10_642), ("solar", -4_944), ("rebate", -7_204),
        ("gst", 3_718),
    ],
    "shop": [("shop-usage", 25_500), ("shop-usage", 14_400)],
}  # fmt: skip
# July: 30,000 x 42, 60,000 x 18, and 250 kVA x 31 days x 38.5. November: 100 x 12, 1 x 30 x 38.5,
# and what is missing to 50,000.
TIMES = {
    "factory": [("summer-peak", 1_260_000), ("summer-rest", 1_080_000), ("demand", 298_375)],
    "idle": [("winter-peak", 0), ("winter-rest", 1_200), ("demand", 1_155), ("least", 47_645)],
}
# 45 m3: 40 and 5 of each of the three. A garden of 32 CCF with a budget of 20: 8 x 134, 12 x 162,
# 10 x 391, 2 x 1,432; it used more than 20 CCF, so its service costs 900. On the hill 32 x 250.
WATER = {
    "water": [
        ("water", 4_840), ("water", 760), ("meter-small", 150), ("sewage", 3_680),
        ("sewage", 590), ("conservation", 2_440), ("conservation", 495),
    ],
    "garden": [
        ("budget", 1_072), ("budget", 1_944), ("budget", 3_910), ("budget", 2_864),
        ("by-what-is-used", 900),
    ],
    "hill": [("budget-on-the-hill", 8_000), ("by-what-is-used", 900)],
}  # fmt: skip
BILLS = [
    ("blocks-and-tax", BLOCKS),
    ("by-the-day", DAYS),
    ("time-of-use", TIMES),
    ("water", WATER),
]


def rated(name: str) -> dict[str, Any]:
    return command.rate_files(book=EXAMPLES / f"{name}.toml", usage=EXAMPLES / f"{name}.csv")


@pytest.mark.parametrize(("name", "bills"), BILLS)
def test_an_example_comes_out_as_worked_out_by_hand(
    name: str, bills: dict[str, list[tuple[str, int]]]
) -> None:
    found = rated(name)

    assert found["refused"] == []
    assert {
        bill["account"]: [(line["rate"], line["amount_fils"]) for line in bill["lines"]]
        for bill in found["bills"]
    } == bills
    totals = {bill["account"]: bill["total_fils"] for bill in found["bills"]}
    assert totals == {account: sum(fils for _, fils in lines) for account, lines in bills.items()}


def test_every_example_book_is_worked_out_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.toml")} == {name for name, _ in BILLS}


def test_prices_are_told_as_decimals_as_the_book_says_them() -> None:
    lines = [line for bill in rated("by-the-day")["bills"] for line in bill["lines"]]

    assert {(line["rate"], line["price_fils"], line["price_unit"]) for line in lines} == {
        ("usage", "29.7", "kWh"),
        ("supply", "116.95", "day"),
        ("solar", "12", "kWh"),
        ("rebate", "-28500", "year"),
        ("gst", "10", "%"),
        ("shop-usage", "25", "kWh"),
        ("shop-usage", "30", "kWh"),
    }
