"""Result files of handhelds: CSV, one row a dial or a meter that could not be read.

First row: column names, in any order and case. `round`, `meter`, `at` must be there, and
`register` with `value`, or `no_access`; `note`, `latitude`, `longitude`, `confirmed`, `seal`
(intact, broken, missing) and `clock` (what the meter's own clock showed then) may follow. Times are
ISO 8601, of Kuwait where they carry no zone. A program wrote the file: one row that is not sound
says that the program is at fault, so the file is refused whole, and every fault in it is told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from tahseel.consumption.field.values import Fault, ResultRow, Spot
from tahseel.kernel.period import LOCAL_ZONE

FILE_BYTES_MAX = 2_000_000
ROWS_MAX = 5_000
CELL_MAX = 400
FAULTS_MAX = 200
NEEDED = ("round", "meter", "at")
COLUMNS = (
    *NEEDED, "register", "value", "no_access", "note", "latitude", "longitude", "confirmed",
    "seal", "clock",
)  # fmt: skip
SEALS = frozenset({"", "intact", "broken", "missing"})
YES_OR_NO = {"": False, "no": False, "yes": True}
WORDS = (("confirmed", YES_OR_NO, "not_yes_or_no"), ("seal", SEALS, "seal_unknown"))
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LIMITS = {"latitude": 90, "longitude": 180}
MICRO = 1_000_000


def parse(
    body: bytes, *, round_id: UUID, no_access: Mapping[str, object]
) -> tuple[list[ResultRow], list[Fault]]:
    """Sound rows and faults; where there is a fault no row counts. no_access: the known codes."""
    text = _text(body)
    if isinstance(text, Fault):
        return [], [text]
    try:
        return _read(csv.reader(io.StringIO(text, newline=""), strict=True), round_id, no_access)
    except csv.Error:
        return [], [Fault(_last_line(text), "", "not_csv")]


def _text(body: bytes) -> str | Fault:
    if not body.strip():
        return Fault(0, "", "file_empty")
    if len(body) > FILE_BYTES_MAX:
        return Fault(0, "", "file_too_large")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(body[: error.start].count(b"\n") + 1, "", "not_text")
    wrong = _CONTROL.search(text)
    return Fault(text[: wrong.start()].count("\n") + 1, "", "not_text") if wrong else text


def _last_line(text: str) -> int:
    return text.rstrip().count("\n") + 1


def _read(
    rows: Iterator[list[str]], round_id: UUID, no_access: Mapping[str, object]
) -> tuple[list[ResultRow], list[Fault]]:
    header = [name.strip().lower() for name in next(rows, [])]
    faults = _header(header)
    good: list[ResultRow] = []
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(rows, start=2):
        if faults and line == 2:
            return [], faults
        if not any(cell.strip() for cell in row):
            continue
        if line > ROWS_MAX + 1:
            return [], [*faults, Fault(line, "", "rows_too_many")]
        found = _row(row, header, line, round_id, no_access)
        if isinstance(found, ResultRow):
            found = _again(found, seen) or found
        if isinstance(found, Fault):
            faults.append(found)
        else:
            good.append(found)
        if len(faults) >= FAULTS_MAX:
            break
    if not good and not faults:
        faults = [Fault(0, "", "rows_none")]
    return ([], faults) if faults else (good, [])


def _header(header: list[str]) -> list[Fault]:
    absent = [Fault(1, name, "column_missing") for name in NEEDED if name not in header]
    if not ({"register", "value"} <= set(header) or "no_access" in header):
        absent.append(Fault(1, "value", "column_missing"))
    unknown = [Fault(1, name[:40], "column_unknown") for name in header if name not in COLUMNS]
    twice = {name for name in header if header.count(name) > 1 and name in COLUMNS}
    faults = [*absent, *unknown, *(Fault(1, name, "column_repeated") for name in sorted(twice))]
    return faults[:FAULTS_MAX]


def _row(
    row: list[str], header: list[str], line: int, round_id: UUID, no_access: Mapping[str, object]
) -> ResultRow | Fault:
    if len(row) != len(header):
        return Fault(line, "", "cell_count_wrong")
    cells = dict.fromkeys(COLUMNS, "") | {
        name: cell.strip() for name, cell in zip(header, row, strict=True)
    }
    wrong = next((name for name in COLUMNS if len(cells[name]) > CELL_MAX), None)
    if wrong is not None:
        return Fault(line, wrong, "cell_too_long")
    empty = next((name for name in NEEDED if not cells[name]), None)
    if empty is not None:
        return Fault(line, empty, "cell_empty")
    return _said(cells, line, round_id, no_access)


def _said(
    cells: Mapping[str, str], line: int, round_id: UUID, no_access: Mapping[str, object]
) -> ResultRow | Fault:
    if cells["round"].lower() != str(round_id):
        return Fault(line, "round", "other_round")
    at = _instant(cells["at"])
    if at is None:
        return Fault(line, "at", "time_not_valid")
    wrong = _said_wrong(cells, no_access)
    if wrong is not None:
        return Fault(line, *wrong)
    spot = _spot(cells)
    if isinstance(spot, str):
        return Fault(line, spot, "not_a_place")
    clock = _instant(cells["clock"]) if cells["clock"] else None
    if cells["clock"] and clock is None:
        return Fault(line, "clock", "time_not_valid")
    return ResultRow(
        line, cells["meter"], cells["register"], cells["value"], cells["no_access"], at,
        cells["note"], spot, YES_OR_NO[cells["confirmed"].lower()],
        cells["seal"].lower(), clock,
    )  # fmt: skip


def _said_wrong(
    cells: Mapping[str, str], no_access: Mapping[str, object]
) -> tuple[str, str] | None:
    """(column, code) of what a row says neither of a dial nor of why there is no read."""
    for name, known, code in WORDS:
        if cells[name].lower() not in known:
            return name, code
    if cells["no_access"]:
        if cells["value"] or cells["register"]:
            return "no_access", "read_and_no_access"
        return None if cells["no_access"] in no_access else ("no_access", "no_access_unknown")
    if not cells["value"]:
        return "value", "neither_read_nor_no_access"
    if not cells["register"]:
        return "register", "cell_empty"
    return None if _NUMBER.fullmatch(cells["value"]) else ("value", "value_not_numeric")


def _spot(cells: Mapping[str, str]) -> Spot | str | None:
    """Where the reader stood; the name of the column that is wrong; None where nothing is said."""
    if not cells["latitude"] and not cells["longitude"]:
        return None
    degrees = []
    for name, most in _LIMITS.items():
        text = cells[name]
        if not _DEGREES.fullmatch(text) or abs(Decimal(text)) > most:
            return name
        degrees.append(int((Decimal(text) * MICRO).to_integral_value()))
    return Spot(*degrees)


def _again(row: ResultRow, seen: set[tuple[str, str]]) -> Fault | None:
    """A dial is told once; a meter is read or it is not."""
    key = (row.meter, row.register)
    told = key in seen or (row.meter, "") in seen
    if told or (not row.register and any(meter == row.meter for meter, _ in seen)):
        return Fault(row.line, "meter", "row_repeated")
    seen.add(key)
    return None


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
        return at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
