"""The two front pages tell the same: what is in one language only is stale in the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from tests.meta import house

ENGLISH, ARABIC = "README.md", "README.ar.md"
PORT = re.compile(r"(?<!\d)80\d\d(?!\d)")  # an Arabic letter may be joined to it
LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?:[^>\s]+)>")
COMMAND = re.compile(r"\./tahseel[^`#\n]*")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\*\*(\d+)\.", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


def page(name: str) -> str:
    return (house.ROOT / name).read_text("utf-8")


def prose(text: str) -> str:
    return BLOCK.sub("", text)


def links(text: str) -> Counter[str]:
    found = Counter(inline or bare for inline, bare in LINK.findall(text))
    return Counter({k: n for k, n in found.items() if k not in (ENGLISH, ARABIC)})


def commands(text: str) -> Counter[str]:
    return Counter(found.strip() for found in COMMAND.findall(text))


def ports(text: str) -> Counter[str]:
    return Counter(PORT.findall(text))


def tables(text: str) -> list[int]:
    """The number of cells in each row of a table."""
    return [line.count("|") for line in prose(text).splitlines() if line.startswith("|")]


def headings(text: str) -> list[int]:
    return [line.index(" ") for line in prose(text).splitlines() if re.match(r"#+ ", line)]


def steps(text: str) -> list[str]:
    return STEP.findall(text)


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Language and lines of each block, without what explains them."""
    return [
        (language, [line.split("#")[0].strip() for line in lines.splitlines()])
        for language, lines in BLOCK.findall(text)
    ]


def code(text: str) -> Counter[str]:
    return Counter(CODE.findall(prose(text)))


@pytest.mark.parametrize(
    "told",
    [links, commands, ports, tables, headings, steps, blocks, code],
    ids=lambda f: f.__name__,
)
def test_both_front_pages_tell_the_same(told: Callable[[str], object]) -> None:
    english, arabic = told(page(ENGLISH)), told(page(ARABIC))

    assert english
    assert arabic == english


def test_what_one_page_lacks_is_seen() -> None:
    whole = page(ENGLISH)

    assert links(whole.replace("](docs/integrating/push.md)", "")) != links(whole)
    assert commands(whole.replace("./tahseel audit verify", "")) != commands(whole)
    assert ports(whole.replace("8004", "")) != ports(whole)
    assert tables(whole.replace("| books |", "")) != tables(whole)
    assert headings(whole.replace("## Licence", "")) != headings(whole)
    assert steps(whole.replace("**9.", "")) != steps(whole)
