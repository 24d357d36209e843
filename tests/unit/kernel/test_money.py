import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.money import ZERO, Money, format_money, round_half_up

AMOUNTS = st.integers(-(10**14), 10**14)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_rounding_agrees_with_exact_fractions(numerator: int, denominator: int) -> None:
    nearest = math.floor(Fraction(abs(numerator), denominator) + Fraction(1, 2))

    rounded = round_half_up(numerator, denominator)

    assert rounded == (nearest if numerator >= 0 else -nearest)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_rounding_is_symmetric_so_a_reversal_is_the_exact_negative(n: int, d: int) -> None:
    assert round_half_up(-n, d) == -round_half_up(n, d)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (499, 1000, 0), (500, 1000, 1), (0, 7, 0)],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert round_half_up(numerator, denominator) == rounded


@pytest.mark.parametrize("denominator", [0, -1])
def test_rounding_needs_a_positive_denominator(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        round_half_up(1, denominator)


@given(AMOUNTS)
def test_what_is_written_is_read_back_to_the_fils(fils: int) -> None:
    money = Money(fils)

    assert Money.parse(money.dinars()) == money


@pytest.mark.parametrize(
    ("text", "fils"),
    [
        ("15.750", 15_750),
        ("15.75", 15_750),
        ("15.7", 15_700),
        ("-3", -3_000),
        ("0.001", 1),
        (" 2 ", 2_000),
        ("-0.5", -500),
    ],
)
def test_a_dinar_amount_is_read_to_the_fils(text: str, fils: int) -> None:
    assert Money.parse(text).fils == fils


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.", ".5", "1.2345", "1,000.000", "1e3", "+1", "--1", "1 0", "١٫٥٠٠", "٣", "nan"],
)
def test_anything_else_is_not_an_amount(text: str) -> None:
    with pytest.raises(ValueError, match="dinar amount"):
        Money.parse(text)


@pytest.mark.parametrize("value", [1.0, "1", None, True, Decimal(1)])
def test_fils_are_an_int_and_nothing_like_one(value: object) -> None:
    with pytest.raises(TypeError, match="int"):
        Money(value)  # type: ignore[arg-type]


def test_money_times_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        Money(10) * 1.5  # type: ignore[operator]


@given(AMOUNTS, AMOUNTS)
def test_arithmetic_is_that_of_integers(a: int, b: int) -> None:
    assert (Money(a) + Money(b)).fils == a + b
    assert (Money(a) - Money(b)).fils == a - b
    assert (-Money(a)).fils == -a
    assert abs(Money(a)).fils == abs(a)
    assert (Money(a) < Money(b)) == (a < b)


def test_only_zero_is_false() -> None:
    assert not ZERO
    assert Money(1)
    assert Money(-1)


@pytest.mark.parametrize(
    ("fils", "latin", "arabic"),
    [
        (0, "0.000", "٠٫٠٠٠"),
        (1, "0.001", "٠٫٠٠١"),
        (-1, "-0.001", "-٠٫٠٠١"),
        (1_234_500, "1,234.500", "١٬٢٣٤٫٥٠٠"),
        (-1_234_567_891, "-1,234,567.891", "-١٬٢٣٤٬٥٦٧٫٨٩١"),
    ],
)
def test_three_decimals_are_shown_in_either_digits(fils: int, latin: str, arabic: str) -> None:
    assert format_money(Money(fils)) == latin
    assert format_money(Money(fils), arabic_digits=True) == arabic
    assert format_money(Money(fils), grouped=False) == latin.replace(",", "")


def test_the_gateways_form_has_three_decimals_and_no_grouping() -> None:
    assert Money(1_234_500).dinars() == "1234.500"
    assert str(Money(15_750)) == "KD 15.750"
