"""No float in money or in a stored quantity."""

import ast
import re
from collections.abc import Iterator

from tests.meta import house

EXACT = (
    "kernel",
    "registry",
    "books",
    "charging",
    "consumption.readings.values",
    "consumption.readings.rules",
    "consumption.readings.formats",
    "consumption.readings.intake",
    "consumption.readings.storing",
    "consumption.readings.blocks",
    "consumption.readings.determining",
    "consumption.readings.measuring",
    "consumption.readings.metering",
    "consumption.readings.operations",
    "consumption.readings.queries",
    "recovery.collections",
    "recovery.government",
    "recovery.clearance.values",
    "recovery.clearance.rules",
    "recovery.clearance.operations",
    "recovery.clearance.projector",
    "channels.services",
    "channels.cockpit",
    "app.take_on",
)
# What may be a float there: waiting times of a network, never an amount. file name: reason
ALLOWED = {
    "src/tahseel/kernel/transport.py": "seconds to wait for another firm's machine",
    "src/tahseel/books/payments/gateways/knet.py": "seconds to wait for the payment gateway",
    "src/tahseel/kernel/outbox.py": "seconds to wait for a knock",
}
# Where `/` divides exactly, because an operand is a Fraction or a Decimal. file name: reason
DIVIDES_EXACTLY = {
    "src/tahseel/charging/tariffs/values.py": "prices are Fractions",
    "src/tahseel/charging/billing/writing.py": "a price becomes a Decimal for its column",
    "src/tahseel/consumption/readings/rules.py": "a share of time is a Decimal",
    "src/tahseel/consumption/readings/measuring.py": "shares of time are Decimals",
    "src/tahseel/consumption/readings/formats/joining.py": "scales are Fractions",
    "src/tahseel/consumption/readings/formats/nem12.py": "factors are Fractions",
    "src/tahseel/consumption/readings/formats/intervals.py": "factors are Fractions",
}
FLOAT_COLUMN = re.compile(r"\b(double precision|float[48]?|real|FloatField)\b")


def belongs(source: house.Source, name: str) -> bool:
    """True for the module, or a module of the package, that is named below `tahseel`."""
    return f"{source.module}.".startswith(f"tahseel.{name}.")


def exact_sources() -> list[house.Source]:
    return [
        source
        for source in house.sources()
        if any(belongs(source, name) for name in EXACT) and source.name not in ALLOWED
    ]


def floats(tree: ast.AST) -> Iterator[ast.AST]:
    """Float literals, the name `float`, true division of what is no path, the built-in round."""
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        named = isinstance(node, ast.Name) and node.id in ("float", "round")
        divided = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if literal or named or (divided and not joins_paths(node)):
            yield node


def joins_paths(node: ast.BinOp) -> bool:
    text = ast.unparse(node).lower()
    strings = any(isinstance(n, ast.JoinedStr) for n in ast.walk(node.right)) or any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node)
    )
    return strings or "path" in text or "folder" in text


def test_money_and_stored_quantities_are_whole_numbers() -> None:
    found = [
        f"{source.at(node)}: {ast.unparse(node)}"
        for source in exact_sources()
        for node in floats(source.tree)
        if not (isinstance(node, ast.BinOp) and source.name in DIVIDES_EXACTLY)
    ]

    assert not found, "\n".join(found)


def test_the_law_on_floats_sees_what_it_must_see() -> None:
    program = (
        "a = 1.5\nb: float\nc = x / y\nd = round(x)\ne = folder / name\nf = x // y\ng = p / 'a'"
    )

    assert [node.lineno for node in floats(ast.parse(program))] == [1, 2, 3, 4]
    assert len(exact_sources()) > 20


def test_every_exact_place_exists() -> None:
    gone = [name for name in EXACT if not any(belongs(s, name) for s in house.sources())]

    assert not gone, gone


def test_no_exception_outlives_its_file() -> None:
    gone = [name for name in (*ALLOWED, *DIVIDES_EXACTLY) if not (house.ROOT / name).exists()]

    assert not gone, gone


def test_no_column_is_a_float() -> None:
    found = [
        f"{source.name}:{number}: {line.strip()}"
        for source in house.sources()
        if "migrations" in source.path.parts or source.path.stem == "models"
        for number, line in enumerate(source.text.splitlines(), 1)
        if FLOAT_COLUMN.search(line.split("#")[0].split("--")[0]) and '"""' not in line
    ]

    assert not found, "\n".join(found)
