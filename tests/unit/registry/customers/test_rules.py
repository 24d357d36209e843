"""Identifiers, numbers and names of customers, without a database."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.ids import CivilId
from tahseel.registry.customers import rules
from tahseel.registry.customers.values import (
    CustomerKind,
    CustomerView,
    IdentityState,
    MobileScheme,
    NewCustomer,
)

KUWAIT = MobileScheme("965", "[4569][0-9]{7}", "test")
LETTERS = "abc"
VALID = "292091998298"


@pytest.mark.parametrize("typed", [VALID, "2920 9199 8298", "٢٩٢٠٩١٩٩٨٢٩٨"])
def test_a_civil_id_is_read_as_people_type_it(typed):
    assert rules.checked_civil_id(typed) == CivilId(VALID)


@pytest.mark.parametrize("wrong", ["292091998297", "288200122596", "12", "", CivilId("1" * 12)])
def test_a_wrong_civil_id_is_refused_without_telling_its_digits(wrong):
    with pytest.raises(ValueError, match="civil id") as refused:
        rules.checked_civil_id(wrong)

    assert not any(char.isdigit() for char in str(refused.value).replace("12 digits", ""))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("50001234", "96550001234"), ("+965 5000-1234", "96550001234"),
        ("00965 9999 8888", "96599998888"), ("٦٠٠٠١٢٣٤", "96560001234"),
        ("96512345", "96596512345"), ("41234567", "96541234567"),
    ],
)  # fmt: skip
def test_a_mobile_number_gets_its_country_code(typed, number):
    assert rules.full_mobile(typed, KUWAIT) == number


@pytest.mark.parametrize("typed", ["22221234", "5000123", "500012345", "", "+1 212 555 0100"])
def test_another_number_is_no_mobile_of_this_country(typed):
    with pytest.raises(ValueError, match="mobile"):
        rules.full_mobile(typed, KUWAIT)


def test_masks_show_only_the_end():
    assert rules.masked_mobile("96550001234") == "•••••••••34"
    assert rules.last_four("2920 9199 8297") == "8297"
    assert rules.last_four("123") == ""


def test_sound_words_of_both_names_are_kept_once():
    fields = rules.search_fields("محمد عبد الله", "Mohammed Abdullah")

    words = fields.sounds.split()
    assert (fields.key_ar, fields.key_en) == ("محمد عبدالله", "mohammed abdullah")
    assert len(words) == len(set(words))
    assert fields.tail.split() == words[::-1]
    assert set(rules.search_words("mohamad abdalla")) <= set(words)


def test_a_death_lies_between_birth_and_today():
    born_1992 = CivilId(VALID)
    today = date(2026, 3, 1)

    assert rules.can_have_died(born_1992, date(1992, 9, 19), today)
    assert rules.can_have_died(None, date(1950, 1, 1), today)
    assert not rules.can_have_died(born_1992, date(1992, 9, 18), today)
    assert not rules.can_have_died(born_1992, date(2026, 3, 2), today)


def test_every_state_of_identity_can_be_reached():
    assert rules.IDENTITY.reachable() == frozenset(IdentityState)


def test_no_representation_of_a_new_customer_tells_his_numbers():
    new = NewCustomer(
        UUID(int=1), CustomerKind.CITIZEN, "س", "S", CivilId(VALID), mobile="50001234"
    )

    assert VALID not in repr(new)
    assert "50001234" not in repr(new)


def view(name_ar, name_en=""):
    return CustomerView(
        UUID(int=1), CustomerKind.CITIZEN, None, None, name_ar, name_en, None, "ar",
        IdentityState.UNVERIFIED, None, None, None, None,
    )  # fmt: skip


def slips(word: str) -> set[str]:
    """Every word that one slip makes of this one, written out."""
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    return (
        {a + b[1:] for a, b in cuts if b}
        | {a + letter + b for a, b in cuts for letter in LETTERS}
        | {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
        | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    ) - {word}


@given(st.text(LETTERS, min_size=1, max_size=6), st.text(LETTERS, max_size=7))
def test_one_slip_apart_is_what_one_slip_makes(word, other):
    assert rules.one_slip_apart(word, other) == (other in slips(word))
    for slipped in slips(word) - {""}:
        assert rules.one_slip_apart(word, slipped)
        assert rules.one_slip_apart(slipped, word)


@given(st.text(LETTERS, min_size=2, max_size=6))
def test_two_words_one_slip_apart_share_a_variant(word):
    for slipped in slips(word) - {""}:
        assert rules.variants(word) & rules.variants(slipped)


def test_a_name_falls_back_to_the_other_script():
    assert view("سالم").name("en") == "سالم"
    assert view("سالم", "Salem").name("en") == "Salem"
