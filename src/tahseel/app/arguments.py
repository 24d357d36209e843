"""Typer has no option that takes every word up to the next option; `--reads a b c` needs one."""

from __future__ import annotations

from collections.abc import Sequence

GREEDY = frozenset({"--reads"})


def rewrite(words: Sequence[str]) -> list[str]:
    """Repeat a greedy option before each word: `--reads a b` becomes `--reads a --reads b`."""
    out: list[str] = []
    greedy: str | None = None
    first = False
    for word in words:
        if word in GREEDY:
            greedy, first = word, True
        elif word.startswith("--"):
            greedy = None
            out.append(word)
        elif greedy:
            out += [greedy, word]
            first = False
        else:
            out.append(word)
    if first and greedy:
        out.append(greedy)  # `--reads` with no file: let the parser say what is wrong
    return out
