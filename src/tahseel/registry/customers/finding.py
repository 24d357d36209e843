"""Finds customers by name. Tiers, the closest first; inside a tier the order is fixed:

1. the name spelt so, in either script;
2. names that begin so, alphabetically;
3. names that begin with these sounds in this order, by their sounds;
4. names that end with these sounds in this order, by their sounds from the end;
5. names that hold every one of these sounds, short names first;
6. to 8. only when nothing else was found: as 3 to 5, with one slip of the hand in one word.

The last word may be unfinished (not in 4, nor when it is the one that is put right) when it has
PREFIX_LETTERS_MIN letters. Each tier is one statement that an index ends after `limit` rows, and
the next tier is asked only for what is still lacking. A record that was merged is not found: the
person is, under the record that stayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from uuid import UUID

from tahseel.kernel.sql import prepared
from tahseel.kernel.text import search_key
from tahseel.registry.customers import rules

PREFIX_LETTERS_MIN = 2
_LAST = "\U0010ffff"
_FIRST = "\x01"

_EQUAL = """
select id from customers_customer where search_ar = %(key)s and merged_into_id is null
union select id from customers_customer where search_en = %(key)s and merged_into_id is null
order by id limit %(limit)s
"""
_BEGINS = """
select id from (
  (select search_ar as key, id from customers_customer
   where search_ar >= %(low)s and search_ar < %(high)s and merged_into_id is null
   order by search_ar, id limit %(limit)s)
  union all
  (select search_en, id from customers_customer
   where search_en >= %(low)s and search_en < %(high)s and merged_into_id is null
   order by search_en, id limit %(limit)s)
) found group by id order by min(key), id limit %(limit)s
"""
_SOUNDS_BEGIN = """
select distinct c.search_skeleton, c.id
from unnest(%(low)s::text[], %(high)s::text[]) as range(low, high)
cross join lateral (
  select search_skeleton, id from customers_customer
  where search_skeleton >= range.low collate "C" and search_skeleton < range.high collate "C"
    and merged_into_id is null
  order by search_skeleton, id limit %(limit)s
) c
order by c.search_skeleton, c.id limit %(limit)s
"""
_SOUNDS_END = _SOUNDS_BEGIN.replace("search_skeleton", "search_tail")
_SOUNDS = """
with found as materialized (
  select distinct c.id, c.search_skeleton from unnest(%(wanted)s::text[]) as given(wanted)
  cross join lateral (
    select id, search_skeleton from customers_customer
    where search @@ given.wanted::tsquery and merged_into_id is null
  ) c
)
select id from found order by length(search_skeleton), search_skeleton, id limit %(limit)s
"""
_NEAR = "select distinct word from customers_sound_word where variant = any(%s::text[])"
_UNKNOWN = """
select word from unnest(%s::text[]) as given(word)
where not exists (
  select from customers_sound_word k where k.variant = given.word and k.word = given.word
)
"""
_KEEP = """
insert into customers_sound_word (variant, word)
select * from unnest(%s::text[], %s::text[]) on conflict do nothing
"""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Typed:
    """For each word that was typed, the words that it may stand for; `whole`: the last is complete.

    A last word of one letter is always complete.
    """

    choices: tuple[Words, ...]
    whole: bool = False

    def spelt_out(self) -> Iterator[Words]:
        return product(*self.choices)

    def is_whole(self, words: Words) -> bool:
        return self.whole or len(words[-1]) < PREFIX_LETTERS_MIN


def by_name(text: str, limit: int) -> list[UUID]:
    """Ids of at most `limit` customers, the closest first; empty for a text without letters."""
    key, words = search_key(text), rules.search_words(text)
    if not key:
        return []
    found: dict[UUID, None] = {}
    typed = [Typed(tuple((word,) for word in words))]
    for tier in (_equal, _begins, _sounds_begin, _sounds_end, _sounds):
        found |= dict.fromkeys(tier(key, typed, limit + len(found)))
        if len(found) >= limit:
            break
    if not found and (near := list(_one_slip_away(words))):
        for tier in (_sounds_begin, _sounds_end, _sounds):
            found |= dict.fromkeys(tier(key, near, limit + len(found)))
            if len(found) >= limit:
                break
    return list(found)[:limit]


def keep_words(sounds: Iterable[str]) -> None:
    """Remember the sound words of new names, so that a slip in one of them can be forgiven."""
    words = sorted({word for name in sounds for word in name.split()})
    unknown = sorted(row[0] for row in prepared(_UNKNOWN, [words]).fetchall())
    pairs = [(variant, word) for word in unknown for variant in sorted(rules.variants(word))]
    if pairs:
        prepared(_KEEP, [list(column) for column in zip(*sorted(pairs), strict=True)])


def _equal(key: str, typed: list[Typed], limit: int) -> list[UUID]:
    return _ids(_EQUAL, key=key, limit=limit)


def _begins(key: str, typed: list[Typed], limit: int) -> list[UUID]:
    if len(key) < PREFIX_LETTERS_MIN:
        return []
    return _ids(_BEGINS, low=key, high=key + _LAST, limit=limit)


def _sounds_begin(key: str, typed: list[Typed], limit: int) -> list[UUID]:
    ranges = [
        stretch
        for each in typed
        for words in each.spelt_out()
        for stretch in _stretches(words, whole=each.is_whole(words))
    ]
    low, high = (list(ends) for ends in zip(*ranges, strict=True))
    return _ids(_SOUNDS_BEGIN, low=low, high=high, limit=limit)


def _sounds_end(key: str, typed: list[Typed], limit: int) -> list[UUID]:
    ranges = [
        stretch
        for each in typed
        for words in each.spelt_out()
        for stretch in _stretches(words[::-1], whole=True)
    ]
    low, high = (list(ends) for ends in zip(*ranges, strict=True))
    return _ids(_SOUNDS_END, low=low, high=high, limit=limit)


def _stretches(words: Words, *, whole: bool) -> list[tuple[str, str]]:
    """Where names that begin so stand: one stretch, or two when the last word is complete."""
    begin = " ".join(words)
    if not whole:
        return [(begin, begin + _LAST)]
    return [(begin, begin + _FIRST), (begin + " ", begin + " " + _LAST)]


def _sounds(key: str, typed: list[Typed], limit: int) -> list[UUID]:
    return _ids(_SOUNDS, wanted=[_all_of(each) for each in typed], limit=limit)


def _all_of(typed: Typed) -> str:
    *before, last = typed.choices
    words = [[_quoted(word) for word in choice] for choice in before]
    words.append([_quoted(word) + ("" if typed.is_whole((word,)) else ":*") for word in last])
    return " & ".join(f"({' | '.join(choice)})" for choice in words)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "").replace("'", "") + "'"


def _one_slip_away(words: Words) -> Iterator[Typed]:
    """The same words, each in turn put right by every word that is known and near it."""
    for position, word in enumerate(words):
        if not rules.may_slip(words, position):
            continue
        near = prepared(_NEAR, [sorted(rules.variants(word))]).fetchall()
        right = tuple(sorted(known for (known,) in near if rules.one_slip_apart(word, known)))
        if right:
            choices = [(kept,) for kept in words]
            choices[position : position + 1] = [right]
            yield Typed(tuple(choices), whole=position == len(words) - 1)


def _ids(statement: str, **values: object) -> list[UUID]:
    return [row[-1] for row in prepared(statement, values).fetchall()]
