"""Reading types of IEC 61968-9: eighteen numbers that say what a value is.

Of them are read: the measuring period (3rd, or a day in the 1st), accumulation (4th), direction of
flow (5th), commodity (6th), tier (11th), power of ten (16th) and unit (17th). Source: IEC 61968-9,
annex C; the numbers of periods and units are those of NAESB ESPI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tahseel.consumption.readings.formats import units
from tahseel.consumption.readings.values import Kind

FIELDS = 18
POWER_MAX = 12
DAY_S = 86_400
_CODE = re.compile(rf"\d{{1,5}}(?:\.-?\d{{1,5}}){{{FIELDS - 1}}}", re.ASCII)
_PERIODS_S = {
    1: 600, 2: 900, 3: 60, 4: DAY_S, 5: 1800, 6: 300, 7: 3600, 10: 120, 14: 180, 31: 1200,
    50: 3600, 51: 1800, 52: 1200, 53: 900, 54: 600, 55: 300, 56: 60,
}  # fmt: skip
_DAILY = 11
_DIALS = {1, 2, 3, 9}
"""Accumulations that go on from period to period: bulk, continuous cumulative, cumulative, sum."""
_SERVICES = {1: "electricity", 2: "electricity", 7: "gas", 9: "water"}
_REVERSE = 19


@dataclass(frozen=True, slots=True)
class ReadingType:
    """What a value is. period_s: 0 where it says none; dial: what a register shows."""

    code: str
    period_s: int
    dial: bool
    kind: Kind
    service: str | None
    unit: units.Unit
    register: str


@lru_cache(maxsize=4_096)
def parse(code: str) -> ReadingType | None:
    """The reading type of a code; None for what is none, or of a unit beyond all measure."""
    if not _CODE.fullmatch(code):
        return None
    part = [int(text) for text in code.split(".")]
    if abs(part[15]) > POWER_MAX:
        return None
    unit = units.of_espi(part[16], part[15])
    period = _PERIODS_S.get(part[2], DAY_S if part[0] == _DAILY else 0)
    kind = _kind(unit.base, part[4])
    return ReadingType(
        code=code,
        period_s=period,
        dial=part[3] in _DIALS,
        kind=kind,
        service=_SERVICES.get(part[5]),
        unit=unit,
        register=_register(unit.base, part[4], part[10]),
    )


def _kind(base: str, direction: int) -> Kind:
    if base == "VArh":
        return Kind.REACTIVE
    if base not in ("Wh", "L"):
        return Kind.OTHER
    return Kind.EXPORT if direction == _REVERSE else Kind.IMPORT


def _register(base: str, direction: int, tier: int) -> str:
    """The OBIS code (IEC 62056-61) of the register that counts this; the base unit where none."""
    reverse = direction == _REVERSE
    quantity = {"Wh": "2.8" if reverse else "1.8", "VArh": "4.8" if reverse else "3.8"}.get(base)
    if base == "L":
        return "8.0.1"
    return f"{quantity}.{tier}" if quantity else base
