"""Tests are sentences, and every one of them asserts something."""

import ast
from collections.abc import Iterator

from tests.meta import house

CLAIMS = ("assert", "expect", "raises", "warns", "fail", "check")
WORDS_MIN = 3


def written() -> Iterator[tuple[house.Source, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for source in house.sources(house.ROOT / "tests"):
        for function in house.functions(source.tree):
            if function.name.startswith("test_") and source.path.name.startswith("test_"):
                yield source, function


def asserts(function: ast.AST, file: ast.AST | None = None) -> bool:
    """True when it holds an assertion, or calls something that does or whose name says so."""
    beside = {f.name: f for f in house.functions(file) if f is not function} if file else {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = beside.get(ast.unparse(node.func))
            if claims(node.func) or (called is not None and asserts(called)):
                return True
    return False


def claims(called: ast.expr) -> bool:
    name = ast.unparse(called).split("(")[0].split(".")[-1].lstrip("_")
    return name.startswith(CLAIMS)


def test_every_test_asserts_something() -> None:
    empty = [
        f"{source.at(function)} {function.name}"
        for source, function in written()
        if not asserts(function, source.tree)
    ]

    assert not empty, "\n".join(empty)


def test_every_test_is_named_by_a_sentence() -> None:
    short = [
        f"{source.at(function)} {function.name}"
        for source, function in written()
        if len(function.name.removeprefix("test_").split("_")) < WORDS_MIN
    ]

    assert not short, "\n".join(short)


def test_no_test_is_hidden_by_another_of_its_name() -> None:
    seen: set[tuple[str, str]] = set()
    hidden = []
    for source, function in written():
        if (source.name, function.name) in seen:
            hidden.append(f"{source.at(function)} {function.name}")
        seen.add((source.name, function.name))

    assert not hidden, "\n".join(hidden)


def test_the_law_on_assertions_sees_an_empty_test() -> None:
    file = ast.parse(
        "def test_a(): run()\ndef test_b(): assert_same(1, 1)\ndef test_c(): answers(1)\n"
        "def answers(x): assert x\ndef run(): pass\n"
    )

    held = [asserts(function, file) for function in file.body[:3]]

    assert held == [False, True, True]
