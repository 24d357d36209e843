"""What of a unit a price follows, when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

CERTIFY = "premises.certify_past"
REZONE = "premises.rezone_past"
WITHDRAW = "premises.withdraw_past"
RESHAPE = "premises.reshape_past"
RESHARE = "premises.reshare_past"
BACKDATED = frozenset({CERTIFY, REZONE, WITHDRAW, RESHAPE, RESHARE})
"""What a second person agrees to: changes of days that are determined or billed."""


class PriceCause(StrEnum):
    """What a price follows: the sector, a certificate's days, which units stand, who feeds whom."""

    SECTOR = "sector"
    CERTIFICATE = "certificate"
    SHAPE = "shape"
    SHARING = "sharing"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What a price follows, otherwise on the days up to `until_day` (None: open).

    beside: other units whose price changes by the same act.
    """

    cause: PriceCause
    unit_id: UUID
    from_day: date
    until_day: date | None
    beside: tuple[UUID, ...] = ()
