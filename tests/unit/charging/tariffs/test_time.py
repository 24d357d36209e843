"""Days, months, quarters and years: what blocks and flat charges are of; and what takes off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.charging.tariffs.test_kinds import (
    FLAT,
    HALF,
    HOME,
    WRONG,
    book,
    charged,
    lines,
    record,
    refusal,
)


def test_a_flat_adder_and_a_rebate_are_for_time_and_a_fixed_charge_may_be_by_the_day() -> None:
    found = book(
        record("flat", FLAT),
        record("supply", 'kind = "fixed"\nunit = "day"\nprice = "116.95"\n'),
        record("lamp", 'kind = "adder"\ncharge = "lamp"\nunit = "quarter"\nprice = "900"\n'),
        record("rebate", 'kind = "adder"\nunit = "year"\nprice = "-1200"\n'),
    )

    assert charged(found, replace(HOME, quantity=0)) == [
        ("flat", 0), ("supply", 3_509), ("lamp", 300), ("rebate", -100),
    ]  # fmt: skip
    assert charged(found, replace(HOME, quantity=0, period=HALF))[1:] == [
        ("supply", 1_754), ("lamp", 150), ("rebate", -50),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("every", "wanted"),
    [("day", 300_000), ("month", 10_000), ("quarter", 3_333), ("year", 833)],
)
def test_blocks_are_of_a_day_a_month_a_quarter_or_a_year(every: str, wanted: int) -> None:
    blocks = (
        f'unit = "kWh"\nevery = "{every}"\n[[rate.tier]]\nup_to = "10"\nprice = "1"\n'
        '[[rate.tier]]\nprice = "2"\n'
    )

    found = lines(book(record("blocks", blocks)), HOME)

    assert found[0].quantity == wanted
    assert sum(line.quantity for line in found) == HOME.quantity


def test_a_demand_by_the_day_is_paid_for_each_day() -> None:
    daily = record("demand", 'kind = "demand"\nunit = "kVA"\nevery = "day"\nprice = "10"\n')
    found = book(record("flat", FLAT), daily)

    assert charged(found, replace(HOME, quantity=0, demand=2_500))[1:] == [("demand", 750)]


@pytest.mark.parametrize(("kwh", "wanted"), [(0, 95), (100, 95), (101, 140), (600, 700)])
def test_a_fixed_charge_by_what_was_used_is_that_of_the_block_in_which_it_ends(
    kwh: int, wanted: int
) -> None:
    slabs = (
        'kind = "fixed"\nunit = "month"\nby = "kWh"\naccept_jumps = true\n'
        '[[rate.tier]]\nup_to = "100"\nprice = "95"\n'
        '[[rate.tier]]\nup_to = "500"\nprice = "140"\n[[rate.tier]]\nprice = "700"\n'
    )

    found = book(record("flat", FLAT), record("rent", slabs))

    assert charged(found, replace(HOME, quantity=kwh * 1_000))[1:] == [("rent", wanted)]


def test_a_rebate_by_the_unit_and_by_percent_take_off_what_they_would_put_on() -> None:
    put_on = [
        record("fuel", 'kind = "adder"\ncharge = "fuel"\nunit = "kWh"\nprice = "0.337"\n'),
        record("part", 'kind = "adder"\ncharge = "part"\npercent = "12.5"\n'),
    ]
    taken_off = [one.replace('"0.337"', '"-0.337"').replace('"12.5"', '"-12.5"') for one in put_on]

    more = charged(book(record("flat", FLAT), *put_on), HOME)[1:]
    less = charged(book(record("flat", FLAT), *taken_off), HOME)[1:]

    assert more == [("fuel", 337), ("part", 625)]
    assert less == [(name, -fils) for name, fils in more]


ALLOTTED = (
    'unit = "kWh"\nevery = "day"\n[[rate.tier]]\nup_to_percent = "50"\nprice = "1"\n'
    '[[rate.tier]]\nprice = "2"\n'
)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('unit = "kWh"\nprice = "-1"\n', "price"),
        ('kind = "tax"\npercent = "-5"\n', "percent"),
        ('kind = "minimum"\nunit = "month"\nprice = "-5"\n', "price"),
        ('unit = "kWh"\nevery = "day"\nprice = "1"\n', "every"),
        ('unit = "kWh"\nevery = "week"\n[[rate.tier]]\nprice = "1"\n', "every"),
        (ALLOTTED, "every"),
        ('kind = "fixed"\nunit = "fortnight"\nprice = "1"\n', "unit"),
        ('kind = "fixed"\nunit = "day"\nby = "kWh"\nprice = "1"\n', "by"),
        ('kind = "fixed"\nunit = "day"\n[[rate.tier]]\nprice = "1"\n', "by"),
        ('kind = "fixed"\nunit = "day"\nby = "m3"\n[[rate.tier]]\nprice = "1"\n', "by"),
        ('kind = "minimum"\nunit = "day"\nby = "kWh"\n[[rate.tier]]\nprice = "1"\n', "by"),
    ],
)
def test_what_a_rate_cannot_be_is_refused_with_its_record_and_field(body: str, field: str) -> None:
    refused = refusal(record("x", body))

    assert refused.code == WRONG
    assert (refused.facts["record"], refused.facts["field"]) == ("x", field)


def test_a_fixed_charge_that_jumps_at_an_edge_says_that_it_is_meant() -> None:
    slabs = (
        'kind = "fixed"\nunit = "month"\nby = "kWh"\n'
        '[[rate.tier]]\nup_to = "100"\nprice = "95"\n[[rate.tier]]\nprice = "140"\n'
    )

    refused = refusal(record("rent", slabs))

    assert refused.code == "price_book_tiers_jump"
    assert (refused.facts["before"], refused.facts["after"]) == ("95", "140")
