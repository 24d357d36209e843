import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.money import Money
from tahseel.kernel.words import amount_in_words

ARABIC = [
    (0, "صفر دينار كويتي"),
    (1, "فلس واحد"),
    (2, "فلسان"),
    (500, "خمسمائة فلس"),
    (200, "مائتا فلس"),
    (1_000, "دينار كويتي واحد"),
    (2_000, "ديناران كويتيان"),
    (3_000, "ثلاثة دنانير كويتية"),
    (10_000, "عشرة دنانير كويتية"),
    (11_000, "أحد عشر دينارًا كويتيًا"),
    (15_696, "خمسة عشر دينارًا كويتيًا وستمائة وستة وتسعون فلسًا"),
    (100_000, "مائة دينار كويتي"),
    (101_000, "مائة دينار كويتي ودينار كويتي واحد"),
    (103_000, "مائة وثلاثة دنانير كويتية"),
    (200_000, "مائتا دينار كويتي"),
    (345_000, "ثلاثمائة وخمسة وأربعون دينارًا كويتيًا"),
    (1_345_250, "ألف وثلاثمائة وخمسة وأربعون دينارًا كويتيًا ومائتان وخمسون فلسًا"),
    (2_000_003, "ألفا دينار كويتي وثلاثة فلوس"),
    (11_000_000, "أحد عشر ألف دينار كويتي"),
    (11_500_000, "أحد عشر ألفًا وخمسمائة دينار كويتي"),
    (200_000_000, "مائتا ألف دينار كويتي"),
    (1_000_000_000, "مليون دينار كويتي"),
    (2_000_000_000, "مليونا دينار كويتي"),
]
ENGLISH = [
    (0, "zero Kuwaiti dinars only"),
    (1, "one fils only"),
    (1_000, "one Kuwaiti dinar only"),
    (15_696, "fifteen Kuwaiti dinars and six hundred ninety-six fils only"),
    (2_000_003, "two thousand Kuwaiti dinars and three fils only"),
    (-20_000, "minus twenty Kuwaiti dinars only"),
]


@pytest.mark.parametrize(("fils", "words"), ARABIC)
def test_arabic_numerals_agree_with_what_they_count(fils: int, words: str) -> None:
    assert amount_in_words(Money(fils)) == f"فقط {words} لا غير"


@pytest.mark.parametrize(("fils", "words"), ENGLISH)
def test_english_words_close_with_only(fils: int, words: str) -> None:
    assert amount_in_words(Money(fils), language="en") == words


def test_a_negative_amount_says_so() -> None:
    assert amount_in_words(Money(-3_000)) == "فقط سالب ثلاثة دنانير كويتية لا غير"


@given(st.sampled_from(["ar", "en"]), st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_different_amounts_have_different_words(language: str, a: int, b: int) -> None:
    same = amount_in_words(Money(a), language=language) == amount_in_words(
        Money(b), language=language
    )

    assert same == (a == b)


@given(st.integers(0, 10**15 - 1))
def test_words_have_no_digits_and_no_double_spaces(fils: int) -> None:
    for language in ("ar", "en"):
        words = amount_in_words(Money(fils), language=language)
        assert not any(letter.isdigit() for letter in words)
        assert "  " not in words


def test_beyond_the_last_scale_nothing_is_guessed() -> None:
    with pytest.raises(ValueError, match="end at"):
        amount_in_words(Money(10**15))
