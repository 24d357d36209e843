"""How a month's quantity was used: the highest demand, and use by time-of-use band. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Profile:
    """How a month's quantity was used. It knows the intervals it came from.

    demand: W, or litres an hour; band_set and bands: by the country's codes, adding up to the
    quantity exactly; both empty where there are none. lake_version, linear_s, share_max_percent: as
    in `basis.ByIntervals`.
    """

    demand: int
    band_set: str
    bands: tuple[tuple[str, int], ...]
    lake_version: int = field(compare=False)
    linear_s: int = field(compare=False)
    share_max_percent: int = field(compare=False)


def joined(parts: Sequence[Profile | None]) -> Profile | None:
    """The profiles of a month's parts as one; None where one of them has none."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    first, codes = known[0], [code for code, _ in known[0].bands]
    whole = all(part.band_set == first.band_set and part.bands for part in known)
    bands = tuple((code, sum(dict(part.bands)[code] for part in known)) for code in codes)
    return Profile(
        max(part.demand for part in known),
        first.band_set if whole else "",
        bands if whole else (),
        first.lake_version,
        first.linear_s,
        first.share_max_percent,
    )


def as_list(one: Profile) -> list[Any]:
    """For a JSON column."""
    bands = [list(band) for band in one.bands]
    made = [one.lake_version, one.linear_s, one.share_max_percent]
    return [one.demand, one.band_set, bands, *made]


def from_list(told: Sequence[Any]) -> Profile:
    """What `as_list` gave."""
    demand, band_set, bands, version, linear_s, share = told
    named = tuple((code, quantity) for code, quantity in bands)
    return Profile(demand, band_set, named, version, linear_s, share)
