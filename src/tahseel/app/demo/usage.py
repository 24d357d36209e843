"""What their meters show: a register reading on the first of every month, with the seasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tahseel.app.demo.places import DIAL_MODULUS, Home, MeterPlan
from tahseel.app.demo.values import Chance
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import (
    LITRES_PER_GALLON_DENOMINATOR,
    LITRES_PER_GALLON_NUMERATOR,
    WH_PER_KWH,
    Service,
)

Ints = npt.NDArray[np.int64]
SPREAD_PER_MILLE = 450  # how far households differ from each other
WEATHER_PER_MILLE = 80  # how far a month differs from its season


@dataclass(frozen=True, slots=True)
class Usage:
    """Dial readings of every meter: row = meter in the order of `meters`, column = month start.

    `dials` are base units (Wh, litres) as the dial shows them, roll-over included; there is one
    column more than there are months.
    """

    meters: tuple[MeterPlan, ...]
    months: tuple[BillingMonth, ...]
    dials: Ints


def draw(
    *,
    homes: Sequence[Home],
    months: Sequence[BillingMonth],
    chance: Chance,
    data: Mapping[str, Any],
) -> Usage:
    """Monthly advances around the kind's yearly use, then running dials.

    Electricity dials show whole kilowatt-hours, water dials whole litres.
    """
    meters = tuple(meter for home in homes for meter in home.meters)
    generator = chance.arrays("usage")
    yearly = np.array([data[m.service.value][m.unit_kind.value] for m in meters], np.int64)
    household = _per_mille(generator.normal(0, SPREAD_PER_MILLE, len(meters)), 150, 3500)
    weather = _per_mille(
        generator.normal(0, WEATHER_PER_MILLE, (len(meters), len(months))), 700, 1300
    )
    season = np.array(
        [[data["season"][s.value][m.month - 1] for m in months] for s in Service], np.int64
    )
    row = np.array([list(Service).index(m.service) for m in meters], np.int64)
    monthly = (yearly * household // 12)[:, None] * season[row]
    units = monthly * weather // (100 * 1000 * 1000)
    electric = np.array([m.service == Service.ELECTRICITY for m in meters])[:, None]
    litres = units * LITRES_PER_GALLON_NUMERATOR // LITRES_PER_GALLON_DENOMINATOR
    advance = np.where(electric, units * WH_PER_KWH, litres)
    return Usage(meters=meters, months=tuple(months), dials=running(meters, advance))


def advances(usage: Usage) -> Ints:
    """What every meter moved in every month, roll-overs taken back."""
    modulus = np.array([DIAL_MODULUS[m.service] for m in usage.meters], np.int64)[:, None]
    moved: Ints = usage.dials[:, 1:] - usage.dials[:, :-1]
    moved %= modulus
    return moved


def running(meters: Sequence[MeterPlan], advance: Ints) -> Ints:
    """The dial at the start and after every month, with roll-over."""
    openings = np.array([m.opening for m in meters], np.int64)[:, None]
    total = np.concatenate([openings, openings + np.cumsum(advance, axis=1)], axis=1)
    modulus = np.array([DIAL_MODULUS[m.service] for m in meters], np.int64)[:, None]
    dials: Ints = total % modulus
    return dials


def _per_mille(noise: npt.NDArray[np.floating[Any]], least: int, most: int) -> Ints:
    """Thousandths around 1000, rounded once and bounded."""
    drawn: Ints = np.rint(noise).astype(np.int64) + 1000
    return np.clip(drawn, least, most)
