"""Whatever leaves an audit leaf has words: a story shows no code of ours to anybody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.meta import house

from tahseel.channels.timeline.acts import ACTS

SHAPE = re.compile(r"[a-z_]+\.[a-z_]+")


def actions(source: house.Source) -> Iterator[tuple[str, str]]:
    """(where, action) of every leaf that a file can leave."""
    known = constants(source.tree)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        named = ast.unparse(node.func).split(".")[-1]
        given = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
        if named == "audited":
            given += node.args[:1]
        for value in given:
            text = known.get(value.id) if isinstance(value, ast.Name) else literal(value)
            if text and SHAPE.fullmatch(text):
                yield source.at(node), text


def constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module gives a name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def literal(value: ast.expr) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def test_every_act_of_the_log_has_words_in_both_languages() -> None:
    untold = {
        f"{where}: {action}"
        for source in house.sources()
        for where, action in actions(source)
        if action not in ACTS
    }

    assert not untold, "\n".join(sorted(untold))


def test_no_words_are_kept_for_an_act_that_nobody_does() -> None:
    done = {action for source in house.sources() for _, action in actions(source)}

    assert set(ACTS) <= done, sorted(set(ACTS) - done)


def test_the_law_sees_an_act_in_each_of_its_forms() -> None:
    text = """
ACT = "a.c"
@audited("a.b", subject="")
def f(): record(action=ACT)
record(action="a.d")
"""

    found = {action for _, action in actions(house.imagined(text))}

    assert found == {"a.b", "a.c", "a.d"}
