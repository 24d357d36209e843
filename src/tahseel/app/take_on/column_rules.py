"""What must hold within a line, asked of many lines at once; `line_rules` says it line by line.

True when every line is surely right, in the form in which it is kept; False says nothing yet. Days
are ISO text, so they compare as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any

from tahseel.app.take_on import line_rules
from tahseel.app.take_on.values import Entity, Row, Value
from tahseel.registry.premises import rules as premises
from tahseel.registry.supply import rules as supply
from tahseel.registry.supply.values import Capacity

Columns = dict[str, Sequence[Value]]
Rule = Callable[[Columns, str], bool]
PARTS = ("block", "street", "parcel", "building", "floor", "number")
DIALS = ("service", "digits", "decimals", "multiplier", "dial_unit")


def _holds(compare: Callable[[Any, Any], bool], left: Sequence[Any], right: Sequence[Any]) -> bool:
    """True when it holds wherever both are told."""
    if None in left or None in right:
        pairs = zip(left, right, strict=True)
        return all(compare(*pair) for pair in pairs if None not in pair)
    return all(map(compare, left, right))


def _past(columns: Columns, cutover: str, *names: str) -> bool:
    return all(_holds(le, columns[name], [cutover] * len(columns[name])) for name in names)


def _positive(columns: Columns, *names: str) -> bool:
    return all(_holds(gt, columns[name], [0] * len(columns[name])) for name in names)


def _never(*columns: Sequence[Value]) -> bool:
    """True when nothing at all is told in them."""
    return not any(map(any, columns))


def unit(columns: Columns, cutover: str) -> bool:
    if not _never(columns["certificate"], columns["certificate_until"]):
        return False
    for part in PARTS:
        columns[part] = [premises.plain_part(str(text or "")) for text in columns[part]]
    try:
        columns["paci_number"] = [
            premises.address_number(str(text)) if text else text for text in columns["paci_number"]
        ]
    except ValueError:
        return False
    return _past(columns, cutover, "from_day")


def meter(columns: Columns, cutover: str) -> bool:
    """Whole dial reads are looked at here; a point in one of them leaves them to `line_rules`."""
    units, hung = columns["unit"], columns["installed_on"]
    if any(unit and not day for unit, day in zip(units, hung, strict=True)):
        return False
    if not all(_fits(values) for values in set(zip(*(columns[n] for n in DIALS), strict=True))):
        return False
    for name in ("opening", "last_read"):
        if not _shown(columns[name], columns["digits"]):
            return False
    told = zip(columns["last_read"], columns["last_read_on"], strict=True)
    return all(bool(read) == bool(day) for read, day in told) and _past(
        columns, cutover, "installed_on", "last_read_on"
    )


def _fits(values: Sequence[Value]) -> bool:
    row: Row = dict(zip(DIALS, values, strict=True))
    return not list(line_rules.meter(row, ""))


def _shown(reads: Sequence[Value], digits: Sequence[Value]) -> bool:
    texts = [(str(read), int(places or 0)) for read, places in zip(reads, digits, strict=True)
             if read]  # fmt: skip
    said = "".join(text for text, _ in texts)
    return (not said or (said.isascii() and said.isdigit())) and all(
        len(text) <= places for text, places in texts
    )


def account(columns: Columns, cutover: str) -> bool:
    try:
        columns["number"] = [
            supply.check_account_number(str(text)) if text else text for text in columns["number"]
        ]
    except ValueError:
        return False
    return _past(columns, cutover, "opened_on") and _holds(
        lt, columns["opened_on"], columns["closed_on"]
    )


def occupancy(columns: Columns, cutover: str) -> bool:
    vacant = [capacity == Capacity.VACANT for capacity in columns["capacity"]]
    nobody = [not person for person in columns["person"]]
    explained = list(map(bool, columns["vacancy"]))
    return (
        vacant == nobody
        and vacant == explained
        and _past(columns, cutover, "from_day")
        and _holds(lt, columns["from_day"], columns["until_day"])
    )


def deposit(columns: Columns, cutover: str) -> bool:
    return _positive(columns, "amount") and _past(columns, cutover, "paid_on")


def open_item(columns: Columns, cutover: str) -> bool:
    return (
        _positive(columns, "open", "amount")
        and _past(columns, cutover, "opened_on")
        and _holds(le, columns["opened_on"], columns["due_date"])
        and _holds(ge, columns["amount"], columns["open"])
    )


RULES: Mapping[Entity, Rule] = {
    Entity.UNITS: unit,
    Entity.METERS: meter,
    Entity.ACCOUNTS: account,
    Entity.OCCUPANCIES: occupancy,
    Entity.DEPOSITS: deposit,
    Entity.OPEN_ITEMS: open_item,
}
