"""Which bills are held back: every check by name, at its edge, and never without a past."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.charging.billing import checking, rules
from tahseel.charging.billing.values import Check, HeldFor, Past, PricedBill, PricedLine
from tahseel.charging.tariffs.values import Line
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import Sector

JULY = BillingMonth(2026, 7)
POLICY = checking.load(
    tomllib.loads(country.content("billing").decode())["checks"], sectors=[str(s) for s in Sector]
)
ACCOUNT, PAYER, OTHER, METER = (UUID(int=n) for n in range(1, 5))


def bill(
    quantity: int,
    *,
    sector: str = "private",
    fils: int | None = None,
    method: Method = Method.REGISTER,
    customer: UUID = PAYER,
) -> PricedBill:
    """31 days of electricity at 5 fils a kWh."""
    determinant = Determinant(
        account_id=ACCOUNT, meter_id=METER, month=JULY, version=1, service=Service.ELECTRICITY,
        quantity=quantity, method=method, from_at=start_of(JULY.period.start),
        to_at=start_of(JULY.period.end), from_value=0, to_value=quantity, days=31,
        estimated_share=Decimal(1 if method is Method.ESTIMATED else 0),
    )  # fmt: skip
    line = Line(
        kind="consumption", service=Service.ELECTRICITY, rate_id="r", period=JULY.period, tier=1,
        tier_from=0, tier_to=None, quantity=quantity, price=Fraction(5), unit="kWh",
        amount=Money(quantity // 200 if fils is None else fils),
    )  # fmt: skip
    return PricedBill(
        account_id=ACCOUNT, id=UUID(int=9), number="1", month=JULY, period=JULY.period,
        sector=sector, customer_id=customer, lines=(PricedLine(line, determinant),),
    )  # fmt: skip


def past(back: int, quantity: int, *, days: int = 31, estimated: int = 0) -> Past:
    ordinal = JULY.ordinal - back
    return Past(PAYER, Service.ELECTRICITY, ordinal, days, quantity, estimated, quantity // 200)


def usual(quantity: int) -> list[Past]:
    """The three months before and the same month of last year."""
    return [past(back, quantity) for back in (1, 2, 3, 12)]


def judged(made: PricedBill, before: Sequence[Past]) -> list[Check]:
    return [one.check for one in checking.judge(made, past=before, policy=POLICY)]


def test_what_is_as_usual_is_not_held_back() -> None:
    assert judged(bill(3_000_000), usual(2_900_000)) == []


def test_more_than_four_times_everything_known_is_too_high() -> None:
    edge, above = bill(8_000_000), bill(8_000_200)

    assert judged(edge, usual(2_000_000)) == []
    [found] = checking.judge(above, past=usual(2_000_000), policy=POLICY)
    assert found.check is Check.TOO_HIGH
    assert (found.quantity, found.recent, found.last_year) == (8_000_200, 2_000_000, 2_000_000)
    assert (found.usual, found.stake) == (Money(10_000), Money(30_001))


def test_a_summer_that_is_like_last_years_is_not_too_high() -> None:
    winter = [past(back, 1_000_000) for back in (1, 2, 3)]

    assert judged(bill(7_000_000), winter) == [Check.TOO_HIGH]
    assert judged(bill(7_000_000), [*winter, past(12, 6_000_000)]) == []


def test_less_than_a_tenth_of_everything_known_is_too_low() -> None:
    assert judged(bill(0), usual(3_000_000)) == [Check.TOO_LOW]
    assert judged(bill(250_000), usual(3_000_000)) == [Check.TOO_LOW]
    assert judged(bill(350_000), usual(3_000_000)) == []


def test_little_money_is_worth_nobodys_look() -> None:
    assert judged(bill(4_200_000), usual(100_000)) == [Check.TOO_HIGH]
    assert judged(bill(3_900_000), usual(100_000)) == []


@pytest.mark.parametrize(
    ("quantity", "factor"),
    [(45_460_900, 4_546), (100_000_000, 10_000), (1_000_000_000, 100_000), (2_199_737, 219)],
)
def test_a_factor_of_a_wrong_unit_is_named(quantity: int, factor: int) -> None:
    found = checking.judge(bill(quantity), past=usual(10_000_000), policy=POLICY)

    assert found[0].check is Check.UNIT_SUSPECT
    assert found[0].factor == factor


def test_an_industry_has_thresholds_of_its_own_and_a_farm_may_stand_still() -> None:
    assert judged(bill(50_000_000, sector="private"), usual(10_000_000)) == [Check.TOO_HIGH]
    assert judged(bill(50_000_000, sector="industrial"), usual(10_000_000)) == []
    assert judged(bill(0, sector="agricultural"), usual(10_000_000)) == []


def test_the_third_estimate_in_a_row_is_a_long_one() -> None:
    guessed = bill(3_000_000, method=Method.ESTIMATED)
    two = [past(1, 3_000_000, estimated=3_000_000), past(2, 3_000_000, estimated=1_500_000)]
    broken = [past(1, 3_000_000), past(2, 3_000_000, estimated=3_000_000)]

    [found] = checking.judge(guessed, past=two, policy=POLICY)

    assert (found.check, found.months, found.share) == (Check.LONG_ESTIMATE, 3, 100)
    assert judged(guessed, broken) == []
    assert judged(bill(3_000_000), two) == []


def test_a_bill_below_nothing_is_held_back_even_without_a_past() -> None:
    assert judged(bill(0, fils=-1), []) == [Check.NEGATIVE]


def test_whoever_is_new_is_not_compared_with_who_was_there_before() -> None:
    assert judged(bill(90_000_000, customer=OTHER), usual(1_000_000)) == []


def test_what_was_used_in_fewer_days_is_brought_to_the_days_of_the_bill() -> None:
    short = [past(back, 1_000_000, days=10) for back in (1, 2)]

    assert judged(bill(12_000_000), short) == []
    assert judged(bill(12_800_000), short) == [Check.TOO_HIGH]


def test_all_bills_of_an_accounts_month_are_held_together_the_gravest_check_first() -> None:
    odd = replace(bill(100_000_000), id=UUID(int=10))
    beside = replace(bill(3_000_000, customer=OTHER), id=UUID(int=11))
    fine = replace(bill(3_000_000), account_id=UUID(int=77))

    out, [held] = checking.sift(
        [odd, beside, fine], past={ACCOUNT: usual(10_000_000)}, policy=POLICY
    )

    assert out == [fine]
    assert held.bills == (odd, beside)
    assert [one.check for one in held.found] == [Check.UNIT_SUSPECT, Check.TOO_HIGH]
    assert held.stake == Money(450_000)


def test_what_is_held_is_another_when_a_line_is() -> None:
    one, other = bill(3_000_000), bill(3_000_200)

    assert checking.digest_of([one]) == checking.digest_of([bill(3_000_000)])
    assert checking.digest_of([one]) != checking.digest_of([other])


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), max_size=3), st.booleans())
def test_high_and_low_follow_an_obvious_reference(
    quantity: int, before: list[int], known: bool
) -> None:
    history = [past(back, used) for back, used in enumerate(before, start=1)]
    history += [past(12, 2_000_000)] if known else []
    medians = [sorted(before)[(len(before) - 1) // 2]] if len(before) >= 2 else []
    all_known = medians + ([2_000_000] if known else [])
    wanted = set()
    if all_known:
        dear = quantity // 200 - max(used // 200 for used in all_known)
        cheap = min(used // 200 for used in all_known) - quantity // 200
        if all(Fraction(quantity) > 4 * used for used in all_known) and dear >= 20_000:
            wanted.add(Check.TOO_HIGH)
        if all(Fraction(quantity) < Fraction(used, 10) for used in all_known) and cheap >= 10_000:
            wanted.add(Check.TOO_LOW)

    found = set(judged(bill(quantity), history))

    assert found - {Check.UNIT_SUSPECT} == wanted


@given(
    st.integers(0, 10**9), st.lists(st.integers(0, 10**8), min_size=1, max_size=3), st.booleans()
)
def test_what_is_near_all_of_its_past_is_never_odd(
    quantity: int, before: list[int], known: bool
) -> None:
    above, below = checking.far(POLICY)
    history = [past(back, used) for back, used in enumerate(before, start=1)]
    history += [past(12, 2_000_000)] if known else []
    far = any(
        (quantity * 1000 >= one.quantity * above and quantity)
        or (quantity * 1000 <= one.quantity * below and one.quantity)
        for one in history
    )

    held = judged(bill(quantity), history)

    assert far or not held


@given(st.sampled_from(list(Check)), st.integers(0, 10**9), st.none() | st.integers(0, 10**9))
def test_what_a_check_saw_comes_back_from_where_it_is_kept(
    check: Check, quantity: int, recent: int | None
) -> None:
    service = None if check is Check.NEGATIVE else Service.WATER
    usual_ = None if recent is None else Money(recent)
    one = HeldFor(check, service, quantity, Money(quantity), recent, None, usual_, None, 3, None)

    assert HeldFor.from_dict(one.as_dict()) == one


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"percent = 400", b"percent = -1"),
        (b"[checks.too_low.sector.agricultural]", b"[checks.too_low.sector.moon]"),
        (b"recent_months = 3", b"recent_months = 12"),
        (b"factors_per_mille = [4_546", b"factors_per_mille = [1_000"),
        (b"on = false", b'on = "no"'),
        (b"[checks.negative]", b"[checks.positive]"),
    ],
)
def test_checks_that_cannot_be_meant_are_refused(old: bytes, new: bytes) -> None:
    data = country.content("billing")
    assert old in data

    with pytest.raises(rules.PolicyWrong):
        rules.load_policy(data.replace(old, new, 1), book=country.price_book)


def test_the_days_of_a_month_of_last_year_are_those_that_are_asked_for() -> None:
    assert checking.months_of(POLICY, JULY.ordinal) == [
        JULY.ordinal - 1, JULY.ordinal - 2, JULY.ordinal - 3, BillingMonth(2025, 7).ordinal
    ]  # fmt: skip
    assert date(2025, 7, 1) == BillingMonth(2025, 7).first_day
