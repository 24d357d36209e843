from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.quantity import Energy, Volume


@given(st.integers(-(10**15), 10**15))
def test_kilowatt_hours_are_exact_both_ways(wh: int) -> None:
    assert Energy.from_kwh(Energy(wh).kwh()) == Energy(wh)


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [
        ("0.0005", 1),
        ("-0.0005", -1),
        ("0.0004999999999999999999999999999999999", 0),
        ("1.25", 1250),
    ],
)
def test_kilowatt_hours_are_rounded_once_to_the_watt_hour(kwh: str, wh: int) -> None:
    assert Energy.from_kwh(Decimal(kwh)).wh == wh


@given(st.integers(0, 10**12))
def test_imperial_gallons_agree_with_exact_fractions(gallons: int) -> None:
    litres = Volume.from_imperial_gallons(gallons).litres

    assert abs(litres - gallons * Fraction(454_609, 100_000)) <= Fraction(1, 2)


@given(st.integers(0, 10**12))
def test_whole_gallons_survive_the_way_to_litres_and_back(gallons: int) -> None:
    assert Volume.from_imperial_gallons(gallons).imperial_gallons() == gallons


def test_a_thousand_gallons_are_four_thousand_five_hundred_and_forty_six_litres() -> None:
    assert Volume.from_imperial_gallons(1_000) == Volume(4_546)
    assert Volume.from_cubic_metres(Decimal("4.5465")) == Volume(4_547)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_no_number_is_no_quantity(value: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        Energy.from_kwh(Decimal(value))


@pytest.mark.parametrize("value", [1.0, True, "1", None])
def test_stored_quantities_are_whole(value: object) -> None:
    with pytest.raises(TypeError, match="int"):
        Energy(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int"):
        Volume(value)  # type: ignore[arg-type]


@given(st.integers(), st.integers())
def test_quantities_add_and_subtract_like_integers(a: int, b: int) -> None:
    assert Energy(a) + Energy(b) - Energy(b) == Energy(a)
    assert Volume(a) - Volume(b) + Volume(b) == Volume(a)
