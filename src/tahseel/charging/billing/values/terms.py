"""What a price book may ask of one meter of an account, beside its sector and its quantity."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Terms:
    """exported: base units over the meter's days; last_year: the use of the same days then."""

    zone: str = ""
    meter_size: str = ""
    exported: int = 0
    last_year: Fraction | None = None


NO_TERMS = Terms()
