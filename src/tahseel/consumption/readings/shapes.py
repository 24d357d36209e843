"""What intervals tell beside their sum: the highest demand, and use by time-of-use band. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tahseel.consumption.readings.bands import HOUR_S, BandSet
from tahseel.consumption.readings.blocks import DAY_S, Ints
from tahseel.consumption.readings.profiles import Profile
from tahseel.consumption.readings.rules import spread
from tahseel.consumption.readings.vee.batch import BANDS_MAX, Int8
from tahseel.kernel.money import round_half_up


@dataclass(frozen=True, slots=True)
class Shape:
    """Intervals of one register over a span. demand: base units an hour in the interval of the
    highest use; bands: base units by number of band, None where they cannot be told apart.
    """

    demand: int
    bands: tuple[int, ...] | None

    @classmethod
    def of_peak(cls, peak: int, interval_s: int, bands: tuple[int, ...] | None) -> Shape:
        """From the highest use in one interval."""
        return cls(round_half_up(peak * HOUR_S, interval_s), bands)

    @classmethod
    def of_intervals(cls, since: Ints, durations: Ints, values: Ints, hours: Int8 | None) -> Shape:
        """From whole intervals of any lengths. since: seconds from a start of day to each; hours:
        the band of each hour, None where there are none.
        """
        rounded = (2 * values * HOUR_S + durations) // (2 * durations)
        most = int(np.max(rounded, initial=0))
        if hours is None or np.any(durations > DAY_S):
            return cls(most, None)
        first, last = since % DAY_S // HOUR_S, (since + durations - 1) % DAY_S // HOUR_S
        stretch = np.cumsum(np.diff(hours, prepend=hours[:1]) != 0)
        if np.any((stretch[first] != stretch[last]) | (last < first)):
            return cls(most, None)
        parts = np.zeros(BANDS_MAX, np.int64)
        np.add.at(parts, hours[first], values)
        return cls(most, tuple(parts.tolist()))


Made = tuple[int, int, int]


def profile(shape: Shape | None, quantity: int, told: BandSet | None, made: Made) -> Profile | None:
    """A shape as the profile of a quantity.

    made: the lake's version and how what had not come was estimated.
    """
    if shape is None:
        return None
    parts = shape.bands
    if told is None or parts is None or min(parts) < 0 or (quantity and not sum(parts)):
        return Profile(shape.demand, "", (), *made)
    shares = spread(quantity, parts[: len(told.bands)])
    named = zip((band.code for band in told.bands), shares, strict=True)
    return Profile(shape.demand, told.code, tuple(named), *made)


def of_quantity(one: Profile, quantity: int) -> Profile:
    """The same use of a quantity that a dial decided: its bands share what the dial says."""
    weights = [used for _, used in one.bands]
    if not sum(weights):
        return replace(one, band_set="", bands=()) if quantity else one
    shares = spread(quantity, weights)
    codes = (code for code, _ in one.bands)
    return replace(one, bands=tuple(zip(codes, shares, strict=True)))
