"""A slice is entered by its doors, and what must be pure imports without Django."""

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.meta import house

DOORS = {"values", "rules", "operations", "queries", "events", "history"}
# Modules beside the doors that other slices may import. module: reason
OPEN = {
    "tahseel.trust.access.guards": "the guard that every view wears",
    "tahseel.trust.access.throttle": "the limit that public views wear below their guard",
    "tahseel.channels.pages": "the components that all pages are made of",
}
PURE_FILES = {"values", "rules", "replica", "gateway", "words"}
PURE_FOLDERS = ("formats", "rules", "values")
# Kernel modules that touch Django; everything else in the kernel may not.
KERNEL_WITH_DJANGO = {
    "chronicle", "outbox", "idempotency", "daybook", "sql", "apps", "bulk", "columns", "telling",
}  # fmt: skip
PROGRAM = """
import importlib, json, sys, traceback
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "ninja", "axes"):
            raise ImportError(f"{name} is on the other side of the wall")
sys.meta_path.insert(0, Wall())
failed = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
json.dump(failed, sys.stdout)
"""


def foreign_entries(source: house.Source) -> Iterator[str]:
    """Imports of another slice's module that is no door."""
    for node, module, name in house.imports(source):
        target = ".".join(module.split(".")[1:3])
        if not module.startswith("tahseel.") or target not in house.SLICES:
            continue
        door = module.split(".")[3] if module.count(".") >= 3 else name
        full = f"{module}.{name}" if name else module
        opened = any(full == o or full.startswith(f"{o}.") for o in OPEN)
        if target != source.slice and door not in DOORS and not opened:
            yield f"{source.at(node)}: {full}"


def test_other_slices_enter_by_the_doors_only() -> None:
    found = [
        entry
        for source in house.sources()
        if source.slice != "app"
        for entry in foreign_entries(source)
    ]

    assert not found, "\n".join(found)


def test_the_law_on_doors_sees_every_way_in() -> None:
    program = (
        "from tahseel.trust.audit import operations, store\n"
        "from tahseel.trust.audit.values import Leaf\n"
        "from tahseel.trust.audit.store import rows\n"
        "import tahseel.registry.supply.models\n"
        "from tahseel.books.ledger.store import anything\n"
        "from tahseel.trust.access.guards import requires\n"
    )

    assert [entry.rsplit(": ", 1)[1] for entry in foreign_entries(house.imagined(program))] == [
        "tahseel.trust.audit.store",
        "tahseel.trust.audit.store.rows",
        "tahseel.registry.supply.models",
    ]


def pure_modules() -> list[str]:
    return [source.module for source in house.sources() if is_pure(source)]


def is_pure(source: house.Source) -> bool:
    parts = source.path.relative_to(house.SOURCE).parts
    if source.slice == "app" or "migrations" in parts:
        return False
    if source.slice == "kernel":
        return source.path.stem not in KERNEL_WITH_DJANGO
    folders = parts[2:-1]
    return (
        source.path.stem in PURE_FILES
        or bool(set(folders) & set(PURE_FOLDERS))
        or (source.slice in ("charging.tariffs", "countries.kuwait") and source.path.stem != "apps")
    )


def test_values_rules_parsers_and_the_gateway_import_without_django() -> None:
    modules = pure_modules()

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(modules),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(house.ROOT / "src"), "PYTHONUTF8": "1"},
        timeout=120,
    )

    failed = json.loads(done.stdout)
    assert len(modules) > 20
    assert not failed, "\n".join(f"{name}: {why}" for name, why in failed.items())


def test_the_wall_keeps_django_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input='["tahseel.kernel.outbox", "tahseel.kernel.money"]',
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(house.ROOT / "src")},
        timeout=60,
    )

    assert list(json.loads(done.stdout)) == ["tahseel.kernel.outbox"]
