"""What NEM12 and NEM13 share: records of CSV, quality methods, market time, meter point names.

Source: AEMO Meter Data File Format Specification NEM12 & NEM13. Days and times are Australian
Eastern Standard Time, UTC+10 all year. Suffixes look at the grid: E is energy the customer draws
(import here), B is energy sent out (export here), Q and K are reactive.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from tahseel.consumption.readings.formats import refusals
from tahseel.consumption.readings.values import Flag, Kind

MARKET_ZONE = timezone(timedelta(hours=10))
QUALITY = re.compile(r"([AEFNSV])(\d{2})?")
FLAGS = {
    "A": Flag.ACTUAL,
    "E": Flag.ESTIMATED,
    "F": Flag.SUBSTITUTED,
    "S": Flag.SUBSTITUTED,
    "N": Flag.MISSING,
    "V": Flag.ACTUAL,
}
END_OF_TAPE = "\x1a"
"""How files of old systems end."""
RECORD = re.compile(r'"?\d{3}"?\s*(,|$)')
_KINDS = {"E": Kind.IMPORT, "B": Kind.EXPORT, "Q": Kind.REACTIVE, "K": Kind.REACTIVE}
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_INSTANT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?", re.ASCII)
_POINT = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]?")


def rows(lines: Iterable[str], file: str) -> Iterator[tuple[int, list[str]]]:
    """Non-empty rows with their line numbers; fields without the spaces around them."""
    reader = csv.reader(lines)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise refusals.NotText(file=file, line=reader.line_num) from None
        if row is None:
            return
        row = [cell.strip() for cell in row]
        if any(row) and row != [END_OF_TAPE]:
            yield reader.line_num, row


@lru_cache(maxsize=4_096)
def midnight(text: str) -> int | None:
    """The start of a market day (YYYYMMDD) in epoch seconds."""
    return _epoch(_DATE.fullmatch(text))


@lru_cache(maxsize=4_096)
def instant(text: str) -> int | None:
    """A market instant (YYYYMMDDhhmmss, seconds may lack) in epoch seconds."""
    return _epoch(_INSTANT.fullmatch(text))


def _epoch(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    try:
        at = datetime(*(int(part or 0) for part in match.groups()), tzinfo=MARKET_ZONE)  # type: ignore[misc,arg-type]
        return int(at.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def kind(suffix: str, base: str) -> Kind:
    """What a data stream counts, by its suffix and its unit."""
    if base == "VArh":
        return Kind.REACTIVE
    if base != "Wh":
        return Kind.OTHER
    return _KINDS.get(suffix[:1].upper(), Kind.OTHER)


@lru_cache(maxsize=4_096)
def odd_point(name: str) -> str | None:
    """The code of a warning about a national meter identifier, or None.

    Ten letters (no I, O) and digits; an eleventh character is the check digit of the other ten.
    """
    if not _POINT.fullmatch(name.upper()):
        return "nmi_form"
    return "nmi_check_digit" if len(name) == 11 and name[10] != check_digit(name[:10]) else None


def check_digit(point: str) -> str:
    """Of ten characters: from the right every other code doubled, all decimal digits added up.

    Source: AEMO National Metering Identifier Procedure, appendix on the checksum.
    """
    codes = [ord(c) * (2 if n % 2 == 0 else 1) for n, c in enumerate(reversed(point.upper()))]
    return str(-sum(int(digit) for code in codes for digit in str(code)) % 10)
