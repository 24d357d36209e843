"""One English word has one Arabic word: all catalogues are one, and the first of them wins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from babel.messages.pofile import read_po
from tests.meta import house

Told = tuple[str | None, str, str]


def words(catalogue: Path) -> Iterable[Told]:
    """(context, English, Arabic) of every message of a catalogue."""
    with catalogue.open("rb") as handle:
        for message in read_po(handle, locale="ar"):
            if message.id:
                english = message.id if isinstance(message.id, str) else message.id[0]
                yield message.context, english, str(message.string)


def torn(told: Iterable[Told]) -> dict[tuple[str | None, str], set[str]]:
    """What is told in more than one way."""
    found = defaultdict(set)
    for context, english, arabic in told:
        found[context, english].add(arabic)
    return {key: ways for key, ways in found.items() if len(ways) > 1}


def test_the_same_english_is_the_same_arabic_unless_a_context_tells_them_apart() -> None:
    catalogues = sorted(house.SOURCE.glob("**/locale/ar/LC_MESSAGES/django.po"))

    found = torn(one for catalogue in catalogues for one in words(catalogue))

    assert len(catalogues) > 9
    assert not found, "\n".join(f"{key}: {sorted(ways)}" for key, ways in sorted(found.items()))


def test_the_law_sees_two_meanings_and_lets_contexts_be() -> None:
    told = [(None, "Back", "رجوع"), (None, "Back", "عادت"), ("a round", "Back", "عادت")]

    assert torn(told) == {(None, "Back"): {"رجوع", "عادت"}}
