"""A month nobody read, by its own history, its season or its neighbours."""

from __future__ import annotations

import statistics
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings import basis, judging, likeness
from tahseel.consumption.readings.likeness import GapRule, Use
from tahseel.countries.kuwait import country

JUNE = 2026 * 12 + 5
RULE = GapRule(3, 50, 200, 2, 3, frozenset())
CONTENT = country.content("validation").decode()


def month(per_day: int, days: int = 30) -> Use:
    return Use(per_day * days, days)


def test_last_years_month_is_scaled_by_the_accounts_own_trend() -> None:
    own = {JUNE - 12: month(50), JUNE - 13: month(40), JUNE - 1: month(44)}

    told = likeness.guess(month=JUNE, own=own, area={}, rule=RULE)

    assert told is not None
    assert (told.how, told.over(30), told.number) == ("history", 50 * 30 * 44 // 40, 3)


def test_a_trend_keeps_within_its_limits_and_is_none_without_months_in_both_years() -> None:
    great = {JUNE - 12: month(50), JUNE - 13: month(1), JUNE - 1: month(900)}
    alone = {JUNE - 12: month(50), JUNE - 1: month(900)}

    doubled, same = (likeness.guess(month=JUNE, own=o, area={}, rule=RULE) for o in (great, alone))

    assert doubled is not None
    assert same is not None
    assert (doubled.rate, same.rate) == (100, 50)


def test_without_last_year_its_last_months_follow_the_season_of_the_area() -> None:
    own = {JUNE - 2: month(10), JUNE - 1: month(10)}
    area = {JUNE - 14: [month(20)] * 3, JUNE - 13: [month(20)] * 3, JUNE - 12: [month(70)] * 3}

    told = likeness.guess(month=JUNE, own=own, area=area, rule=RULE)

    assert told is not None
    assert (told.how, told.rate, told.number) == ("season", 35, 2)


def test_too_few_neighbours_tell_neither_a_season_nor_a_month() -> None:
    own = {JUNE - 2: month(10), JUNE - 1: month(10)}
    area = {one: [month(20)] * 2 for one in (JUNE, JUNE - 12, JUNE - 13, JUNE - 14)}

    assert likeness.guess(month=JUNE, own=own, area=area, rule=RULE) is None
    assert likeness.guess(month=JUNE, own={}, area={}, rule=RULE) is None


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 31)), min_size=3, max_size=40),
    st.integers(1, 31),
)
def test_a_meter_without_history_gets_the_median_day_of_its_neighbours(
    told: list[tuple[int, int]], days: int
) -> None:
    found = likeness.guess(month=JUNE, own={}, area={JUNE: [Use(*one) for one in told]}, rule=RULE)

    exact = statistics.median(Fraction(*one) for one in told) * days
    assert found is not None
    assert found.how == "neighbours"
    assert found.over(days) == int(exact + Fraction(1, 2))


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 10**6), st.integers(28, 31))
def test_a_guess_scales_with_its_units(q: int, then: int, now: int, days: int) -> None:
    own = {JUNE - 12: Use(q, 30), JUNE - 13: Use(then, 31), JUNE - 1: Use(now, 31)}
    in_thousands = {one: replace(use, quantity=1000 * use.quantity) for one, use in own.items()}

    small, great = (
        likeness.guess(month=JUNE, own=some, area={}, rule=RULE) for some in (own, in_thousands)
    )

    assert small is not None
    assert great is not None
    assert great.rate == 1000 * small.rate
    assert small.rate <= Fraction(q, 30) * 2
    assert small.over(days) >= 0


def test_a_basis_of_a_guess_is_the_same_after_its_lists() -> None:
    rate = Fraction(10**20 + 1, 3)
    first, end = (basis.date(2026, 6, 1), basis.date(2026, 7, 1))
    part = basis.ByLikeness(first, end, 30, "season", rate.numerator, rate.denominator, 4)

    [again] = basis.from_lists(basis.as_lists((part,)))

    assert again == part
    assert part.rate == rate


@pytest.mark.parametrize(
    ("text", "other"),
    [("trend_months = 3", "trend_months = 0"),
     ("trend_percent_min = 50", "trend_percent_min = 201"),
     ("neighbours_min = 5", "neighbours_min = 0"), ("done_for = []", 'done_for = "all"')],
)  # fmt: skip
def test_a_rule_that_rests_on_nothing_is_refused(text: str, other: str) -> None:
    assert CONTENT.count(text) == 1

    with pytest.raises(ValueError, match=r"guess|list"):
        judging.load_rules(CONTENT.replace(text, other).encode())
