"""Amounts of money in words, as receipts and legal notices print them (تفقيط).

Arabic numerals agree with what they count: one form for one, a dual for two, a plural from three
to ten, an accusative singular from eleven to ninety-nine, and a genitive singular after round
hundreds, where the numeral also loses its ending. All nouns here are masculine.
"""

from __future__ import annotations

from dataclasses import dataclass

from tahseel.kernel.money import FILS_PER_DINAR, Money

DINARS_MAX = 10**12 - 1

_TO_NINETEEN = (
    "صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة",
    "أحد عشر", "اثنا عشر", "ثلاثة عشر", "أربعة عشر", "خمسة عشر", "ستة عشر", "سبعة عشر",
    "ثمانية عشر", "تسعة عشر",
)  # fmt: skip
_TENS = ("", "", "عشرون", "ثلاثون", "أربعون", "خمسون", "ستون", "سبعون", "ثمانون", "تسعون")
_HUNDREDS = (
    "", "مائة", "مائتان", "ثلاثمائة", "أربعمائة", "خمسمائة", "ستمائة", "سبعمائة", "ثمانمائة",
    "تسعمائة",
)  # fmt: skip
_AND = " و"


@dataclass(frozen=True, slots=True)
class _Noun:
    """A counted noun in the forms that numerals ask for."""

    one: str
    two: str
    two_before_noun: str
    few: str
    many: str
    hundreds: str


_DINAR = _Noun(
    one="دينار كويتي واحد",
    two="ديناران كويتيان",
    two_before_noun="ديناران كويتيان",
    few="دنانير كويتية",
    many="دينارًا كويتيًا",
    hundreds="دينار كويتي",
)
_FILS = _Noun("فلس واحد", "فلسان", "فلسان", "فلوس", "فلسًا", "فلس")
_SCALES = (
    (10**9, _Noun("مليار", "ملياران", "مليارا", "مليارات", "مليارًا", "مليار")),
    (10**6, _Noun("مليون", "مليونان", "مليونا", "ملايين", "مليونًا", "مليون")),
    (10**3, _Noun("ألف", "ألفان", "ألفا", "آلاف", "ألفًا", "ألف")),
)


def amount_in_words(money: Money, *, language: str = "ar") -> str:
    """The amount in Arabic or English words, closed against additions (فقط ... لا غير, "only").

    Raises ValueError beyond DINARS_MAX dinars.
    """
    dinars, fils = divmod(abs(money.fils), FILS_PER_DINAR)
    if dinars > DINARS_MAX:
        raise ValueError(f"amounts in words end at {DINARS_MAX} dinars")
    if language.startswith("ar"):
        return _in_arabic(dinars, fils, negative=money.fils < 0)
    return _in_english(dinars, fils, negative=money.fils < 0)


def _in_arabic(dinars: int, fils: int, *, negative: bool) -> str:
    parts = []
    if dinars:
        parts.append(_counted(dinars, _DINAR))
    if fils:
        parts.append(_counted(fils, _FILS))
    amount = _AND.join(parts) or f"{_TO_NINETEEN[0]} {_DINAR.hundreds}"
    return f"فقط {'سالب ' if negative else ''}{amount} لا غير"


def _counted(count: int, noun: _Noun, *, before_noun: bool = False) -> str:
    """A numeral with its noun. `before_noun`: something counted follows at once ("ألفا دينار")."""
    if count == 1:
        return noun.one
    if count == 2:
        return noun.two_before_noun if before_noun else noun.two
    last = count % 100
    if last in (1, 2):
        rest = noun.one if last == 1 else (noun.two_before_noun if before_noun else noun.two)
        return f"{_counted(count - last, noun)}{_AND}{rest}"
    if 3 <= last <= 10:
        return f"{_numeral(count)} {noun.few}"
    if last >= 11:
        return f"{_numeral(count)} {noun.hundreds if before_noun else noun.many}"
    return f"{_numeral(count, before_noun=True)} {noun.hundreds}"


def _numeral(number: int, *, before_noun: bool = False) -> str:
    """A cardinal number; `before_noun` drops the ending of a dual that a noun follows."""
    parts = []
    for size, scale in _SCALES:
        group, number = divmod(number, size)
        if group:
            parts.append(_counted(group, scale, before_noun=before_noun and number == 0))
    if number:
        parts.append(_below_thousand(number))
        if before_noun and number == 200:
            parts[-1] = parts[-1].removesuffix("ن")
    return _AND.join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        tens, units = divmod(rest, 10)
        parts += [_TO_NINETEEN[units]] if units else []
        parts.append(_TENS[tens])
    elif rest:
        parts.append(_TO_NINETEEN[rest])
    return _AND.join(parts)


_ENGLISH_TO_NINETEEN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_ENGLISH_TENS = (
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_ENGLISH_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))


def _in_english(dinars: int, fils: int, *, negative: bool) -> str:
    parts = []
    if dinars or not fils:
        parts.append(f"{_english(dinars)} Kuwaiti dinar{'' if dinars == 1 else 's'}")
    if fils:
        parts.append(f"{_english(fils)} fils")
    return f"{'minus ' if negative else ''}{' and '.join(parts)} only"


def _english(number: int) -> str:
    if number < 20:
        return _ENGLISH_TO_NINETEEN[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _ENGLISH_TENS[tens] + (f"-{_ENGLISH_TO_NINETEEN[units]}" if units else "")
    size, name = next((size, name) for size, name in _ENGLISH_SCALES if number >= size)
    count, rest = divmod(number, size)
    head = f"{_english(count)} {name}"
    return f"{head} {_english(rest)}" if rest else head
