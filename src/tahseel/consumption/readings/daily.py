"""Intervals added up by day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.values import Flag, Kind
from tahseel.kernel.period import Period, start_of


@dataclass(frozen=True, slots=True)
class DailyConsumption:
    """One day's intervals of a meter. quantity: Wh or litres; complete: nothing is missing."""

    day: date
    quantity: int
    complete: bool


def of(found: Iterable[Series], period: Period) -> list[DailyConsumption]:
    """What a meter's import registers come to; see `queries.daily_consumption`."""
    first, day_s = int(start_of(period.start).timestamp()), 86_400
    quantities, covered = np.zeros(period.days, np.int64), np.zeros(period.days, np.int64)
    registers = 0
    for series in found:
        if series.kind != Kind.IMPORT:
            continue
        registers += 1
        day = (series.starts - first) // day_s
        within = (day >= 0) & (day < period.days) & (series.durations <= day_s)
        within &= series.flags != Flag.MISSING
        np.add.at(quantities, day[within], series.values[within])
        np.add.at(covered, day[within], series.durations[within])
    return [
        DailyConsumption(
            period.start + timedelta(days=n),
            int(quantities[n]),
            int(covered[n]) == day_s * registers,
        )
        for n in range(period.days)
        if covered[n]
    ]
