"""The source tree as data, for the tests that hold the law of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tahseel"
PROGRAMS = ("src", "simulators", "clients", "bench", "promises", "attacks", "tests")

# A folder imports only from those before it; `books` and `consumption` never meet.
ORDER = (
    "kernel",
    "trust.audit",
    "trust.access",
    "trust.approvals",
    "trust.notices",
    "trust.watch",
    "registry.customers",
    "registry.premises",
    "registry.meters",
    "registry.supply",
    "registry.feeds",
    "consumption.readings",
    "consumption.exceptions",
    "consumption.field",
    "consumption.metrology",
    "consumption.appointments",
    "consumption.headend",
    "consumption.rollout",
    "books.ledger",
    "books.claims",
    "books.payments",
    "books.deposits",
    "books.transfers",
    "books.counters",
    "books.settlement",
    "charging.tariffs",
    "charging.charges",
    "charging.sales",
    "charging.billing",
    "recovery.collections",
    "recovery.government",
    "recovery.clearance",
    "channels.pages",
    "channels.printing",
    "channels.services",
    "channels.approving",
    "channels.timeline",
    "channels.bodies",
    "channels.places",
    "channels.metering",
    "channels.rounds",
    "channels.desk",
    "channels.accounts",
    "channels.portal",
    "channels.cockpit",
    "countries.kuwait",
    "app",
)
SLICES = tuple(name for name in ORDER if name not in ("kernel", "app", "countries.kuwait"))


@dataclass(frozen=True)
class Source:
    """One Python file, or a text given for one. `name` is the path from the root."""

    path: Path
    given: str | None = None

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        base = ROOT / "src" if self.path.is_relative_to(ROOT / "src") else ROOT
        parts = list(self.path.relative_to(base).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def slice(self) -> str:
        """Such as "books.ledger"; "kernel" and "app" are folders without slices."""
        parts = self.path.relative_to(SOURCE).parts
        return parts[0] if parts[0] in ("kernel", "app") else ".".join(parts[:2])

    @property
    def text(self) -> str:
        return _text(self.path) if self.given is None else self.given

    @property
    def tree(self) -> ast.Module:
        return _tree(self.text)

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def sources(*folders: Path) -> list[Source]:
    """Every Python file under the folders (the package when none is given), in order."""
    found = (path for folder in folders or (SOURCE,) for path in folder.rglob("*.py"))
    return [Source(path) for path in sorted(found) if "__pycache__" not in path.parts]


def programs() -> list[Source]:
    """Every Python file of the repository."""
    return sources(*(ROOT / folder for folder in PROGRAMS if (ROOT / folder).exists()))


def slices() -> dict[str, Path]:
    """The slices that exist: name to folder."""
    folders = {name: SOURCE.joinpath(*name.split(".")) for name in SLICES}
    return {name: folder for name, folder in folders.items() if (folder / "__init__.py").exists()}


def imagined(text: str) -> Source:
    """A file that is not there, to try a law on."""
    return Source(SOURCE / "books" / "ledger" / "imagined.py", text)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(source: Source) -> Iterator[tuple[ast.stmt, str, str | None]]:
    """(statement, module, name): `import a.b` gives ("a.b", None), `from a import b` ("a", "b")."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(source, node)
            yield from ((node, module, alias.name) for alias in node.names)


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.module.split(".")
    depth = node.level - (source.path.name == "__init__.py")
    base = package[: len(package) - depth] if depth else package
    return ".".join([*base, *([node.module] if node.module else [])])


def bound_names(source: Source) -> dict[str, str]:
    """What each imported name stands for: {"dt": "datetime.datetime", "time": "time"}."""
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{_absolute(source, node)}.{alias.name}"
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """The full dotted name of a name or attribute, resolved through the imports, or ""."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""
