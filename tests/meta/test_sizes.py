"""Functions <= 50 lines, files <= 400, lines <= 100 characters, nesting <= 3."""

import ast
import re

from tests.meta import house

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
LINE_CHARACTERS_MAX = 100
NESTING_MAX = 3

PRAGMA = re.compile(r"\s+# (type:|noqa).*")
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def nesting(node: ast.AST) -> int:
    """How many blocks deep the deepest statement lies; `elif` lies as deep as its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, SCOPES):
            continue
        level = isinstance(child, BLOCKS) and not is_elif(node, child)
        deepest = max(deepest, level + nesting(child))
    return deepest


def is_elif(parent: ast.AST, child: ast.AST) -> bool:
    return (
        isinstance(parent, ast.If)
        and isinstance(child, ast.If)
        and parent.orelse == [child]
        and child.col_offset == parent.col_offset
    )


def generated(source: house.Source) -> bool:
    return "migrations" in source.path.parts


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{source.at(function)} {function.name}: {function.end_lineno - function.lineno + 1} lines"
        for source in house.programs()
        for function in house.functions(source.tree)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert not long, "\n".join(long)


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = [
        f"{source.name}: {lines} lines"
        for source in house.programs()
        if (lines := len(source.text.splitlines())) > FILE_LINES_MAX
    ]

    assert not long, "\n".join(long)


def test_no_line_is_longer_than_a_hundred_characters() -> None:
    long = [
        f"{source.name}:{number}: {len(line)} characters"
        for source in house.programs()
        if not generated(source)
        for number, line in enumerate(source.text.splitlines(), 1)
        if len(PRAGMA.sub("", line)) > LINE_CHARACTERS_MAX
    ]

    assert not long, "\n".join(long)


def test_no_function_nests_deeper_than_three_blocks() -> None:
    deep = [
        f"{source.at(function)} {function.name}: {depth} deep"
        for source in house.programs()
        for function in house.functions(source.tree)
        if (depth := nesting(function)) > NESTING_MAX
    ]

    assert not deep, "\n".join(deep)


def test_nesting_is_counted_as_people_count_it() -> None:
    flat = ast.parse("if a:\n  x\nelif b:\n  x\nelif c:\n  x\nelse:\n  x\n")
    deep = ast.parse("for a in b:\n  if c:\n    x\n  else:\n    if d:\n      x\n    y\n")

    assert nesting(flat) == 1
    assert nesting(deep) == 3
