"""Amounts in words read back to the number, by a reader that knows only the words themselves.

The reader shares nothing with the writer: it has the grammar's own lists, adds and multiplies, and
looks at the noun after each numeral. What is sampled from 0 to 10 million fils holds for all.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tahseel.kernel.money import Money
from tahseel.kernel.words import amount_in_words

FILS_MAX = 10_000_000
CARDINAL = {
    "واحد": 1, "اثنان": 2, "ثلاثة": 3, "أربعة": 4, "خمسة": 5, "ستة": 6, "سبعة": 7, "ثمانية": 8,
    "تسعة": 9, "عشرة": 10, "أحد عشر": 11, "اثنا عشر": 12, "ثلاثة عشر": 13, "أربعة عشر": 14,
    "خمسة عشر": 15, "ستة عشر": 16, "سبعة عشر": 17, "ثمانية عشر": 18, "تسعة عشر": 19, "عشرون": 20,
    "ثلاثون": 30, "أربعون": 40, "خمسون": 50, "ستون": 60, "سبعون": 70, "ثمانون": 80, "تسعون": 90,
    "مائة": 100, "مائتان": 200, "مائتا": 200, "ثلاثمائة": 300, "أربعمائة": 400, "خمسمائة": 500,
    "ستمائة": 600, "سبعمائة": 700, "ثمانمائة": 800, "تسعمائة": 900,
}  # fmt: skip
THOUSAND = {"ألف", "ألفًا", "آلاف"}
TWO_THOUSAND = {"ألفان", "ألفا"}
DINAR = ("دينار كويتي واحد", "ديناران كويتيان", "دنانير كويتية", "دينارًا كويتيًا", "دينار كويتي")
FILS = ("فلس واحد", "فلسان", "فلوس", "فلسًا", "فلس")


def form(count: int) -> int:
    """Which of the five forms Arabic asks for: one, two, few, many, hundreds."""
    if count % 100 in (1, 2):
        return count % 100 - 1
    if 3 <= count % 100 <= 10:
        return 2
    return 3 if count % 100 >= 11 else 4


def read_number(text: str) -> int:
    """Parts joined by "و": hundreds, units, tens, each group closed by its thousand."""
    total, group = 0, 0
    for part in re.split(r" و(?=\S)", text.strip()):
        numeral, _, last = part.rpartition(" ")
        if part in TWO_THOUSAND:
            total, group = total + 2_000, 0
        elif part in THOUSAND:
            total, group = total + 1_000 * max(group, 1), 0
        elif last in THOUSAND:
            total, group = total + 1_000 * (group + CARDINAL[numeral]), 0
        else:
            group += CARDINAL[part]
    return total + group


def read_counted(text: str, forms: tuple[str, ...]) -> int:
    """A numeral with its noun, read from its end; the noun's form has to be the one of the number.

    One and two have no numeral; after a hundred they follow the round number's own noun.
    """
    for place in (0, 1):
        if text == forms[place]:
            return place + 1
        if text.endswith(f" و{forms[place]}"):
            rest = read_counted(text.removesuffix(f" و{forms[place]}"), forms)
            assert rest % 100 == 0, text
            return rest + place + 1
    for place in (2, 3, 4):
        if text.endswith(f" {forms[place]}"):
            count = read_number(text.removesuffix(forms[place]))
            assert form(count) == place, text
            return count
    raise AssertionError(text)


def read_arabic(words: str) -> int:
    """Fils of an amount in words."""
    text = words.removeprefix("فقط ").removesuffix(" لا غير")
    assert f"فقط {text} لا غير" == words
    if text == "صفر دينار كويتي":
        return 0
    nouns = [text.rfind(noun) + len(noun) for noun in DINAR if noun in text]
    end = max(nouns, default=0)
    dinars = read_counted(text[:end], DINAR) if end else 0
    left = text[end:].removeprefix(" و") if end else text
    return dinars * 1_000 + (read_counted(left, FILS) if left else 0)


ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def read_english_number(text: str) -> int:
    total, group = 0, 0
    for word in text.replace("-", " ").split():
        if word == "thousand":
            total, group = total + group * 1_000, 0
        elif word == "hundred":
            group *= 100
        else:
            group += ENGLISH.index(word) if word in ENGLISH else 10 * (TENS.index(word) + 2)
    return total + group


def read_english(words: str) -> int:
    shape = r"(?:(?P<dinars>[a-z -]+) Kuwaiti dinar(?P<many>s?))?(?: and )?(?:(?P<fils>.+) fils)?"
    found = re.fullmatch(f"{shape} only", words)
    assert found is not None, words
    dinars = read_english_number(found["dinars"] or "zero")
    assert found["dinars"] is None or bool(found["many"]) == (dinars != 1), words
    return dinars * 1_000 + read_english_number(found["fils"] or "zero")


@settings(max_examples=3_000, deadline=None)
@given(st.integers(0, FILS_MAX))
@example(32_569)
@example(965_230)
@example(1)
@example(999_999)
@example(1_001_001)
@example(200_200)
@example(102_102)
@example(2_202_202)
@example(FILS_MAX)
def test_words_read_back_to_the_amount_and_agree_with_it(fils: int) -> None:
    assert read_arabic(amount_in_words(Money(fils))) == fils
    assert read_english(amount_in_words(Money(fils), language="en")) == fils


def test_every_fils_below_ten_dinars_and_every_round_dinar_is_read_back() -> None:
    for fils in (*range(10_000), *range(0, FILS_MAX, 1_000)):
        assert read_arabic(amount_in_words(Money(fils))) == fils


@pytest.mark.parametrize("wrong", ["فقط ثلاثة دينار كويتي لا غير", "فقط مائة فلسًا لا غير"])
def test_the_reader_refuses_a_noun_that_does_not_agree(wrong: str) -> None:
    with pytest.raises(AssertionError):
        read_arabic(wrong)
