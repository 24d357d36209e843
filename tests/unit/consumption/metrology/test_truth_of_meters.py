"""Verdicts, mean errors, how far back, and what a month becomes: against an obvious reference."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import comb
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.metrology import rules
from tahseel.consumption.metrology.values import (
    BackTo,
    Judgement,
    LotState,
    MeanError,
    Reach,
    Sampling,
    TestKind,
    TestPoint,
    Verdict,
)
from tahseel.countries.kuwait import country
from tahseel.kernel.quantity import Service

POLICY = rules.load_policy(country.content("metrology"))
DAY = date(2026, 6, 1)
ERRORS = st.integers(-rules.ERROR_MAX, rules.ERROR_MAX)


def judged(light: int, full: int, lag: int, accuracy_class: str = "1") -> Judgement:
    return rules.judge(
        POLICY, service=Service.ELECTRICITY, kind=TestKind.BENCH, accuracy_class=accuracy_class,
        points=[TestPoint(100, 100, light), TestPoint(1000, 100, full), TestPoint(1000, 50, lag)],
    )  # fmt: skip


def test_an_error_on_the_limit_passes_and_one_beyond_fails() -> None:
    on, beyond = judged(100, -100, 100), judged(100, -101, 100)

    assert (on.verdict, on.over) == (Verdict.PASSED, ())
    assert (beyond.verdict, beyond.over) == (Verdict.FAILED, (TestPoint(1000, 100, -101),))


def test_the_class_decides_the_limit() -> None:
    assert judged(150, 150, 150, "1").verdict is Verdict.FAILED
    assert judged(150, 150, 150, "2").verdict is Verdict.PASSED


def test_the_mean_error_is_weighted_as_the_programme_says() -> None:
    error = judged(-300, 200, 999).error

    assert Fraction(error.parts, error.weight) == Fraction(-300 + 4 * 200, 5)
    assert error.rounded == 100


@pytest.mark.parametrize(
    "points",
    [
        [],
        [TestPoint(100, 100, 0), TestPoint(1000, 100, 0)],
        [TestPoint(100, 100, 0), TestPoint(100, 100, 1), TestPoint(1000, 100, 0),
         TestPoint(1000, 50, 0)],
        [TestPoint(10, 100, 0), TestPoint(100, 100, 0), TestPoint(1000, 100, 0),
         TestPoint(1000, 50, 0)],
        [TestPoint(100, 100, -10_000), TestPoint(1000, 100, 0), TestPoint(1000, 50, 0)],
    ],
    ids=["none", "one is missing", "one twice", "a load without a limit", "nothing registered"],
)  # fmt: skip
def test_points_that_make_no_test_are_refused(points: list[TestPoint]) -> None:
    with pytest.raises(rules.PointsWrong):
        rules.judge(
            POLICY, service=Service.ELECTRICITY, kind=TestKind.BENCH, accuracy_class="1",
            points=points,
        )  # fmt: skip


def test_half_of_the_days_since_it_was_right_are_covered_and_never_more_than_the_limit() -> None:
    half, all_of_them = (Reach(back, 365, "", "GK") for back in (BackTo.HALF, BackTo.LAST_GOOD))
    since = DAY - timedelta(days=301)

    spans = [rules.span(reach, since=since, tested_on=DAY) for reach in (half, all_of_them)]
    capped = rules.span(all_of_them, since=DAY - timedelta(days=9_000), tested_on=DAY)

    assert [one.days for one in spans if one] == [150, 301]
    assert capped is not None
    assert (capped.days, capped.end) == (365, DAY)
    assert rules.span(half, since=DAY, tested_on=DAY) is None


@given(
    quantity=st.integers(0, 10**12),
    days=st.integers(1, 31),
    parts=ERRORS,
    data=st.data(),
)
def test_a_month_becomes_what_a_true_meter_would_have_shown(
    quantity: int, days: int, parts: int, data: st.DataObject
) -> None:
    covered = data.draw(st.integers(1, days))
    weight = data.draw(st.integers(1, 7))
    error = MeanError(parts * weight + data.draw(st.integers(0, weight - 1)), weight)

    change = rules.difference(quantity, covered=covered, days=days, error=error)

    registered = 1 + Fraction(error.parts, error.weight * 10_000)
    share = Fraction(quantity * covered, days)
    truth = quantity - share + share / registered
    assert abs(quantity + change - truth) <= Fraction(1, 2)
    assert quantity + change >= 0


@given(quantity=st.integers(1, 10**9), error=ERRORS.filter(bool))
def test_a_fast_meter_lowers_the_quantity_and_a_slow_one_raises_it(
    quantity: int, error: int
) -> None:
    change = rules.difference(quantity, covered=30, days=30, error=MeanError(error, 1))

    assert change * error <= 0


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)), months=st.integers(0, 240))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    later = rules.months_later(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("back_to = \"half\"", "back_to = \"never\""),
        ("error_max = 150", "error_max = -1"),
        ("load_until = 100\n", "load_until = 50\n"),
        ("weight = 4", "weight = 4.0"),
        ("load = 1000, factor = 50", "load = 1000, factor = 80"),
        ("[reach]", "[reach"),
        ("lot_from = 26, lot_until = 51", "lot_from = 27, lot_until = 51"),
        ("sample = 24, accept = 0", "sample = 24, accept = 24"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_used_are_refused(before: str, after: str) -> None:
    text = country.content("metrology").decode()
    assert before in text

    with pytest.raises(rules.MetrologyPolicyWrong):
        rules.load_policy(text.replace(before, after).encode())


@pytest.mark.parametrize("sampling", POLICY.samplings, ids=lambda one: str(one.service))
def test_a_lot_of_the_limiting_quality_is_seldom_accepted_by_any_plan(sampling: Sampling) -> None:
    """Exact chances of a draw without putting back, at both ends of every plan's sizes."""
    for one in sampling.plans:
        for size in (max(one.lot_from, 13), one.lot_until - 1):
            plan = sampling.plan(size)
            assert plan is not None
            bad = -(-size * sampling.limiting_quality // 1000)
            ways = sum(
                comb(bad, k) * comb(size - bad, plan.sample - k) for k in range(plan.accept + 1)
            )
            assert Fraction(ways, comb(size, plan.sample)) < Fraction(13, 100), (size, plan)


def test_no_more_meters_are_tested_than_a_lot_has() -> None:
    power = POLICY.sampling(Service.ELECTRICITY)
    assert power is not None

    sizes = {size: plan.sample for size in (3, 22, 40) if (plan := power.plan(size))}

    assert sizes == {3: 3, 22: 22, 40: 22}
    assert power.plan(35_001) is None


@given(st.lists(st.uuids(), unique=True, max_size=40), st.text(min_size=16, max_size=32))
def test_a_draw_depends_on_its_seed_and_on_nothing_else(ids: list[UUID], seed: str) -> None:
    order = rules.drawn(seed, ids)

    assert order == rules.drawn(seed, reversed(ids))
    assert sorted(order) == sorted(ids)


@given(st.integers(0, 5), st.integers(0, 8), st.integers(0, 8))
def test_a_lot_is_rejected_by_one_failure_too_many_and_accepted_at_the_end_only(
    accept: int, failed: int, waiting: int
) -> None:
    found = rules.lot_verdict(accept=accept, failed=failed, waiting=waiting)

    assert (found is LotState.REJECTED) == (failed > accept)
    assert (found is LotState.ACCEPTED) == (failed <= accept and waiting == 0)
