"""A compiled book gives what pricing one usage after the other gives, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.rules import many
from tahseel.charging.tariffs.values import Every, PriceBook, Usage
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

BOOKS = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/tariffs"
HEAD = (
    'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
    'sectors = ["home", "shop"]\nsource = "test"\nrounding = "{rounding}"\n'
)
APRIL = BillingMonth(2026, 4).period
HOME = Usage(Service.ELECTRICITY, "home", APRIL, 1_000_000)


def record(name: str, body: str, *, start: str = "2020-01-01", sector: str = "home") -> str:
    return (
        f'[[rate]]\nid = "{name}"\nservice = "electricity"\nsector = "{sector}"\nfrom = {start}\n'
        f'source = "test"\nconfidence = "H"\n{body}'
    )


prices = st.decimals(0, 50, places=4).map(str)
edges = st.lists(st.integers(1, 4000), min_size=0, max_size=4, unique=True).map(sorted)


@st.composite
def priced(draw: st.DrawFn) -> str:
    """A flat or block price by the kilowatt-hour."""
    found = draw(edges)
    if not found:
        return f'unit = "kWh"\nprice = "{draw(prices)}"\n'
    whole = draw(st.booleans())
    text = 'unit = "kWh"\n' + ('tiering = "whole"\naccept_jumps = true\n' if whole else "")
    text += f'per = "{draw(st.sampled_from(["dwelling", "account"]))}"\n'
    text += f'every = "{draw(st.sampled_from(list(Every)))}"\n'
    for edge in found:
        text += f'[[rate.tier]]\nup_to = "{edge}"\nprice = "{draw(prices)}"\n'
    return text + f'[[rate.tier]]\nprice = "{draw(prices)}"\n'


@st.composite
def books(draw: st.DrawFn) -> PriceBook:
    """A book with some of everything, changing inside a month."""
    middle = draw(st.dates(date(2026, 3, 25), date(2026, 5, 5))).isoformat()
    first, second = draw(priced()), draw(priced())
    ends = f"until = {middle}\n"
    records = [
        record("old", ends + first),
        record("new", second, start=middle),
        record("peak", f'band = "peak"\n{draw(priced())}'),
        record("rest", f'band = "rest"\n{draw(priced())}'),
        record("back", f'kind = "export"\n{draw(priced())}'),
        record("shop", draw(priced()), sector="shop"),
    ]
    time = 'unit = "{}"\nprice = "{}"\n'
    every, off = st.sampled_from(list(Every)), st.sampled_from(["", "-"])
    ways = {
        "demand": f'kind = "demand"\nevery = "{draw(every)}"\nunit = "kW"\n'
        f'price = "{draw(prices)}"\n',
        "rent": 'kind = "fixed"\n' + time.format(draw(every), draw(off) + str(draw(prices))),
        "door": 'kind = "fixed"\ncharge = "door"\nper = "dwelling"\n'
        + time.format(draw(every), draw(prices)),
        "least": 'kind = "minimum"\n' + time.format(draw(every), draw(st.integers(0, 9000))),
        "fuel": f'kind = "adder"\nunit = "kWh"\nprice = "{draw(off)}{draw(prices)}"\n',
        "lamp": 'kind = "adder"\ncharge = "lamp"\n'
        + time.format(draw(every), draw(off) + str(draw(prices))),
        "slab": 'kind = "fixed"\ncharge = "slab"\nby = "kWh"\nunit = "month"\naccept_jumps = true\n'
        f'every = "{draw(every)}"\n[[rate.tier]]\nup_to = "200"\nprice = "{draw(prices)}"\n'
        f'[[rate.tier]]\nprice = "{draw(prices)}"\n',
        "green": f'kind = "adder"\ncharge = "green"\npercent = "{draw(off)}{draw(prices)}"\n',
        "vat": f'kind = "tax"\npercent = "{draw(prices)}"\nof = ["consumption", "export"]\n',
        "saving": 'kind = "credit"\npercent = "40"\n',
    }
    chosen = draw(st.lists(st.sampled_from(sorted(ways)), unique=True))
    records += [record(name, ways[name], start=middle) for name in chosen]
    head = HEAD.format(rounding=draw(st.sampled_from(["charge", "line"])))
    return rules.load_book((head + "".join(records)).encode())


quantities = st.one_of(st.integers(0, 9_000_000), st.integers(0, 10**15), st.just(0))
periods = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)),
    st.dates(date(2026, 3, 1), date(2026, 5, 20)),
    st.integers(1, 70),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    rest, peak = draw(quantities) // 2, draw(quantities) // 2
    fraction = Fraction(1, draw(st.sampled_from([1, 1, 1, 7])))
    plain = draw(st.booleans())
    return replace(
        HOME,
        sector=draw(st.sampled_from(["home", "home", "shop"])),
        period=draw(st.one_of(st.just(APRIL), periods)),
        quantity=(rest + peak) if not plain or fraction == 1 else (rest + peak) * fraction,
        units=draw(st.integers(1, 40)),
        bands=() if plain else (("rest", rest), ("peak", peak)),
        demand=draw(st.integers(0, 10**6)),
        exported=draw(st.sampled_from([0, 0, 1, 12_345])) if draw(st.booleans()) else 0,
        last_year=draw(st.sampled_from([None, None, 10**7])),
    )


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=150)
@given(books(), st.lists(usages(), min_size=1, max_size=12))
def test_programs_and_rates_give_the_same_lines(book: PriceBook, drawn: list[Usage]) -> None:
    usages = [one if one.sector == "home" else replace(one, exported=0) for one in drawn]

    found = many.rate_many(book=book, usages=usages)

    for row, usage in enumerate(usages):
        if found.made.left[row]:
            continue
        wanted = rules.rate(book=book, usage=usage)
        told = [(c.rate.id, c.period, c.tier, n, fils) for c, n, fils in found.lines(row)]
        assert told == [
            (x.rate_id, x.period, x.tier, x.quantity, x.amount.fils) for x in wanted.lines
        ]
        assert found.made.totals[row] == wanted.total.fils
    assert many.totals(book=book, usages=usages) == [
        rules.rate(book=book, usage=one).total.fils for one in usages
    ]


def test_a_percentage_of_one_fils_given_back_is_a_line_all_the_same() -> None:
    flat = record("old", 'unit = "kWh"\nprice = "5"\n')
    back = record("back", 'kind = "export"\nunit = "kWh"\nprice = "1"\n')
    vat = record("vat", 'kind = "tax"\npercent = "5"\nof = ["consumption", "export"]\n')
    head = HEAD.format(rounding="charge")
    made = rules.load_book((head + flat + back + vat).encode())
    usage = replace(HOME, quantity=0, exported=1_000)

    found = many.rate_many(book=made, usages=[usage])

    told = [(charge.rate.id, quantity, fils) for charge, quantity, fils in found.lines(0)]
    assert told == [("old", 0, 0), ("back", 1_000, -1), ("vat", -1, 0)]
    lines = rules.rate(book=made, usage=usage).lines
    assert told == [(line.rate_id, line.quantity, line.amount.fils) for line in lines]


@pytest.mark.parametrize("name", ["applied-2017.toml", "statute-2016.toml"])
def test_no_ordinary_month_of_a_shipped_book_is_left_to_the_slow_way(name: str) -> None:
    book = rules.load_book((BOOKS / name).read_bytes())
    sectors = sorted({key.sector for key in book.rates if key.service == Service.ELECTRICITY})
    usages = [
        Usage(Service.ELECTRICITY, sector, BillingMonth(2026, month).period, 10**9, units=units)
        for sector in sectors
        for month in range(1, 13)
        for units in (1, 10_000)
    ]

    found = many.rate_many(book=book, usages=usages)

    assert not found.made.left.any()
    assert len(found.programs.columns) == 12 * len(sectors)


def test_what_no_book_can_price_is_refused_for_many_as_for_one() -> None:
    book = rules.load_book((BOOKS / "applied-2017.toml").read_bytes())
    fine = Usage(Service.ELECTRICITY, "private", APRIL, 1)

    with pytest.raises(rules.UsageWrong):
        many.totals(book=book, usages=[fine, replace(fine, quantity=-1)])
    with pytest.raises(rules.NoRate):
        many.totals(book=book, usages=[fine, replace(fine, sector="moon")])
