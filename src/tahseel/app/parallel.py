"""A parallel run from an old system's file of bills: read by its mapping, compared with ours.

A line is one service of one account, or (`other`) what it was charged beside. A file with one wrong
line is refused whole, and every fault is told.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection

from tahseel.app.take_on import fields, mapping, reading
from tahseel.app.take_on.values import Entity, Fault, FileMap, Row
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing.values import Comparison, OldLine
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply

FAULTS_MAX = 1_000
LINES_MAX = 5_000_000
# Base units (Wh, litres) in one unit, times 100,000 so that all are whole.
SCALE = 100_000
IN_BASE = {
    "wh": SCALE, "kwh": 1_000 * SCALE, "mwh": 1_000_000 * SCALE,
    "litre": SCALE, "cubic_metre": 1_000 * SCALE, "imperial_gallon": 454_609,
}  # fmt: skip
Progress = Callable[[int, int], object]


@dataclass(slots=True)
class Outcome:
    """A comparison, or the faults that keep it from being made."""

    faults: list[Fault] = field(default_factory=list)
    comparison: Comparison | None = None


def compare(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    old: Path,
    mapping_path: Path,
    progress: Progress | None = None,
) -> Outcome:
    """Compare a month's bills of an old system with ours. Raises MappingWrong."""
    system, made = mapping.load_file(mapping_path, Entity.BILLS, old)
    rows, faults = _rows(made, month)
    if faults:
        return Outcome(faults=faults)
    found = billing.compare(
        actor=actor, at=at, month=month, system=system,
        old=_lines(system, made, rows), progress=progress,
    )  # fmt: skip
    return Outcome(comparison=found)


def _rows(made: FileMap, month: BillingMonth) -> tuple[list[tuple[int, Row]], list[Fault]]:
    found: list[tuple[int, Row]] = []
    faults: list[Fault] = []
    seen: dict[tuple[object, object], int] = {}
    with (
        made.path.open("rb") as file,
        closing(reading.rows(file, made, cutover=month.period.end)) as told_by_line,
    ):
        for line, row, told in islice(told_by_line, LINES_MAX + 1):
            faults.extend(told)
            if row is None or told:
                continue
            first = _first(seen, row, line)
            if first != line:
                faults.append(_twice(made, row, line, first))
            found.append((line, row))
            if len(faults) >= FAULTS_MAX:
                break
    if len(found) > LINES_MAX:
        name = made.path.name
        faults.append(Fault(str(made.entity), name, 0, "", "file_too_long", {"longest": LINES_MAX}))
    return found, faults


def _first(seen: dict[tuple[object, object], int], row: Row, line: int) -> int:
    """The line that a service of an account stands on first; of other charges there may be many."""
    if row["service"] == fields.OTHER:
        return line
    return seen.setdefault((row["account"], row["service"]), line)


def _twice(made: FileMap, row: Row, line: int, first: int) -> Fault:
    facts = {"account": row["account"], "other": first}
    return Fault(str(made.entity), made.path.name, line, "account", "bill_twice", facts)


def _lines(system: str, made: FileMap, rows: list[tuple[int, Row]]) -> list[OldLine]:
    ours = _accounts(system, sorted({str(row["account"]) for _, row in rows}))
    rounding = max(1, 10 ** (3 - made.decimals))
    found = []
    for line, row in rows:
        account = str(row["account"])
        amount = row["amount"]
        assert type(amount) is int
        plain = OldLine(line, account, ours.get(account), None, Money(amount))
        found.append(plain if row["service"] == fields.OTHER else _metered(plain, row, rounding))
    return found


def _metered(plain: OldLine, row: Row, rounding: int) -> OldLine:
    quantity, near = in_base(str(row["quantity"]), str(row["unit"]))
    return OldLine(
        line=plain.line,
        account=plain.account,
        account_id=plain.account_id,
        service=Service(str(row["service"])),
        amount=plain.amount,
        period=Period(
            date.fromisoformat(str(row["from_day"])), date.fromisoformat(str(row["until_day"]))
        ),
        quantity=quantity,
        near=near,
        reading=str(row.get("reading") or ""),
        rounding=rounding,
    )


def in_base(quantity: str, unit: str) -> tuple[int, int]:
    """A quantity in base units, and how far off one may be that was written with its decimals.

    What is told in whole kilowatt-hours says nothing of the half beyond; base units are exact.
    """
    number = Decimal(quantity)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    step = 10**-exponent
    value, rest = divmod(int(number * step) * IN_BASE[unit], step * SCALE)
    return value + (2 * rest >= step * SCALE), IN_BASE[unit] // (2 * step * SCALE)


def _accounts(system: str, keys: list[str]) -> dict[str, UUID]:
    """Our accounts by what the old system calls them: its key of a take-on, else our number."""
    found = {number: ref.id for number, ref in supply.accounts_by_number(numbers=keys).items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "select key, id from app_take_on_reference"
            " where system = %s and entity = 'accounts' and key = any(%s)",
            [system, keys],
        )
        return found | dict(cursor.fetchall())
