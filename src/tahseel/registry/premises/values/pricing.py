"""What of a unit a price follows, when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

CERTIFY = "premises.certify_past"
REZONE = "premises.rezone_past"
WITHDRAW = "premises.withdraw_past"
BACKDATED = frozenset({CERTIFY, REZONE, WITHDRAW})
"""What a second person agrees to: changes of days that are determined or billed."""


class PriceCause(StrEnum):
    """What a price follows: the sector, and a certificate's days."""

    SECTOR = "sector"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Another sector, or a certificate more or less, on the days up to `until_day` (None: open)."""

    cause: PriceCause
    unit_id: UUID
    from_day: date
    until_day: date | None
