"""`./tahseel tariffs rate`: prices a file of usage by a book, without a database.

The usage is CSV with a header: `account, from, to, quantity, attributes`. Days are half-open
(`to` is the first day that is not included). `quantity` is in kilowatt-hours for electricity and in
imperial gallons for water, unless `unit` names another unit of the service. `attributes` is a list
such as `sector=investment;service=water;units=12;certificate=productive;unit=m3`; `sector` is
required, `service` is electricity and `units` is 1 by default. Rows of one account make one bill.

What other rates ask for: `zone`, `meter_size`, `demand` in kW (litres an hour for water), and in
the row's unit `allotment` for a month, `exported`, `last_year`, and `band.<code>` for each band of
time, which add up to the quantity.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tahseel.charging.tariffs import rules
from tahseel.charging.tariffs.values import (
    DEMAND_UNITS,
    PERCENT,
    SALE_UNITS,
    TIME_UNITS,
    Kind,
    Line,
    PriceBook,
    RatedBill,
    Usage,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service

COLUMNS = ("account", "from", "to", "quantity", "attributes")
ROWS_MAX = 5_000_000
PLACES = 9
_WORDS = ("sector", "service", "units", "certificate", "unit", "zone", "meter_size", "demand")
_QUANTITIES = ("allotment", "exported", "last_year")
_ATTRIBUTES = frozenset((*_WORDS, *_QUANTITIES))
_BAND = "band."
_QUANTITY = re.compile(r"\d{1,15}(\.\d{1,9})?")
_DEFAULT_UNIT = {Service.ELECTRICITY: "kWh", Service.WATER: "IG"}


class UsageFileRefused(Refusal):
    """The usage file is not a CSV with the columns account, from, to, quantity, attributes."""

    code = "usage_file_refused"
    text_ar = "ملف الاستهلاك {file} مرفوض: {reason}"
    text_en = "Usage file {file} is refused: {reason}"


class UsageRowWrong(Refusal):
    """A row of the usage file cannot be read; the others still are."""

    code = "usage_row_wrong"
    text_ar = "السطر {line}: الحقل {field} غير صالح ({value})"
    text_en = "Line {line}: {field} is wrong ({value})"


def rate_files(*, book: Path, usage: Path) -> dict[str, Any]:
    """Price a usage file; the JSON that the command prints.

    `bills`: one an account in the order of appearance, with `lines` and `total_fils`; `refused`:
    rows left out, each with `line`, `account` and the refusal; `total_fils`: of all bills. Raises
    the refusals of `rules.load_book` and UsageFileRefused.
    """
    price_book = rules.load_book(book.read_bytes())
    bills: dict[str, list[dict[str, Any]]] = {}
    refused: list[dict[str, Any]] = []
    for number, row in _rows(usage):
        try:
            rated = rules.rate(book=price_book, usage=read_usage(number, row))
        except Refusal as refusal:
            refused.append({"line": number, "account": row["account"], **refusal.as_dict()})
            continue
        bills.setdefault(row["account"], []).extend(_shown(rated))
    return _report(price_book, bills, refused)


def _report(
    book: PriceBook, bills: dict[str, list[dict[str, Any]]], refused: list[dict[str, Any]]
) -> dict[str, Any]:
    shown = [
        {
            "account": account,
            "lines": lines,
            "total_fils": sum(line["amount_fils"] for line in lines),
        }
        for account, lines in bills.items()
    ]
    return {
        "book": book.code,
        "version": book.version,
        "bills": shown,
        "refused": refused,
        "total_fils": sum(bill["total_fils"] for bill in shown),
    }


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        yield from _read(path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageFileRefused(file=path.name, reason=str(error)) from error


def _read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [name.strip() for name in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            reason = "columns must be " + ", ".join(COLUMNS)
            raise UsageFileRefused(file=path.name, reason=reason)
        for count, cells in enumerate(reader):
            if count >= ROWS_MAX:
                raise UsageFileRefused(file=path.name, reason=f"more than {ROWS_MAX} rows")
            if cells:
                padded = [*cells, *[""] * (len(header) - len(cells))]
                named = zip(header, padded, strict=False)
                yield reader.line_num, {name: cell.strip() for name, cell in named}


def read_usage(line: int, row: dict[str, str]) -> Usage:
    """One row as a usage. Raises UsageRowWrong."""
    given = _attributes(line, row["attributes"])
    service = given.get("service", Service.ELECTRICITY)
    if service not in tuple(Service):
        raise UsageRowWrong(line=line, field="service", value=service)
    unit = SALE_UNITS.get(given.get("unit", _DEFAULT_UNIT[Service(service)]))
    if unit is None or unit.service != service:
        raise UsageRowWrong(line=line, field="unit", value=given.get("unit"))
    if not given.get("sector"):
        raise UsageRowWrong(line=line, field="sector", value=row["attributes"])
    units = given.get("units", "1")
    if not (units.isascii() and units.isdigit() and len(units) < 9):
        raise UsageRowWrong(line=line, field="units", value=units)
    measured = [name for name in given if name in _QUANTITIES or name.startswith(_BAND)]
    told = {name: _quantity(line, name, given[name], unit.base) for name in measured}
    return Usage(
        service=Service(service),
        sector=given["sector"],
        certificate=given.get("certificate", ""),
        period=_period(line, row),
        quantity=_quantity(line, "quantity", row["quantity"], unit.base),
        units=int(units),
        zone=given.get("zone", ""),
        meter_size=given.get("meter_size", ""),
        bands=tuple((k.removeprefix(_BAND), v) for k, v in told.items() if k.startswith(_BAND)),
        demand=_demand(line, given, Service(service)),
        exported=told.get("exported", 0),
        allotment=told.get("allotment"),
        last_year=told.get("last_year"),
    )


def _quantity(line: int, field: str, value: str, base: Fraction) -> Fraction:
    if not _QUANTITY.fullmatch(value):
        raise UsageRowWrong(line=line, field=field, value=value)
    return Fraction(value) * base


def _demand(line: int, given: dict[str, str], service: Service) -> int | None:
    """W or litres an hour, to the next whole one."""
    if "demand" not in given:
        return None
    base = DEMAND_UNITS["kW" if service == Service.ELECTRICITY else "L/h"].base
    return math.ceil(_quantity(line, "demand", given["demand"], base))


def _attributes(line: int, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        name, equals, value = part.partition("=")
        name = name.strip()
        known = name in _ATTRIBUTES or (name.startswith(_BAND) and name != _BAND)
        if not equals or not known or name in found:
            raise UsageRowWrong(line=line, field="attributes", value=part)
        found[name] = value.strip()
    return found


def _period(line: int, row: dict[str, str]) -> Period:
    try:
        start, end = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
        return Period(start, end)
    except ValueError:
        days = f"{row['from']} to {row['to']}"
        raise UsageRowWrong(line=line, field="from, to", value=days) from None


def _shown(rated: RatedBill) -> list[dict[str, Any]]:
    return [_line(line) for line in rated.lines]


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "service": str(line.service),
        "rate": line.rate_id,
        "from": line.period.start.isoformat(),
        "to": line.period.end.isoformat(),
        "days": line.period.days,
        "tier": line.tier,
        "tier_from": line.tier_from,
        "tier_to": line.tier_to,
        "quantity": line.quantity,
        "quantity_unit": _quantity_unit(line),
        "band": line.band,
        "price_fils": _decimal(line.price),
        "price_unit": line.unit,
        "amount_fils": line.amount.fils,
    }


def _decimal(price: Fraction) -> str:
    """A book's prices are decimals of at most nine places, so they are shown as such."""
    return f"{Decimal(int(price * 10**PLACES)).scaleb(-PLACES).normalize():f}"


def _quantity_unit(line: Line) -> str:
    electric = line.service == Service.ELECTRICITY
    if line.unit in TIME_UNITS or line.unit == PERCENT.code:
        return "days" if line.unit in TIME_UNITS else "fils"
    if line.kind is Kind.DEMAND:
        return "W" if electric else "L/h"
    return "Wh" if electric else "L"
