"""Whatever waits for nobody's click is worked by the worker: dropping it from the list fails."""

import ast
import importlib
import re
from collections.abc import Iterator

from tests.meta import house

from tahseel.app import jobs as app_jobs

# How a function is called that somebody must call again and again.
RECURRING = re.compile(r"step|sweep|(\w+_)?(pending|waiting|due)")
WORDS = {"self", "actor", "at", "limit", "batch_max"}
# Recurring by its name and parameters, and yet nobody's job. full name: reason
NOT_RECURRING = {
    "tahseel.recovery.clearance.wire.Server.sweep": "the gateway closes idle connections",
}
APP_JOBS = house.SOURCE / "app" / "jobs.py"
MESSAGES = "tahseel.trust.notices.messenger.hand_over_waiting"


def recurring() -> set[str]:
    """Full names of the functions and methods that do a batch of what has come, given the time."""
    return {
        f"{source.module}.{prefix}{node.name}"
        for source in house.sources()
        if source.path.stem != "queries" and "queries" not in source.path.parts
        for prefix, node in defined(source.tree)
        if RECURRING.fullmatch(node.name) and takes_only_time(node)
    }


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(prefix, function) of what stands in a module itself and in its classes."""
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        yield from ((prefix, one) for one in inside if isinstance(one, ast.FunctionDef))


def takes_only_time(node: ast.FunctionDef) -> bool:
    names = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
    return names <= WORDS and bool(names & {"at", "self"})


def called(node: ast.AST, names: dict[str, str]) -> set[str]:
    """Full names, as they are defined, of what is called below a node."""
    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return {where_defined(house.dotted(call.func, names)) for call in calls}


def where_defined(name: str) -> str:
    """Where a dotted name was defined: a package may hand on what its modules hold."""
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        return name
    return f"{found.__module__}.{found.__qualname__}" if callable(found) else name


def worked() -> set[str]:
    """What the worker's jobs call, and what the jobs of the day and those things call in turn."""
    direct = worked_by(house.Source(APP_JOBS))
    homes = {name.rpartition(".")[0] for name in direct} | {
        name.rpartition(".")[0].rpartition(".")[0] for name in direct
    }
    for source in house.sources():
        of_the_day = source.path.stem == "jobs" and source.slice != "app"
        if of_the_day or (source.module in homes and source.slice != "kernel"):
            direct |= called(source.tree, house.bound_names(source))
    return direct


def worked_by(source: house.Source) -> set[str]:
    """What is called by the functions that a `Job(name, seconds, function)` of the file names."""
    found: set[str] = set()
    for function in (n for n in source.tree.body if isinstance(n, ast.FunctionDef)):
        kinds = {a.arg: a.annotation for a in (*function.args.args, *function.args.kwonlyargs)}
        names = house.bound_names(source)
        names |= {name: house.dotted(kind, names) for name, kind in kinds.items() if kind}
        for node in ast.walk(function):
            if isinstance(node, ast.FunctionDef) and node.name in jobs_named(function):
                found |= called(node, names)
    return found


def jobs_named(function: ast.FunctionDef) -> set[str]:
    calls = (n for n in ast.walk(function) if isinstance(n, ast.Call))
    return {
        call.args[2].id
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Job"
        if len(call.args) > 2 and isinstance(call.args[2], ast.Name)
    }


def test_whatever_recurs_is_worked_by_the_worker() -> None:
    idle = recurring() - worked() - set(NOT_RECURRING)

    assert len(recurring()) >= 7
    assert not idle, sorted(idle)


def test_no_exception_is_one_without_need() -> None:
    assert set(NOT_RECURRING) <= recurring() - worked()


def test_a_job_that_the_list_drops_is_missed() -> None:
    whole = APP_JOBS.read_text("utf-8")
    dropped = whole.replace('Job("hand-over-messages", 0.5, hand_over),', "")

    assert MESSAGES in worked_by(house.Source(APP_JOBS))
    assert dropped != whole
    assert MESSAGES not in worked_by(house.Source(APP_JOBS, dropped))


def test_every_cursor_over_the_events_belongs_to_a_consumer_of_the_worker() -> None:
    listening = {
        value.value
        for source in house.sources()
        for name, value in constants(source.tree)
        if name == "NAME" and isinstance(value.value, str)
        if source.path.stem == "consumers" or "tahseel.kernel.outbox" in imported(source)
    }

    assert listening == set(app_jobs.CONSUMERS)


def imported(source: house.Source) -> set[str]:
    return {f"{module}.{name}" for _, module, name in house.imports(source)}


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((t.id, node.value) for t in node.targets if isinstance(t, ast.Name))
