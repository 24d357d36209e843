"""What somebody types to find a unit, sorted out without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.registry.premises import addressing, rules
from tahseel.registry.premises.values import (
    AddressNumberScheme,
    Area,
    Governorate,
    Rung,
    UnitKind,
    Wanted,
)

AREAS = (
    Area("salmiya", "hawalli", "السالمية", "Salmiya"),
    Area("hawalli", "hawalli", "حولي", "Hawalli"),
    Area("surra", "capital", "السرة", "Surra"),
    Area("abdullah_al_salem", "capital", "ضاحية عبدالله السالم", "Abdullah Al-Salem"),
)
GOVERNORATES = (
    Governorate("hawalli", "حولي", "Hawalli"),
    Governorate("capital", "العاصمة", "Capital"),
)
FLAT_7 = Wanted(
    areas=frozenset({"salmiya"}),
    kinds=frozenset({UnitKind.FLAT}),
    named={Rung.BLOCK: "2", Rung.NUMBER: "7"},
)


def wanted(text):
    return addressing.wanted(text, areas=AREAS, governorates=GOVERNORATES)


@pytest.mark.parametrize(
    "text",
    [
        "السالمية قطعة 2 شقة 7",
        "السالميه، ق ٢، شقه ٧",
        "flat 7, block 2, Salmiya",
        "SALMIYA apt 7 blk 2",
    ],
)
def test_the_same_address_is_understood_in_both_scripts_and_in_any_order(text):
    assert wanted(text) == FLAT_7


def test_the_name_of_a_governorate_means_all_of_its_areas():
    assert wanted("محافظة العاصمة").areas == {"surra", "abdullah_al_salem"}
    assert wanted("hawalli").areas == {"salmiya", "hawalli"}


def test_a_name_of_several_words_is_one_area():
    assert wanted("abdullah al salem block 1").areas == {"abdullah_al_salem"}


def test_a_word_that_is_no_area_is_heard_with_the_areas_that_sound_so():
    asked = wanted("Salmiyah 5")

    assert (asked.areas, asked.loose) == (frozenset(), ("5",))
    assert list(asked.sounds.values()) == [{"salmiya", "abdullah_al_salem"}]


def test_the_name_of_a_street_is_no_area_and_sounds_the_same_in_both_scripts():
    arabic, latin = wanted("شارع سالم المبارك"), wanted("street Salem Al-Mubarak")

    assert arabic.areas == latin.areas == frozenset()
    assert arabic.sounds.keys() == latin.sounds.keys() == {"slm", "mbrk"}
    assert rules.name_sound("سالم المبارك", "12") == rules.name_sound("Salem Al-Mubarak")


def test_a_long_number_begins_an_automatic_number():
    assert wanted("١٥٦٦٧٧٨٨").automatic == "15667788"
    assert wanted("15667").automatic == "15667"
    assert wanted("1566").loose == ("1566",)


@pytest.mark.parametrize("text", ["", "%_'", "المنطقة", " ، "])
def test_a_text_that_says_nothing_asks_for_nothing(text):
    assert not wanted(text)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_sorted_out_without_an_error(text):
    asked = wanted(text)

    assert asked.areas <= {area.code for area in AREAS}
    assert len(asked.loose) + len(asked.sounds) + len(asked.named) <= addressing.WORDS_MAX


def test_an_automatic_number_is_kept_without_spaces_in_latin_digits():
    eight = AddressNumberScheme("[0-9]{8}", "test")

    assert rules.address_number(" ١٥٦٦ 77-88", eight) == "15667788"
    for wrong in ("1566778", "156677889", "1566778x", ""):
        with pytest.raises(ValueError, match="automatic number"):
            rules.address_number(wrong, eight)


def test_a_check_digit_that_a_country_names_is_checked():
    weighted = AddressNumberScheme("[0-9]{4}", "test", weights=(2, 3, 4, 1), modulus=11)

    held = [digit for digit in "0123456789" if weighted.holds(f"123{digit}")]

    assert held == ["2"]  # 2*1 + 3*2 + 4*3 + 2 = 22
    assert not weighted.holds("12322")
