"""Typer has no option that takes every word up to the next option; `--reads a b c` needs one."""

from __future__ import annotations

from collections.abc import Sequence

GREEDY = frozenset({"--reads"})
END_OF_OPTIONS = "--"


def rewrite(words: Sequence[str]) -> list[str]:
    """Repeat a greedy option before each word: `--reads a b` becomes `--reads a --reads b`.

    A word that starts with a dash is the next option (a lone "-" is not); after "--" nothing is.
    A greedy option without a word goes last, where the parser says that it needs one.
    """
    end = words.index(END_OF_OPTIONS) if END_OF_OPTIONS in words else len(words)
    out: list[str] = []
    empty: list[str] = []
    greedy: str | None = None
    for place, word in enumerate(words[:end]):
        option, equals, _ = word.partition("=")
        if _is_option(word):
            greedy = option if option in GREEDY else None
            if greedy and not equals:
                following = words[place + 1 : end]
                empty += [] if following and not _is_option(following[0]) else [greedy]
            else:
                out.append(word)
        else:
            out += [greedy, word] if greedy else [word]
    return [*out, *empty, *words[end:]]


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-"
