"""Dials and registers, without a database."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.quantity import Service
from tahseel.registry.meters import rules
from tahseel.registry.meters.values import DialUnit, NewRegister, RegisterKind, RegisterView

REGISTER = RegisterView(UUID(int=1), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, 5, 2, 1)


@given(st.integers(0, 99_999), st.integers(0, 99))
def test_whatever_the_dial_can_show_is_read_exactly(whole, part):
    value = rules.dial_value(f"{whole:05d}.{part:02d}", REGISTER)

    assert value == Decimal(whole) + Decimal(part) / 100


@pytest.mark.parametrize("text", ["100000", "-1", "1.234", "NaN", "Infinity", "", "12a", "1e9"])
def test_what_the_dial_cannot_show_is_refused(text):
    with pytest.raises(ValueError, match="dial"):
        rules.dial_value(text, REGISTER)


def test_zeros_after_the_point_do_not_count_as_decimals():
    assert rules.dial_value("7.5000", REGISTER) == Decimal("7.5")


def test_the_first_wrong_dial_is_named():
    assert rules.wrong_dial({"1.8.0": "7"}, [REGISTER]) is None
    assert rules.wrong_dial({"2.8.0": "7"}, [REGISTER])[0] == "2.8.0"
    assert rules.missing_dials({}, [REGISTER]) == ["1.8.0"]


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({}, True),
        ({"unit": DialUnit.CUBIC_METRE}, False),
        ({"digits": 0}, False),
        ({"digits": 13}, False),
        ({"decimals": 7}, False),
        ({"multiplier": 0}, False),
        ({"code": ""}, False),
    ],
)
def test_a_register_fits_its_service_and_its_limits(facts, fits):
    kept = {"code": "1.8.0", "unit": DialUnit.KWH, "digits": 6, "decimals": 0, "multiplier": 1}
    register = NewRegister(id=UUID(int=1), kind=RegisterKind.IMPORT, **{**kept, **facts})

    assert rules.register_fits(register, Service.ELECTRICITY) is fits


def test_the_dial_starts_again_at_zero_after_all_nines():
    assert REGISTER.rollover == 100_000
