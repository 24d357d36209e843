"""Register reads as CSV: what each meter showed at an instant, one row a read.

First row: column names, in any order and case: `meter` (serial), `register` (code such as 1.8.0),
`at`, `value`, `unit`; `quality` may follow (actual, estimated, self_read; actual when absent). `at`
is ISO 8601; without a zone it is Kuwait time, without a time the start of that day there.

A bad row is parked with its reason; a file without one good row is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction

from tahseel.consumption.readings.formats import refusals, units
from tahseel.consumption.readings.formats.plugin import Content, Head, Source
from tahseel.consumption.readings.values import ParkedRecord, RegisterRead
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import LOCAL_ZONE

COLUMNS = ("meter", "register", "at", "value", "unit")
QUALITIES = ("actual", "estimated", "self_read")
ROWS_MAX = 5_000_000
TEXT_MAX = 80
_NUMBER = re.compile(r"\d{1,15}(\.\d{0,9})?")
_UNITS = {"Wh", "L"}


class _RegisterCsv:
    """The format, for the registry."""

    code = "register_csv"

    def detect(self, head: Head) -> bool:
        return {"meter", "register"} <= head.columns

    def parse(self, source: Source) -> Content:
        with source.lines() as lines:
            reads, parked = parse(lines, source.name)
        return Content(self.code, register_reads=reads, parked=parked)


FORMAT = _RegisterCsv()


def parse(lines: Iterable[str], file: str) -> tuple[list[RegisterRead], list[ParkedRecord]]:
    """Good rows and parked ones. Raises FileRefused for missing columns or when no row is good."""
    rows = csv.reader(lines)
    try:
        header = [c.strip().lower() for c in next(rows, [])]
        absent = [c for c in COLUMNS if c not in header]
        if absent:
            raise refusals.ColumnsMissing(file=file, line=1, columns=", ".join(absent))
        return _rows(rows, header, file)
    except csv.Error:
        raise refusals.NotText(file=file, line=rows.line_num) from None


def _rows(
    rows: Iterable[list[str]], header: list[str], file: str
) -> tuple[list[RegisterRead], list[ParkedRecord]]:
    good: list[RegisterRead] = []
    parked: list[ParkedRecord] = []
    for line, row in enumerate(rows, start=2):
        if not any(c.strip() for c in row):
            continue
        if line > ROWS_MAX:
            raise refusals.TooManyReads(file=file, line=line, reads_max=ROWS_MAX)
        cells = dict(zip(header, (c.strip() for c in row), strict=False))
        read = _read(cells, line)
        if isinstance(read, RegisterRead):
            good.append(read)
        else:
            channel = f"{cells.get('meter', '')}/{cells.get('register', '')}"
            facts: dict[str, str | int | None] = {k: v[:TEXT_MAX] for k, v in cells.items()}
            parked.append(ParkedRecord(line, channel[:TEXT_MAX], read, facts))
    if not good:
        raise refusals.NoInterval(file=file)
    return good, parked


def _read(cells: dict[str, str], line: int) -> RegisterRead | str:
    """The read, or the code of the reason for which it is none."""
    if not all(cells.get(c) for c in COLUMNS):
        return "column_empty"
    at = _instant(cells["at"])
    if at is None:
        return "time_not_valid"
    if not _NUMBER.fullmatch(cells["value"]):
        return "value_not_numeric"
    unit = units.named(cells["unit"])
    if unit.base not in _UNITS:
        return "unit_unknown"
    quality = cells.get("quality", "").lower() or "actual"
    if quality not in QUALITIES:
        return "quality_unknown"
    exact = Fraction(cells["value"]) * unit.factor
    value = round_half_up(exact.numerator, exact.denominator)
    return RegisterRead(cells["meter"], cells["register"], at, value, unit.base, quality, line)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
