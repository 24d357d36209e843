"""Sorts out what somebody typed to find a unit: areas, parts of an address, an automatic number.

Words may be Arabic or Latin, in any order: "السالمية قطعة 2 شقة ٧", "flat 7 block 2 Salmiya".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from tahseel.kernel.text import search_key, search_skeleton
from tahseel.registry.premises.values import Area, Governorate, Rung, UnitKind, Wanted

WORDS_MAX = 16
AUTOMATIC_DIGITS_MIN = 5
_WORD = re.compile(r"\w+")

_RUNG_WORDS = {
    Rung.BLOCK: "قطعة القطعة ق block blk",
    Rung.STREET: "شارع الشارع ش street st",
    Rung.PARCEL: "قسيمة القسيمة parcel plot",
    Rung.BUILDING: "مبنى المبنى بناية البناية عمارة العمارة building bldg bld",
    Rung.FLOOR: "دور الدور طابق الطابق floor fl",
    Rung.NUMBER: "رقم وحدة الوحدة unit no number",
}
_KIND_WORDS = {
    UnitKind.VILLA: "فيلا الفيلا villa",
    UnitKind.FLAT: "شقة الشقة flat apartment apt",
    UnitKind.SHOP: "محل المحل shop",
    UnitKind.OFFICE: "مكتب المكتب office",
    UnitKind.PLANT: "مصنع المصنع plant factory",
    UnitKind.FARM: "مزرعة المزرعة farm",
    UnitKind.CHALET: "شاليه الشاليه chalet",
}
_SAYS_NOTHING = {"area", "منطقه", "المنطقه", "محافظه", "governorate"}


def _by_word(words: Mapping[Rung, str] | Mapping[UnitKind, str]) -> dict[str, Rung | UnitKind]:
    return {search_key(word): what for what, text in words.items() for word in text.split()}


RUNG_OF: dict[str, Rung | UnitKind] = _by_word(_RUNG_WORDS)
KIND_OF: dict[str, Rung | UnitKind] = _by_word(_KIND_WORDS)


def wanted(text: str, *, areas: Sequence[Area], governorates: Sequence[Governorate] = ()) -> Wanted:
    """What is asked for, as far as it can be understood; empty when nothing is.

    A word after the name of a rung is its value; the name of an area or governorate, well spelt,
    narrows to its areas; a number of five digits and more begins an automatic number; other numbers
    may stand at any rung; any other word sounds like one of an area's, street's or building's name.
    """
    words = _WORD.findall(search_key(text))[:WORDS_MAX]
    places = _names(tuple(areas), tuple(governorates))
    narrowed: frozenset[str] | None = None
    left: list[str] = []
    at = 0
    while at < len(words):
        length, codes = _place_at(words, at, places)
        if length:
            narrowed = codes if narrowed is None else (narrowed & codes or codes)
            at += length
        else:
            left.append(words[at])
            at += 1
    return _sorted_out(left, narrowed or frozenset(), _sounding(tuple(areas)))


def _sorted_out(
    words: Sequence[str], areas: frozenset[str], sounding: Mapping[str, frozenset[str]]
) -> Wanted:
    named: dict[Rung, str] = {}
    kinds: set[UnitKind] = set()
    loose: list[str] = []
    heard: dict[str, frozenset[str]] = {}
    automatic = ""
    for label, word in _labelled(words):
        if isinstance(label, UnitKind):
            kinds.add(label)
        if not word:
            continue
        if label is not None and _numbered(word):
            named[label if isinstance(label, Rung) else Rung.NUMBER] = word
        elif word.isdecimal() and len(word) >= AUTOMATIC_DIGITS_MIN:
            automatic = word
        elif _numbered(word):
            loose.append(word)
        elif word not in _SAYS_NOTHING:
            sound = search_skeleton(word)
            heard[sound] = sounding.get(sound, frozenset())
    return Wanted(automatic, areas, frozenset(kinds), named, tuple(loose), heard)


def _labelled(words: Sequence[str]) -> Iterator[tuple[Rung | UnitKind | None, str]]:
    """Each value with the label before it; a kind may stand without a value."""
    at = 0
    while at < len(words):
        label = RUNG_OF.get(words[at]) or KIND_OF.get(words[at])
        following = words[at + 1] if at + 1 < len(words) else ""
        if label is None:
            yield None, words[at]
        elif following and not (following in RUNG_OF or following in KIND_OF):
            if isinstance(label, Rung) or _numbered(following):
                at += 1
                yield label, following
            else:
                yield label, ""
        elif isinstance(label, UnitKind):
            yield label, ""
        at += 1


def _numbered(word: str) -> bool:
    """ "7", "12a", "b" or "ب": what an address is numbered with."""
    return len(word) == 1 or any(letter.isdecimal() for letter in word)


@lru_cache(maxsize=4)
def _names(
    areas: tuple[Area, ...], governorates: tuple[Governorate, ...]
) -> Mapping[tuple[str, ...], frozenset[str]]:
    """The names of areas and governorates, word by word, with the areas that they mean."""
    found: dict[tuple[str, ...], set[str]] = {}
    inside: dict[str, set[str]] = {}
    for area in areas:
        inside.setdefault(area.governorate, set()).add(area.code)
    named = [(g.name_ar, g.name_en, inside.get(g.code, set())) for g in governorates]
    named += [(a.name_ar, a.name_en, {a.code}) for a in areas]
    for *names, codes in named:
        for name in names:
            found.setdefault(tuple(search_key(str(name)).split()), set()).update(codes)
    return {words: frozenset(codes) for words, codes in found.items() if words}


@lru_cache(maxsize=4)
def _sounding(areas: tuple[Area, ...]) -> Mapping[str, frozenset[str]]:
    """The areas in whose name a word of some sound stands."""
    found: dict[str, set[str]] = {}
    for area in areas:
        for sound in search_skeleton(f"{area.name_ar} {area.name_en}").split():
            found.setdefault(sound, set()).add(area.code)
    return {sound: frozenset(codes) for sound, codes in found.items()}


def _place_at(
    words: Sequence[str], at: int, places: Mapping[tuple[str, ...], frozenset[str]]
) -> tuple[int, frozenset[str]]:
    """The longest name that begins there: how many words, and the areas it means.

    What follows "street" or "building" is no area, whatever it is called.
    """
    if at and isinstance(RUNG_OF.get(words[at - 1]), Rung):
        return 0, frozenset()
    for length in range(min(max(map(len, places), default=0), len(words) - at), 0, -1):
        name = tuple(words[at : at + length])
        if name in places:
            return length, places[name]
    return 0, frozenset()
