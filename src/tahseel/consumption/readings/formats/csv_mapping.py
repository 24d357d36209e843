"""What the columns of a CSV of intervals mean: our own names, or a mapping for somebody else's.

A mapping is a TOML file. It lies in the folder that `TAHSEEL_READING_MAPPINGS` names, and stays
there: a file that was kept is read again by it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tahseel.consumption.readings.values import Flag
from tahseel.kernel.errors import Broken
from tahseel.kernel.period import LOCAL_ZONE

NO_DELIMITER = '+-"\r\n\0'
CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
QUALITIES: Mapping[str, Flag] = {
    "": Flag.ACTUAL,
    "actual": Flag.ACTUAL,
    "estimated": Flag.ESTIMATED,
    "substituted": Flag.SUBSTITUTED,
    "missing": Flag.MISSING,
}


class Shape(StrEnum):
    """LONG: one line an interval. WIDE: one line a day of a meter, one column an interval."""

    LONG = "long"
    WIDE = "wide"


FIELDS: Mapping[Shape, frozenset[str]] = {
    Shape.LONG: frozenset({"meter", "register", "start", "minutes", "value", "unit", "quality"}),
    Shape.WIDE: frozenset({"meter", "register", "day", "unit", "quality"}),
}
REQUIRED: Mapping[Shape, frozenset[str]] = {
    Shape.LONG: frozenset({"meter", "start", "minutes", "value", "unit"}),
    Shape.WIDE: frozenset({"meter", "day", "unit"}),
}


@dataclass(frozen=True)
class CsvMapping:
    """columns: our field = their column, lower case; constants: our field = one text for all lines.

    times: the strptime form of `start` or `day`, ISO 8601 when empty; values: the first column of a
    wide file's values, which all columns to its right continue (by a time of day when empty).
    """

    code: str
    shape: Shape
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    qualities: Mapping[str, Flag] = field(default_factory=lambda: QUALITIES)
    delimiter: str = ","
    point: str = "."
    times: str = ""
    values: str = ""
    zone: ZoneInfo = LOCAL_ZONE

    @property
    def named(self) -> frozenset[str]:
        """The columns by which a file is known."""
        names = {name for f, name in self.columns.items() if f in REQUIRED[self.shape]}
        return frozenset(names | ({self.values} if self.values else set()))


def _own(shape: Shape, code: str) -> CsvMapping:
    return CsvMapping(code, shape, {name: name for name in FIELDS[shape]})


OWN_LONG, OWN_WIDE = _own(Shape.LONG, "interval_csv"), _own(Shape.WIDE, "interval_csv_wide")


def load_folder(folder: Path) -> list[CsvMapping]:
    """Every mapping of a folder, by file name. Broken: one that is none, or no folder."""
    if not folder.is_dir():
        raise Broken(f"{folder} is no folder of mappings")
    return [load(path) for path in sorted(folder.glob("*.toml"))]


def load(path: Path) -> CsvMapping:
    """One mapping from its file. Broken: what is wrong with it."""
    try:
        return read(tomllib.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, ZoneInfoNotFoundError) as error:
        raise Broken(f"{path.name} is no mapping of a CSV of intervals: {error}") from error


def read(data: Mapping[str, Any]) -> CsvMapping:
    """A mapping from its parsed TOML. Raises ValueError, KeyError, TypeError."""
    shape = Shape(data["shape"])
    columns = {name: str(theirs).strip().lower() for name, theirs in data["columns"].items()}
    constants = {name: str(text) for name, text in data.get("constants", {}).items()}
    given = columns.keys() | constants.keys()
    if strange := sorted(given - FIELDS[shape]):
        raise ValueError(f"unknown fields: {', '.join(strange)}")
    if absent := sorted(REQUIRED[shape] - given):
        raise ValueError(f"without a column or a constant: {', '.join(absent)}")
    if not CODE.fullmatch(str(data["code"])):
        raise ValueError("the code is two to forty small letters, digits and underscores")
    delimiter, point = str(data.get("delimiter", ",")), str(data.get("point", "."))
    if len(delimiter) != 1 or point not in (".", ",") or delimiter == point:
        raise ValueError("the delimiter is one character, the point '.' or ',', and they differ")
    if delimiter.isalnum() or delimiter in NO_DELIMITER:
        raise ValueError("the delimiter is no letter, digit, sign, quote or end of a line")
    translated = {k: _flag(v) for k, v in data.get("qualities", {}).items()}
    return CsvMapping(
        code=str(data["code"]),
        shape=shape,
        columns=columns,
        constants=constants,
        qualities=translated or QUALITIES,
        delimiter=delimiter,
        point=point,
        times=str(data.get("times", "")),
        values=str(data.get("values", "")).strip().lower(),
        zone=ZoneInfo(data["zone"]) if "zone" in data else LOCAL_ZONE,
    )


def _flag(name: str) -> Flag:
    if name not in QUALITIES:
        raise ValueError(f"no such quality: {name}")
    return QUALITIES[name]
