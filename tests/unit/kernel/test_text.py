import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import text

# The first spelling is what a register keeps, the others are what people type.
SAME_IN_ONE_SCRIPT = [
    ["محمد عبدالله", "محمد عبد الله", "مُحَمَّد عبدالله", "محمد  عبداللة", "محـمد عبداللّه"],
    ["فاطمة أحمد", "فاطمه احمد", "فاطمة  أحـــمد", "فاطمة احمد."],
    ["مصطفى", "مصطفي", "مُصطفى"],
    ["هدى", "هدي"],
    ["عبدالرحمن العنزي", "عبد الرحمن العنزى", "عَبد الرَّحمن العنزي"],
    ["خالد آل صباح", "خالد ال صباح"],
    ["نورة بنت خالد", "نوره خالد", "نورة خالد"],
    ["أبو بكر", "ابوبكر", "ابو بكر"],
    ["رائد", "رايد"],
    ["مؤمن", "مومن"],
    ["إسراء", "اسرا", "أسراء"],
    ["كريم", "کریم"],
    ["شقة ١٢", "شقه 12", "شقة ۱۲"],
    ["Abdul Rahman Al-Enezi", "abdulrahman alenezi", "ABDULRAHMAN AL ENEZI"],
    ["Mish'al bin Saad", "Mishal Saad", "Mish’al Saad"],
    ["José", "Jose", "JOSE\u0301"],
]
SAME_ACROSS_SCRIPTS = [
    [
        "محمد عبدالله",
        "Mohammed Abdullah",
        "Muhammad Abdulla",
        "Mohamed Abdallah",
        "mohammad abd allah",
    ],
    ["فاطمة أحمد", "Fatima Ahmed", "Fatma Ahmad", "Fatimah Ahmad"],
    ["مصطفى", "Mustafa", "Moustafa", "Mostafa"],
    ["لؤلؤة", "Lulwa", "Loulwah", "لولوة"],
    ["عبدالرحمن العنزي", "Abdulrahman Al-Enezi", "Abdul Rahman Alenezi", "Abdelrahman Al Anzi"],
    ["عبدالرحمن", "Abdurrahman", "Abdur Rahman", "Abd-ur-Rahman", "Abd Al Rahman"],
    ["عبدالناصر", "Abdul Nasser", "Abdunnasir", "Abdel Naser"],
    ["عبدالعزيز", "Abdulaziz", "Abdul-Aziz", "Abdelaziz"],
    ["خالد آل صباح", "Khaled Al Sabah", "Khalid Al-Sabah"],
    ["نورة بنت خالد", "Noura Khaled", "Nora bint Khalid"],
    ["هدى", "Huda", "Hoda"],
    ["جاسم", "Jassim", "Jasem"],
    ["جمال", "Jamal", "Gamal"],
    ["يوسف", "Yousef", "Yusuf", "Youssif"],
    ["مشعل", "Mishal", "Meshaal", "Mish'al"],
    ["الظفيري", "Al-Dhafeeri", "Aldhafiri"],
    ["الرشيدي", "Al-Rashidi", "Al Rasheedi", "ar-Rashidi"],
    ["العتيبي", "Al-Otaibi", "Alotaibi", "Al Utaibi"],
    ["شيخة", "Shaikha", "Sheikhah"],
    ["طه", "Taha"],
    ["علي", "Ali", "Aly"],
    ["عالية", "Alia", "Aliah", "Alya"],
    ["آية", "Aya", "Ayah"],
    ["صالح", "Saleh", "Salih"],
    ["قتيبة", "Qutaiba", "Kutaibah"],
    ["غازي", "Ghazi"],
    ["ثامر", "Thamer", "Thamir"],
]
DIFFERENT = [
    ("محمد", "محمود سالم"),
    ("خالد", "خليفة"),
    ("فاطمة", "فهد"),
    ("نورة", "نوف"),
    ("Ahmad", "Mohammad"),
    ("سالم", "Salman"),
    ("ناصر", "Nasreen"),
]
ARABIC_PARTS = "عبد ال الله ابو ام بن بنت آل محمد ـ ة ى ﷲ ١٢"
LATIN_PARTS = "abd ul al el as ar bin ibn abdul abu rahman saad - ' Æ ß İ a b x"
PARTS = f"{ARABIC_PARTS} {LATIN_PARTS}".split()
NAME_TEXT = st.lists(st.sampled_from(PARTS)).map(" ".join)


def pairs(groups: list[list[str]]) -> list[tuple[str, str]]:
    return [(group[0], other) for group in groups for other in group[1:]]


@pytest.mark.parametrize(("kept", "typed"), pairs(SAME_IN_ONE_SCRIPT))
def test_spellings_of_one_script_share_a_key(kept: str, typed: str) -> None:
    assert text.search_key(typed) == text.search_key(kept)


@pytest.mark.parametrize(("kept", "typed"), pairs(SAME_IN_ONE_SCRIPT + SAME_ACROSS_SCRIPTS))
def test_spellings_of_both_scripts_share_a_skeleton(kept: str, typed: str) -> None:
    assert text.search_skeleton(typed) == text.search_skeleton(kept)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert text.search_key(one) != text.search_key(other)
    assert text.search_skeleton(one) != text.search_skeleton(other)


@given(st.one_of(st.text(), NAME_TEXT))
def test_a_key_is_its_own_key(anything: str) -> None:
    key = text.search_key(anything)

    assert text.search_key(key)[:400] == key[:400]
    assert key == " ".join(key.split())


@given(st.one_of(st.text(), NAME_TEXT))
def test_a_skeleton_has_a_word_for_each_word_of_the_key(anything: str) -> None:
    assert len(text.search_skeleton(anything).split()) == len(text.search_key(anything).split())


@given(st.text(max_size=60))
def test_marks_and_controls_are_dropped_by_what_unicode_calls_them(anything: str) -> None:
    without = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", anything)
        if unicodedata.category(letter) not in ("Mn", "Me", "Cf")
    )

    assert text.search_key(anything) == text.search_key(without)
    assert text.skeleton_of_key(text.search_key(without)) == text.search_skeleton(anything)


def test_a_very_long_text_is_searched_by_its_beginning() -> None:
    assert len(text.search_key("a" * 100_000)) == text.SEARCH_CHARACTERS_MAX


def test_nothing_to_search_gives_an_empty_key() -> None:
    assert text.search_key(" -ـ\u200f'") == ""
    assert text.search_skeleton("") == ""


def test_digits_change_their_form_and_nothing_else() -> None:
    assert text.to_arabic_digits("KD 1,205.340") == "KD ١,٢٠٥.٣٤٠"
    assert text.to_latin_digits("١٬٢٠٥٫٣٤٠ د.ك ۹") == "1,205.340 د.ك 9"


@given(st.text(alphabet="0123456789 abcدينار"))
def test_digits_come_back_from_arabic(plain: str) -> None:
    assert text.to_latin_digits(text.to_arabic_digits(plain)) == plain


@given(st.text())
def test_isolated_text_cannot_break_out(anything: str) -> None:
    shown = text.isolate(anything)

    assert shown[0] == "\u2068"
    assert shown[-1] == "\u2069"
    assert not set(shown[1:-1]) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f"
    )


def test_numbers_are_isolated_left_to_right() -> None:
    assert text.isolate("12\u202e34", left_to_right=True) == "\u20661234\u2069"
