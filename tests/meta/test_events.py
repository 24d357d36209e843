"""What is announced has three parts, and whoever listens or works is served by the app."""

import ast
import importlib
import re
from collections.abc import Iterator

from tests.meta import house

from tahseel.app import agenda
from tahseel.app import jobs as app_jobs

NAME = re.compile(r"[a-z]+(_[a-z]+)*(:[a-z]+(_[a-z]+)*){2}")
LOOKS_LIKE_A_NAME = re.compile(r"[a-z_]+(:[a-z_]+)+")


def strings(source: house.Source) -> list[ast.Constant]:
    """Every string constant of a file."""
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def events() -> Iterator[tuple[house.Source, ast.Constant]]:
    """Every string in an events module that looks like the name of an event."""
    for source in house.sources():
        if source.path.stem == "events":
            found = (node for node in strings(source) if LOOKS_LIKE_A_NAME.fullmatch(node.value))
            yield from ((source, node) for node in found)


def announced() -> Iterator[tuple[house.Source, ast.Call, ast.expr]]:
    """(source, call, name) of every call that announces an event."""
    for source in house.sources():
        names = house.bound_names(source)
        calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
        for call in calls:
            if house.dotted(call.func, names) == "tahseel.kernel.outbox.announce":
                yield from ((source, call, k.value) for k in call.keywords if k.arg == "name")


def test_an_event_is_named_by_source_subject_and_action() -> None:
    wrong = [
        f"{source.at(node)}: {node.value}"
        for source, node in events()
        if not NAME.fullmatch(str(node.value))
        or str(node.value).split(":")[0] != source.slice.split(".")[-1]
    ]

    assert not wrong, "\n".join(wrong)


def test_an_event_announced_by_its_bare_name_has_three_parts() -> None:
    wrong = [
        f"{source.at(call)}: {name.value}"
        for source, call, name in announced()
        if isinstance(name, ast.Constant) and not NAME.fullmatch(str(name.value))
    ]

    assert not wrong, "\n".join(wrong)


def mentioned_by_the_app() -> set[str]:
    """Dotted names of modules that `app` imports or names in a string."""
    mentioned: set[str] = set()
    for source in house.sources(house.SOURCE / "app"):
        for _, module, name in house.imports(source):
            mentioned |= {module, f"{module}.{name}"}
        for node in strings(source):
            mentioned |= {node.value, node.value.rpartition(":")[0]}
    return mentioned


def test_every_job_and_every_consumer_is_served_by_the_app() -> None:
    served = mentioned_by_the_app()

    idle = [
        source.module
        for source in house.sources()
        if source.path.stem in ("jobs", "consumers") and source.module not in served
    ]

    assert not idle, idle


def declared_jobs() -> dict[str, object]:
    """Every job that a slice declares in the JOBS of its `jobs` module: "module.name" to job."""
    found: dict[str, object] = {}
    for source in house.sources():
        if source.path.stem == "jobs" and source.slice != "app":
            module = importlib.import_module(source.module)
            for job in getattr(module, "JOBS", ()):
                found[f"{source.module}.{job.name}"] = job
    return found


def test_every_declared_job_is_worked_by_the_worker_and_has_its_appointment() -> None:
    worked = {id(job) for job in app_jobs.DAY_JOBS}
    served = {job.name for job in app_jobs.day_jobs()}

    idle = [name for name, job in declared_jobs().items() if id(job) not in worked]
    assert len(declared_jobs()) >= 3
    assert not idle, idle
    assert served == {job.name for job in app_jobs.DAY_JOBS}
    assert set(agenda.appointments()) == served


def test_a_jobs_module_that_declares_no_job_is_a_process_of_its_own() -> None:
    empty = [
        source.module
        for source in house.sources()
        if source.path.stem == "jobs" and source.slice != "app"
        if not getattr(importlib.import_module(source.module), "JOBS", ())
        and "__main__" not in source.text
    ]

    assert not empty, empty


def test_what_a_consumer_listens_for_is_announced_by_somebody() -> None:
    known = {str(node.value) for _, node in events()}

    deaf = [
        f"{source.at(node)}: {node.value}"
        for source in house.sources()
        if source.path.stem in ("consumers", "projector")
        for node in strings(source)
        if NAME.fullmatch(node.value) and node.value not in known
    ]

    assert not deaf, "\n".join(deaf)


def test_an_app_that_lists_its_consumers_lists_them_all() -> None:
    listed = [
        ast.unparse(node.value)
        for source in house.sources(house.SOURCE / "app")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "CONSUMERS"
    ]
    existing = {s.slice.split(".")[-1] for s in house.sources() if s.path.stem == "consumers"}

    missing = {name for name in existing if listed and not any(name in text for text in listed)}
    assert not missing, missing
