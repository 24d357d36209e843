"""Refusals are stable, bilingual and complete; state machines have no dead ends by accident."""

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from string import Formatter

import pytest
from tests.meta import house

from tahseel.kernel.errors import Refusal
from tahseel.kernel.states import StateMachine

ARABIC = re.compile("[\u0621-\u064a]")
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*")
DEFINES = re.compile(r"^ +(code|text_ar) = \"|StateMachine\(", re.MULTILINE)
# Technical remarks in English, which an Arabic text may leave to the support.
REMARKS = {"detail", "operation", "reason", "rule"}
ENTRY_POINTS = {"cli", "wsgi", "web", "gateway", "__main__"}


@pytest.fixture(scope="module")
def modules() -> list[object]:
    """Every module that defines a refusal or a state machine."""
    return [
        importlib.import_module(source.module)
        for source in house.sources()
        if DEFINES.search(source.text)
        and "migrations" not in source.path.parts
        and source.path.stem not in ENTRY_POINTS
    ]


@pytest.fixture(scope="module")
def refusals(modules: list[object]) -> list[type[Refusal]]:
    assert len(modules) > 5
    found = set(families(Refusal))
    return sorted(
        (family for family in found if family.__module__.startswith("tahseel.")),
        key=lambda family: (family.__module__, family.__name__),
    )


def families(base: type[Refusal]) -> Iterator[type[Refusal]]:
    yield base
    for family in base.__subclasses__():
        yield from families(family)


def fields(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name
    }


def test_every_refusal_has_a_code_of_its_own(refusals: list[type[Refusal]]) -> None:
    own = [family for family in refusals if "code" in vars(family)]
    codes = Counter(family.code for family in own)

    shared = {code for code, times in codes.items() if times > 1}
    assert not [f"{f.__module__}.{f.__qualname__}: {f.code}" for f in own if f.code in shared]
    assert all(CODE.fullmatch(code) for code in codes)
    assert all("text_ar" in vars(f) and "text_en" in vars(f) for f in own)


def test_every_refusal_speaks_arabic_and_english(refusals: list[type[Refusal]]) -> None:
    mute = [
        family.__qualname__
        for family in refusals
        if not ARABIC.search(family.text_ar) or ARABIC.search(family.text_en)
    ]

    assert not mute, mute


def told(template: str) -> set[str]:
    """The facts of a text; `kind_ar` and `kind_en` are the same fact, remarks are none."""
    return {re.sub("_(ar|en)$", "", field) for field in fields(template)} - REMARKS


def test_both_languages_tell_the_same_facts(refusals: list[type[Refusal]]) -> None:
    uneven = [
        f"{family.__module__}.{family.__qualname__}: {told(family.text_ar) ^ told(family.text_en)}"
        for family in refusals
        if told(family.text_ar) != told(family.text_en)
    ]

    assert not uneven, "\n".join(uneven)


def test_a_refusal_is_an_answer_of_the_four_hundreds(refusals: list[type[Refusal]]) -> None:
    wrong = [f"{f.__module__}.{f.__qualname__}" for f in refusals if not 400 <= f.http_status < 500]

    assert not wrong, wrong


def test_whoever_refuses_gives_the_facts_that_the_text_names(refusals: list[type[Refusal]]) -> None:
    texts = {f"{f.__module__}.{f.__qualname__}": fields(f.text_ar) for f in refusals}
    wanting = [
        f"{source.at(node)}: {ast.unparse(node)} lacks {lacking}"
        for source in house.sources()
        for node, name in constructed(source)
        if name in texts and (lacking := texts[name] - {str(k.arg) for k in node.keywords})
    ]

    assert not wanting, "\n".join(wanting)


def constructed(source: house.Source) -> Iterator[tuple[ast.Call, str]]:
    """Calls with plain keywords, and the full name of what is called."""
    names = house.bound_names(source)
    local = {n.name for n in source.tree.body if isinstance(n, ast.ClassDef)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and all(k.arg for k in node.keywords):
            name = house.dotted(node.func, names)
            yield node, f"{source.module}.{name}" if name in local else name


def test_every_state_can_be_reached(modules: list[object]) -> None:
    machines = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, StateMachine)
    }

    lost = {m.name: set(m.moves) - m.reachable() for m in machines.values()}
    partial = {
        m.name: set(type(m.initial)) - set(m.moves)
        for m in machines.values()
        if isinstance(m.initial, Enum)
    }
    assert not {name: states for name, states in lost.items() if states}
    assert not {name: states for name, states in partial.items() if states}
