"""Whoever reads a person says who he is and what for, and leaves an audit leaf."""

from __future__ import annotations

import ast
import inspect
import re
from inspect import Parameter

from tests.meta import house
from tests.meta.test_operations import called, keywords

from tahseel.trust.audit.operations import record_read

OWNER = "registry.customers"
# What its owner tells of a person; whatever holds one of these is personal as well.
TOLD = {"CustomerView", "Person", "ContactView", "Contact", "DocumentView", "LikePair"}
RECORD = "record_read"
Name = tuple[str, str]  # slice, class or function


def classes() -> dict[Name, ast.ClassDef]:
    return {
        (folder, node.name): node
        for folder, path in house.slices().items()
        for source in house.sources(path)
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    }


def queries() -> dict[Name, tuple[house.Source, ast.FunctionDef]]:
    """Every function of every slice's queries, private ones included."""
    return {
        (folder, node.name): (source, node)
        for folder, path in house.slices().items()
        for source in house.sources(path)
        if source.path.name == "queries.py" or source.path.parent.name == "queries"
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef)
    }


def meant(folder: str, annotation: ast.expr | None, known: dict[Name, ast.ClassDef]) -> set[Name]:
    """The classes that an annotation may speak of: its slice's own, else any of that name."""
    words = set(re.findall(r"\w+", ast.unparse(annotation))) if annotation else set()
    named = {name for name in known if name[1] in words}
    own = {name[1] for name in named if name[0] == folder}
    return {name for name in named if name[0] == folder or name[1] not in own}


def personal(known: dict[Name, ast.ClassDef]) -> set[Name]:
    """The values that hold a person, at any depth."""
    parts = {
        (folder, name): {
            part
            for field in node.body
            if isinstance(field, ast.AnnAssign)
            for part in meant(folder, field.annotation, known)
        }
        for (folder, name), node in known.items()
    }
    found = {(OWNER, name) for name in TOLD}
    while more := {name for name, held in parts.items() if held & found} - found:
        found |= more
    return found


def records(name: Name, known: dict[Name, tuple[house.Source, ast.FunctionDef]]) -> bool:
    """True when a query records a read, by itself or in a query that it calls."""
    todo, seen = [name], set()
    while todo:
        one = todo.pop()
        seen.add(one)
        calls = called(known[one][1])
        if RECORD in calls:
            return True
        todo += [other for other in known if other[1] in calls and other not in seen]
    return False


def readers() -> dict[Name, tuple[house.Source, ast.FunctionDef]]:
    """The public queries that give a person."""
    known = classes()
    persons = personal(known)
    return {
        (folder, name): (source, node)
        for (folder, name), (source, node) in queries().items()
        if not name.startswith("_") and meant(folder, node.returns, known) & persons
    }


def test_a_leaf_of_a_read_cannot_be_written_without_a_purpose() -> None:
    wanted = {"actor", "purpose", "subject", "at"}
    parameters = inspect.signature(record_read).parameters

    assert {name for name in parameters if parameters[name].default is Parameter.empty} == wanted
    assert {parameters[name].kind for name in wanted} == {Parameter.KEYWORD_ONLY}


def test_whoever_reads_a_person_is_named() -> None:
    found = readers()
    wrong = [
        f"{source.at(node)} {folder}.{name}"
        for (folder, name), (source, node) in found.items()
        if not {"actor", "at"} <= keywords(node)
    ]

    assert {(OWNER, "by_id"), (OWNER, "search"), ("channels.portal", "bill_sheet")} <= set(found)
    assert not wrong, "\n".join(wrong)


def test_every_read_of_a_person_leaves_a_leaf() -> None:
    known = queries()
    wrong = [
        f"{source.at(node)} {folder}.{name}"
        for (folder, name), (source, node) in readers().items()
        if not records((folder, name), known)
    ]

    assert not wrong, "\n".join(wrong)


def test_what_the_owner_tells_of_a_person_still_bears_these_names() -> None:
    assert {(OWNER, name) for name in TOLD} <= set(classes())
