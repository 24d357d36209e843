"""Text as people write it: Arabic and Latin names made comparable, digits, direction.

`search_key` folds the spellings of one script together (hamza, taa marbuta, vowel signs, joined
or separate عبد). `search_skeleton` goes further and keeps consonants only, in one alphabet, so
that a name typed in Latin letters finds the same name kept in Arabic. The key finds first; the
skeleton is what is left to try, and it may find too many.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SEARCH_CHARACTERS_MAX = 500
WORDS_KNOWN_MAX = 16_384

ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
_PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_TO_ARABIC = str.maketrans("0123456789", ARABIC_DIGITS)
_TO_LATIN = str.maketrans(ARABIC_DIGITS + _PERSIAN_DIGITS + "٫٬", "0123456789" * 2 + ".,")

_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2068", "\u2066", "\u2069"
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_TATWEEL = "\u0640"
_LETTERS = str.maketrans(
    {
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ة": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ک": "ك",
        "گ": "ك",
        "چ": "ج",
        "پ": "ب",
        "ڤ": "ف",
        "ء": None,
        _TATWEEL: None,
    }
)
_APOSTROPHES = re.compile("['`´‘’ʻʼʽʾʿ]")
_NOT_WORD = re.compile(r"[^\w]+|_+")

_JOINED_TO_NEXT = frozenset(
    {"عبد", "ابو", "ام", "ال", "abd", "abdul", "abdel", "abdal", "abdur", "abu", "umm", "al", "el"}
)
_SON_OR_DAUGHTER = frozenset({"بن", "ابن", "بنت", "bin", "ben", "ibn", "bint"})
_SUN_ARTICLE = re.compile(r"a(sh|th|dh|[rsnztdl])")


def to_arabic_digits(text: str) -> str:
    """0-9 written ٠-٩; everything else stays."""
    return text.translate(_TO_ARABIC)


def to_latin_digits(text: str) -> str:
    """Arabic and Persian digits as 0-9, the Arabic decimal and thousands signs as . and , ."""
    return text.translate(_TO_LATIN)


def without_direction_marks(text: str) -> str:
    """The text without invisible direction controls, which come along when people paste."""
    return _DIRECTION_MARKS.sub("", text)


def isolate(text: str, *, left_to_right: bool = False) -> str:
    """The text between isolates, so that it cannot turn the words around it (Unicode UAX 9).

    Its own direction follows its first strong letter unless `left_to_right`. Controls inside are
    removed, so nothing can break out.
    """
    opening = _LEFT_TO_RIGHT_ISOLATE if left_to_right else _FIRST_STRONG_ISOLATE
    return f"{opening}{without_direction_marks(text)}{_POP_ISOLATE}"


def search_key(text: str) -> str:
    """One spelling for all of a name's spellings in its script: folded words, single spaces.

    Compare by equality or by prefix. Idempotent. Empty when there is no letter or digit. Only
    the first SEARCH_CHARACTERS_MAX characters count.
    """
    return " ".join(_joined(_words(text[:SEARCH_CHARACTERS_MAX])))


class _Unmarked(dict[int, int | None]):
    """A translation that drops marks and controls; what a letter is, is looked up once."""

    def __missing__(self, code: int) -> int | None:
        drops = unicodedata.category(chr(code)) in ("Mn", "Me", "Cf")
        self[code] = None if drops else code
        return self[code]


_UNMARKED = _Unmarked()


def _words(text: str) -> list[str]:
    """Folded piece by piece between spaces: what a letter becomes hangs on no other piece."""
    return [word for piece in text.split(" ") for word in _folded(piece)]


@lru_cache(maxsize=WORDS_KNOWN_MAX)
def _folded(text: str) -> tuple[str, ...]:
    bare = unicodedata.normalize("NFKD", text).translate(_UNMARKED)
    bare = to_latin_digits(_APOSTROPHES.sub("", bare)).translate(_LETTERS).casefold()
    return tuple(_NOT_WORD.sub(" ", bare).split())


@lru_cache(maxsize=WORDS_KNOWN_MAX)
def _stands_alone(word: str) -> bool:
    return not (word in _SON_OR_DAUGHTER or word in _JOINED_TO_NEXT or _SUN_ARTICLE.fullmatch(word))


def _joined(words: list[str]) -> list[str]:
    """بن and bin go; عبد الله becomes عبدالله, "Al Sabah" becomes "alsabah"."""
    if all(map(_stands_alone, words)):
        return words
    words = [word for word in words[:-1] if word not in _SON_OR_DAUGHTER] + words[-1:]
    joined: list[str] = []
    prefix = ""
    for position, word in enumerate(words):
        following = "".join(words[position + 1 : position + 2])
        if following and _SUN_ARTICLE.fullmatch(word) and following.startswith(word[1:]):
            prefix += "al"
        elif following and (word in _JOINED_TO_NEXT or prefix + word in _JOINED_TO_NEXT):
            prefix += word
        else:
            joined.append(prefix + word)
            prefix = ""
    return joined


# Consonants of both scripts in one alphabet. c = ش, x = خ; ج and غ share j because Egyptian
# and Gulf spellings write either with g; ظ and ض and ذ share d, as Gulf spellings write dh.
_FROM_ARABIC = {
    **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttjhxddrzscsdtdjfkklmnh", strict=True)),
    **dict.fromkeys("اوعي", ""),
}
_FROM_LATIN = {
    "kh": "x", "gh": "j", "sh": "c", "ch": "c", "th": "t", "dh": "d", "ph": "f", "ck": "k",
    "q": "k", "g": "j", "v": "f", "p": "b", "c": "k", "x": "ks", **dict.fromkeys("aeiouyw", ""),
}  # fmt: skip
_LATIN_SOUND = re.compile("kh|gh|sh|ch|th|dh|ph|ck|.")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_LATIN_ARTICLE = re.compile(r"[ae]l(?=.*[^aeiouyw].*[^aeiouyw])")
_ARABIC_ARTICLE = re.compile("ال(?=..)")
_SLAVE_OF = re.compile(r"abd[aeou]l?(?=([a-z])\1)|abd[aeo]l?")
_DOUBLED = re.compile(r"(.)\1+")
_ONLY_VOWELS = "a"


def search_skeleton(text: str) -> str:
    """The consonants of each word, one alphabet for both scripts: "محمد" and "Mohammed": "mhmd".

    For a second, wider search after `search_key` found nothing; different names may share one.
    """
    return skeleton_of_key(search_key(text))


def skeleton_of_key(key: str) -> str:
    """`search_skeleton` of a text whose `search_key` is at hand."""
    return " ".join(_skeleton(word) for word in key.split())


@lru_cache(maxsize=WORDS_KNOWN_MAX)
def _skeleton(word: str) -> str:
    if _ARABIC_LETTER.search(word):
        bare = _ARABIC_ARTICLE.sub("", word, count=1) if word.startswith("ال") else word
        bare = bare[:-1] if bare.endswith("ه") and len(bare) > 2 else bare
        consonants = "".join(_FROM_ARABIC.get(letter, letter) for letter in bare)
    else:
        consonants = _latin_consonants(word)
    consonants = _DOUBLED.sub(r"\1", consonants)
    if len(consonants) > 1 and consonants.endswith("h"):
        consonants = consonants[:-1]
    return consonants or _ONLY_VOWELS


def _latin_consonants(word: str) -> str:
    bare = _LATIN_ARTICLE.sub("", word, count=1) if word[:2] in ("al", "el") else word
    if bare.startswith("abd") and len(bare) > 5:
        bare = _SLAVE_OF.sub("abdul", bare, count=1)
    bare = bare[:-1] if bare.endswith("h") and bare[-2:-1] in ("a", "e") else bare
    return "".join(_FROM_LATIN.get(sound, sound) for sound in _LATIN_SOUND.findall(bare))
