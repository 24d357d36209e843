"""Time-of-use bands as a country has them: hours of the day, by service, in force from a month on.

Pure. A meter-day is a day in Kuwait and an hour there has no exceptions, so a band is a fixed part
of every day of a month.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tahseel.consumption.readings.vee.batch import BANDS_MAX, Int8
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service

HOUR_S, HOURS = 3_600, 24
CONFIDENCES = frozenset({"H", "M", "L", "GK"})


@dataclass(frozen=True, slots=True)
class Band:
    """hours: half-open stretches of whole hours; months: in which it is told apart, 1 to 12."""

    code: str
    name_ar: str
    name_en: str
    hours: tuple[tuple[int, int], ...]
    months: frozenset[int]


@dataclass(frozen=True, slots=True)
class BandSet:
    """The bands of a service from a month on; the first has what the others leave."""

    code: str
    service: Service
    first: BillingMonth
    bands: tuple[Band, ...]
    source: str

    def of_hours(self, month: BillingMonth) -> Int8:
        """int8 [24], the number of each hour's band in a month."""
        found = np.zeros(HOURS, np.int8)
        for number, band in enumerate(self.bands):
            for start, end in band.hours if month.month in band.months else ():
                found[start:end] = number
        return found


def of_slots(hours: Int8, interval_s: int) -> Int8 | None:
    """int8 [S], the band of each interval of a day; None where one reaches over two bands."""
    if HOUR_S % interval_s == 0:
        return np.repeat(hours, HOUR_S // interval_s)
    if interval_s % HOUR_S or HOURS % (interval_s // HOUR_S):
        return None
    by_slot = hours.reshape(-1, interval_s // HOUR_S)
    return by_slot[:, 0].copy() if np.all(by_slot == by_slot[:, :1]) else None


_installed: dict[str, BandSet] = {}


def load_bands(toml: bytes) -> list[BandSet]:
    """Read the sets. Raises KeyError and ValueError where one is not sound."""
    found = [_set(entry) for entry in tomllib.loads(toml.decode())["set"]]
    if len({one.code for one in found}) != len(found):
        raise ValueError("every set of bands has a code of its own")
    if len({(one.service, one.first) for one in found}) != len(found):
        raise ValueError("two sets of bands of a service begin with the same month")
    return found


def _set(entry: Mapping[str, Any]) -> BandSet:
    begins = entry["from"]
    if begins.day != 1 or entry["confidence"] not in CONFIDENCES or not entry["source"]:
        raise ValueError("a set begins with a month and says where it comes from")
    bands = tuple(_band(band) for band in entry["band"])
    codes = {band.code for band in bands}
    if not 0 < len(bands) <= BANDS_MAX or len(codes) < len(bands) or bands[0].hours:
        raise ValueError("a set has some bands, the first of them without hours of its own")
    for number, band in enumerate(bands):
        for other in bands[number + 1 :]:
            if band.months & other.months and _hours(band) & _hours(other):
                raise ValueError("no hour lies in two bands")
    first = BillingMonth.of(begins)
    return BandSet(entry["code"], Service(entry["service"]), first, bands, entry["source"])


def _hours(band: Band) -> set[int]:
    return {hour for start, end in band.hours for hour in range(start, end)}


def _band(entry: Mapping[str, Any]) -> Band:
    hours = tuple((int(start), int(end)) for start, end in entry.get("hours", ()))
    months = frozenset(int(month) for month in entry.get("months", range(1, 13)))
    if not all(0 <= start < end <= HOURS for start, end in hours):
        raise ValueError("hours of a band lie within a day")
    if not months or not months <= set(range(1, 13)):
        raise ValueError("months of a band are those of a year")
    return Band(entry["code"], entry["name_ar"], entry["name_en"], hours, months)


def install_bands(sets: list[BandSet]) -> None:
    """Called once by `app` with the country's bands."""
    _installed.clear()
    _installed.update((one.code, one) for one in sets)


def in_force(month: BillingMonth) -> dict[Service, BandSet]:
    """The set of each service that has one in a month. Raises LookupError before
    `install_bands`."""
    if not _installed:
        raise LookupError("no time-of-use bands are installed")
    begun = [one for one in _installed.values() if one.first.ordinal <= month.ordinal]
    return {one.service: one for one in sorted(begun, key=lambda one: one.first.ordinal)}


def by_code(code: str) -> BandSet | None:
    """One set, or None: bands that a country has given up keep their code only."""
    return _installed.get(code)
