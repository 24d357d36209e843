"""Everything a book can charge for besides a quantity by the unit: golden bills and laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.values import Kind, Line, PriceBook, Usage
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service

APRIL = BillingMonth(2026, 4).period
HALF = Period(date(2026, 4, 1), date(2026, 4, 16))
HOME = Usage(Service.ELECTRICITY, "home", APRIL, 1_000_000)
HEAD = (
    'code = "b"\nversion = 1\nname_ar = "ك"\nname_en = "b"\nfrom = 2020-01-01\n'
    'sectors = ["home"]\nsource = "test"\n'
)
FLAT = 'unit = "kWh"\nprice = "5"\n'


def record(name: str, body: str, start: str = "2020-01-01") -> str:
    return (
        f'[[rate]]\nid = "{name}"\nservice = "electricity"\nsector = "home"\nfrom = {start}\n'
        f'source = "test"\nconfidence = "H"\n{body}'
    )


def book(*records: str, rounding: str = "charge") -> PriceBook:
    text = HEAD + f'rounding = "{rounding}"\n' + "".join(records)
    return rules.load_book(text.encode())


def lines(found: PriceBook, usage: Usage) -> list[Line]:
    return list(rules.rate(book=found, usage=usage).lines)


def charged(found: PriceBook, usage: Usage) -> list[tuple[str, int]]:
    return [(line.rate_id, line.amount.fils) for line in lines(found, usage)]


def refusal(*records: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        book(*records)
    return refused.value


PEAK = record("peak", 'unit = "kWh"\nprice = "9"\nband = "peak"\n')
REST = record("rest", 'unit = "kWh"\nprice = "3"\nband = "rest"\n')
BANDED = replace(HOME, bands=(("rest", 600_000), ("peak", 400_000)))


def test_each_band_of_time_has_its_price_and_the_bands_make_the_quantity() -> None:
    bill = rules.rate(book=book(PEAK, REST), usage=BANDED)

    told = [(line.band, line.quantity, line.amount.fils) for line in bill.lines]
    assert told == [("rest", 600_000, 1_800), ("peak", 400_000, 3_600)]


def test_who_has_no_bands_pays_the_flat_price_or_is_refused_where_there_is_none() -> None:
    assert charged(book(PEAK, REST, record("flat", FLAT)), HOME) == [("flat", 5_000)]
    with pytest.raises(rules.UsageLacks) as refused:
        rules.rate(book=book(PEAK, REST), usage=HOME)
    assert refused.value.facts == {"record": "peak", "field": "bands"}


def test_a_band_without_a_price_is_refused_unless_nothing_was_used_in_it() -> None:
    strange = replace(BANDED, bands=(("peak", 400_000), ("night", 600_000)))
    with pytest.raises(rules.UsageLacks) as refused:
        rules.rate(book=book(PEAK, REST), usage=strange)
    assert refused.value.facts["field"] == "band night"

    empty = replace(HOME, bands=(("peak", 1_000_000), ("night", 0)))
    assert charged(book(PEAK, REST), empty) == [("peak", 9_000)]


@pytest.mark.parametrize("bands", [(("peak", 1),), (("peak", 2_000_000), ("rest", -1_000_000)),
                                   (("peak", 500_000), ("peak", 500_000))])  # fmt: skip
def test_bands_that_do_not_make_the_quantity_are_refused(
    bands: tuple[tuple[str, int], ...],
) -> None:
    with pytest.raises(rules.UsageWrong):
        rules.rate(book=book(PEAK, REST), usage=replace(HOME, bands=bands))


DEMAND = record("demand", 'kind = "demand"\nunit = "kW"\nprice = "1500"\n')


def test_demand_is_charged_by_the_kilowatt_and_month_and_by_half_for_half_a_month() -> None:
    found = book(record("flat", FLAT), DEMAND)

    assert charged(found, replace(HOME, demand=7_200)) == [("flat", 5_000), ("demand", 10_800)]
    half = replace(HOME, period=HALF, quantity=0, demand=7_200)
    assert charged(found, half) == [("flat", 0), ("demand", 5_400)]


def test_blocks_of_demand_do_not_shrink_with_the_days() -> None:
    blocks = record(
        "demand",
        'kind = "demand"\nunit = "kW"\n[[rate.tier]]\nup_to = "5"\nprice = "100"\n'
        '[[rate.tier]]\nprice = "200"\n',
    )
    found = book(record("flat", FLAT), blocks)

    half = lines(found, replace(HOME, period=HALF, quantity=0, demand=8_000))[1:]
    assert [(x.tier_from, x.tier_to, x.quantity, x.amount.fils) for x in half] == [
        (0, 5_000, 5_000, 250),
        (5_000, None, 3_000, 300),
    ]


def test_a_demand_that_nobody_measured_is_never_taken_for_none() -> None:
    with pytest.raises(rules.UsageLacks) as refused:
        rules.rate(book=book(record("flat", FLAT), DEMAND), usage=HOME)

    assert refused.value.facts == {"record": "demand", "field": "demand"}


def test_fixed_charges_are_by_the_month_and_several_stand_side_by_side() -> None:
    rent = 'kind = "fixed"\nunit = "month"\n'
    found = book(
        record("flat", FLAT),
        record("rent", rent + 'charge = "meter"\nprice = "250"\n'),
        record("big", rent + 'charge = "meter"\nprice = "900"\nmeter_size = "DN50"\n'),
        record("door", rent + 'charge = "service"\nprice = "100"\nper = "dwelling"\n'),
    )
    none = replace(HOME, quantity=0, units=3)

    assert charged(found, none) == [("flat", 0), ("rent", 250), ("door", 300)]
    big = replace(none, meter_size="DN50", period=HALF)
    assert charged(found, big) == [("flat", 0), ("big", 450), ("door", 150)]


def test_the_zone_of_the_supply_has_its_own_price_and_a_certificate_says_more_than_a_zone() -> None:
    found = book(
        record("plain", FLAT),
        record("island", FLAT.replace("5", "7") + 'zone = "island"\n'),
        record("factory", FLAT.replace("5", "3") + 'certificate = "productive"\n'),
    )

    assert charged(found, replace(HOME, zone="island")) == [("island", 7_000)]
    assert charged(found, replace(HOME, zone="desert")) == [("plain", 5_000)]
    both = replace(HOME, zone="island", certificate="productive")
    assert charged(found, both) == [("factory", 3_000)]


def test_a_season_cuts_a_usage_at_the_first_of_its_month() -> None:
    found = book(
        record("summer", FLAT + "months = [5, 6, 7, 8, 9]\n"),
        record("winter", 'unit = "kWh"\nprice = "2"\nmonths = [10, 11, 12, 1, 2, 3, 4]\n'),
    )
    both = replace(HOME, period=Period(date(2026, 4, 21), date(2026, 5, 11)))

    assert charged(found, both) == [("winter", 1_000), ("summer", 2_500)]


def test_a_minimum_tops_up_what_consumption_and_rent_come_to() -> None:
    found = book(
        record("flat", FLAT),
        record("rent", 'kind = "fixed"\nunit = "month"\nprice = "500"\n'),
        record("least", 'kind = "minimum"\nunit = "month"\nprice = "2000"\n'),
    )

    assert charged(found, replace(HOME, quantity=100_000))[-1] == ("least", 1_000)
    assert charged(found, HOME) == [("flat", 5_000), ("rent", 500)]


def test_an_adder_and_a_tax_come_on_top_in_their_order() -> None:
    found = book(
        record("vat", 'kind = "tax"\npercent = "5"\n'),
        record("flat", FLAT),
        record("fuel", 'kind = "adder"\ncharge = "fuel"\nunit = "kWh"\nprice = "0.5"\n'),
        record("green", 'kind = "adder"\ncharge = "green"\npercent = "2.5"\n'),
    )

    assert charged(found, HOME) == [("flat", 5_000), ("fuel", 500), ("green", 125), ("vat", 281)]


def test_a_tax_that_begins_inside_a_month_is_taken_of_the_days_from_then_on() -> None:
    found = book(
        record("flat", FLAT), record("vat", 'kind = "tax"\npercent = "10"\n', "2026-04-16")
    )

    assert charged(found, HOME) == [("flat", 2_500), ("flat", 2_500), ("vat", 250)]


def test_an_adder_that_ends_leaves_no_gap_that_a_book_is_refused_for() -> None:
    ending = record("fuel", 'kind = "adder"\npercent = "10"\nuntil = 2026-04-11\n')

    assert charged(book(record("flat", FLAT), ending), HOME) == [
        ("flat", 1_667), ("fuel", 167), ("flat", 3_333),
    ]  # fmt: skip


ALLOTTED = record(
    "budget",
    'unit = "kWh"\n[[rate.tier]]\nup_to_percent = "100"\nprice = "2"\n'
    '[[rate.tier]]\nup_to_percent = "150"\nprice = "4"\n[[rate.tier]]\nprice = "10"\n',
)


def test_blocks_follow_the_allotment_of_the_account() -> None:
    told = lines(book(ALLOTTED), replace(HOME, allotment=500_000, units=4))

    assert [(x.tier, x.tier_to, x.amount.fils) for x in told] == [
        (1, 500_000, 1_000),
        (2, 750_000, 1_000),
        (3, None, 2_500),
    ]
    with pytest.raises(rules.UsageLacks):
        rules.rate(book=book(ALLOTTED), usage=HOME)


WHOLE = (
    'unit = "kWh"\ntiering = "whole"\n{accept}[[rate.tier]]\nup_to = "1000"\nprice = "5"\n'
    '[[rate.tier]]\nprice = "8"\n'
)


@pytest.mark.parametrize(
    ("watt_hours", "tier", "fils"),
    [(999_999, 1, 5_000), (1_000_000, 1, 5_000), (1_000_001, 2, 8_000)],
)
def test_whole_tiering_prices_everything_by_the_block_it_ends_in(
    watt_hours: int, tier: int, fils: int
) -> None:
    found = book(record("steps", WHOLE.format(accept="accept_jumps = true\n")))

    [line] = lines(found, replace(HOME, quantity=watt_hours))
    assert (line.tier, line.quantity, line.amount.fils) == (tier, watt_hours, fils)


def test_a_jump_that_nobody_said_is_meant_is_refused_with_its_size() -> None:
    refused = refusal(record("steps", WHOLE.format(accept="")))

    assert refused.code == "price_book_tiers_jump"
    assert refused.facts == {"record": "steps", "edge": "1000", "before": "5000", "after": "8000"}


def test_what_is_given_back_is_below_zero_and_without_a_price_refused() -> None:
    back = record("export", 'kind = "export"\nunit = "kWh"\nprice = "1.5"\n')
    giver = replace(HOME, exported=400_000)

    assert charged(book(record("flat", FLAT), back), giver) == [("flat", 5_000), ("export", -600)]
    with pytest.raises(rules.NoRate):
        rules.rate(book=book(record("flat", FLAT)), usage=giver)


SAVING = record(
    "saving",
    'kind = "credit"\n[[rate.tier]]\nup_to = "20"\npercent = "200"\n'
    '[[rate.tier]]\npercent = "40"\n',
)


@pytest.mark.parametrize(
    ("last_year", "credit"),
    [(1_000_000, 0), (900_000, 0), (1_250_000, -500), (1_249_999, -2_500), (1_100_000, -1_000)],
)
def test_who_saved_against_last_year_is_credited_by_how_much_he_saved(
    last_year: int, credit: int
) -> None:
    told = lines(book(record("flat", FLAT), SAVING), replace(HOME, last_year=last_year))

    assert sum(line.amount.fils for line in told if line.kind is Kind.CREDIT) == credit


def test_a_year_that_nobody_knows_brings_no_credit() -> None:
    assert charged(book(record("flat", FLAT), SAVING), HOME) == [("flat", 5_000)]


WRONG = "price_book_field_wrong"
AN_EDGE_TWICE = (
    'unit = "kWh"\n[[rate.tier]]\nup_to = "1"\nup_to_percent = "2"\nprice = "1"\n'
    '[[rate.tier]]\nprice = "1"\n'
)
DEMAND_BY = 'kind = "demand"\nunit = "kW"\nprice = "1"\n'


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ('kind = "gift"\nunit = "kWh"\nprice = "1"\n', WRONG, "kind"),
        ('kind = "fixed"\nunit = "kWh"\nprice = "1"\n', WRONG, "unit"),
        ('kind = "demand"\nunit = "kWh"\nprice = "1"\n', WRONG, "unit"),
        ('kind = "tax"\npercent = "5"\nof = ["credit"]\n', WRONG, "of"),
        ('kind = "tax"\npercent = "5"\nof = []\n', WRONG, "of"),
        ('kind = "credit"\nunit = "kWh"\npercent = "5"\n', WRONG, "unit"),
        ('kind = "tax"\n[[rate.tier]]\npercent = "1"\n', "price_book_tiers_wrong", "x"),
        (DEMAND_BY + 'band = "peak"\n', WRONG, "band"),
        (FLAT + 'charge = "rent"\n', WRONG, "charge"),
        (FLAT + "months = [13]\n", WRONG, "months"),
        (FLAT + "months = [1, 1]\n", WRONG, "months"),
        (FLAT + "months = [6]\n", "price_book_seasons_gap", "x"),
        (FLAT + 'tiering = "odd"\n', WRONG, "tiering"),
        (FLAT + 'per = "house"\n', WRONG, "per"),
        (FLAT + 'accept_jumps = "yes"\n', WRONG, "accept_jumps"),
        (DEMAND_BY + 'tiering = "whole"\n', WRONG, "tiering"),
        (AN_EDGE_TWICE, "price_book_tiers_wrong", "x"),
    ],
)  # fmt: skip
def test_a_record_that_makes_no_sense_is_refused_and_named(
    body: str, code: str, named: str
) -> None:
    refused = refusal(record("x", body))

    assert refused.code == code
    assert named in str(refused)


def test_seasons_may_not_overlap_and_bands_begin_together() -> None:
    overlap = refusal(
        record("a", FLAT + "months = [1, 2, 3]\n"), record("b", FLAT + "months = [3, 4]\n")
    )
    assert overlap.code == "price_book_rates_overlap"
    late = PEAK.replace("from = 2020-01-01", "from = 2021-01-01")
    assert refusal(late, REST).facts == {"first": "peak", "band": "peak", "day": "2020-01-01"}


BLOCKS = 'unit = "kWh"\n[[rate.tier]]\nup_to = "700"\nprice = "3"\n[[rate.tier]]\nprice = "7"\n'
RICH = book(
    record("plain", BLOCKS),
    PEAK,
    REST,
    DEMAND,
    record("rent", 'kind = "fixed"\nunit = "month"\nprice = "250"\n'),
    record("export", 'kind = "export"\nunit = "kWh"\nprice = "1.5"\n'),
    record("least", 'kind = "minimum"\nunit = "month"\nprice = "2000"\n'),
    record("fuel", 'kind = "adder"\nunit = "kWh"\nprice = "0.37"\n', "2026-02-11"),
    record("vat", 'kind = "tax"\npercent = "5"\n', "2026-03-07"),
)  # fmt: skip
spans = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)),
    st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    st.integers(1, 60),
)


@given(
    spans,
    st.integers(0, 5_000_000),
    st.integers(0, 5_000_000),
    st.integers(0, 20_000),
    st.booleans(),
)
def test_whatever_is_charged_the_lines_make_the_total_and_no_quantity_is_lost(
    period: Period, rest: int, peak: int, demand: int, banded: bool
) -> None:
    bands = (("rest", rest), ("peak", peak)) if banded else ()
    usage = replace(
        HOME, period=period, quantity=rest + peak, bands=bands, demand=demand, exported=peak
    )

    bill = rules.rate(book=RICH, usage=usage)

    taken = [line for line in bill.lines if line.kind is Kind.CONSUMPTION]
    assert sum(line.amount.fils for line in bill.lines) == bill.total.fils
    assert sum(line.quantity for line in taken) == rest + peak
    assert {bool(line.band) for line in taken} == {banded}
    assert all((line.amount.fils >= 0) != (line.kind is Kind.EXPORT) or not line.amount.fils
               for line in bill.lines)  # fmt: skip


@given(spans, st.integers(0, 5_000_000), st.integers(0, 20_000))
def test_a_minimum_is_reached_and_percentages_are_of_what_is_shown(
    period: Period, quantity: int, demand: int
) -> None:
    bill = rules.rate(
        book=RICH, usage=replace(HOME, period=period, quantity=quantity, demand=demand)
    )

    for day in {line.period.start for line in bill.lines}:
        part = [line for line in bill.lines if line.period.start == day]
        by = {k: sum(x.amount.fils for x in part if x.kind is k) for k in Kind}
        share = sum(Fraction(1, BillingMonth.of(d).period.days) for d in part[0].period)
        counted = sum(by[k] for k in (Kind.CONSUMPTION, Kind.DEMAND, Kind.FIXED, Kind.MINIMUM))
        assert counted >= int(2000 * share)
        if day >= date(2026, 3, 7):
            base = counted + by[Kind.ADDER]
            assert by[Kind.TAX] == (2 * base * 5 + 100) // 200
