"""Every write says who acts and when, takes its input by name, and leaves an audit leaf."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.meta import house

AUDITED = "audited"
RECORDS = {"record", "record_read", "record_many"}
# Public operations that leave no leaf, nor call one that does. "slice.function": reason
UNAUDITED = {
    "trust.audit.audited": "is the decorator itself",
    "trust.audit.note": "adds facts to the leaf that is being written",
    "trust.audit.record": "writes the leaf",
    "trust.audit.record_many": "writes the leaves",
    "books.ledger.lock_accounts": "locks, and writes nothing that anybody could read",
    "charging.billing.preview": "computes what a month's end would post, and writes nothing",
    "charging.billing.price_again": "computes what a bill would be, and writes nothing",
    "charging.billing.relief": "computes what a leak gives back, and writes nothing",
    "registry.customers.require_standing": "locks and refuses, and writes nothing",
    "registry.customers.require_standing_lines": "locks and refuses, and writes nothing",
}
# Public operations that may take positions. "slice.function": reason
POSITIONAL = {
    "trust.audit.audited": "reads as a decorator",
    "trust.audit.record_many": "one sequence of leaves",
    "books.ledger.lock_accounts": "one collection of ids",
}


def files(folder: Path) -> list[house.Source]:
    """The files of a slice's operations: one module, or a package."""
    single = folder / "operations.py"
    return [house.Source(single)] if single.exists() else house.sources(folder / "operations")


def definitions(folder: Path) -> dict[str, tuple[house.Source, ast.FunctionDef]]:
    """Every function of a slice's operations, private ones included."""
    return {
        node.name: (source, node)
        for source in files(folder)
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef)
    }


def offered(folder: Path) -> set[str] | None:
    """What a package of operations offers; None for a module, which offers what is not private."""
    front = folder / "operations" / "__init__.py"
    if not front.exists():
        return None
    return {name for _, _, name in house.imports(house.Source(front)) if name}


def operations() -> Iterator[tuple[house.Source, str, ast.FunctionDef]]:
    """(source, "slice.function", definition) of every public operation."""
    for name, folder in house.slices().items():
        public = offered(folder)
        for function, (source, node) in definitions(folder).items():
            if function in public if public is not None else not function.startswith("_"):
                yield source, f"{name}.{function}", node


def called(function: ast.FunctionDef) -> set[str]:
    """The last names of everything a function calls."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return {ast.unparse(call.func).split(".")[-1] for call in calls}


def leaves_a_leaf(name: str) -> bool:
    """True when it is audited, records by itself, or reaches one of its slice that is."""
    owner, _, first = name.rpartition(".")
    known = definitions(house.slices()[owner])
    todo, seen = [first], set()
    while todo:
        function = todo.pop()
        if function in RECORDS:
            return True
        if function in known and function not in seen:
            seen.add(function)
            if is_audited(known[function][1]):
                return True
            todo += called(known[function][1])
    return False


def is_audited(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Call) and ast.unparse(decorator.func).split(".")[-1] == AUDITED
        for decorator in function.decorator_list
    )


def keywords(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.kwonlyargs}


def test_operations_take_keywords_only() -> None:
    wrong = [
        f"{source.at(function)} {name}"
        for source, name, function in operations()
        if name not in POSITIONAL and (function.args.args or function.args.posonlyargs)
    ]

    assert not wrong, "\n".join(wrong)


def test_every_operation_leaves_an_audit_leaf() -> None:
    wrong = [
        f"{source.at(function)} {name}"
        for source, name, function in operations()
        if name not in UNAUDITED and not leaves_a_leaf(name)
    ]

    assert not wrong, "\n".join(wrong)


def test_every_audited_operation_takes_its_actor_and_its_instant() -> None:
    wrong = [
        f"{source.at(function)} {name}"
        for source, name, function in operations()
        if is_audited(function) and not {"actor", "at"} <= keywords(function)
    ]

    assert not wrong, "\n".join(wrong)


def test_the_subject_of_a_leaf_is_an_argument_of_its_operation() -> None:
    wrong = [
        f"{source.at(function)} {name}: {subject}"
        for source, name, function in operations()
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if keyword.arg == "subject"
        if (subject := ast.literal_eval(keyword.value))  # "" for a sweep over many
        if subject not in keywords(function)
    ]

    assert not wrong, "\n".join(wrong)


def test_an_action_is_named_after_its_slice_and_only_once() -> None:
    seen: dict[str, str] = {}
    wrong = []
    for source, name, function in operations():
        for decorator in function.decorator_list:
            if not (is_audited(function) and isinstance(decorator, ast.Call) and decorator.args):
                continue
            action = ast.literal_eval(decorator.args[0])
            if not action.startswith(f"{source.slice.split('.')[-1]}.") or action in seen:
                wrong.append(f"{source.at(function)} {name}: {action}")
            seen[action] = name

    assert not wrong, "\n".join(wrong)


def test_every_operation_tells_its_caller_what_it_does() -> None:
    silent = [
        f"{source.at(function)} {name}"
        for source, name, function in operations()
        if not ast.get_docstring(function)
    ]

    assert not silent, "\n".join(silent)


def test_no_exception_outlives_its_function() -> None:
    existing = {name for _, name, _ in operations()}
    begun = {name.rpartition(".")[0] for name in existing}

    gone = {
        name for name in {*UNAUDITED, *POSITIONAL} - existing if name.rpartition(".")[0] in begun
    }
    assert not gone, gone
