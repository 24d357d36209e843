"""What a bill run must know of an account: its days, payers, sectors and meters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import Sector, SectorSpan
from tahseel.registry.supply.values.liability import LiabilitySpan


@dataclass(frozen=True, slots=True)
class MeterAt:
    """A meter that measured for an account, clipped to the period that was asked for."""

    meter_id: UUID
    serial: str
    service: Service
    service_point_id: UUID
    from_day: date
    until_day: date
    size: str = ""


@dataclass(frozen=True, slots=True)
class MeterOnAccount:
    """Which account a meter measured for, clipped to the period that was asked for."""

    account_id: UUID
    meter_id: UUID
    service: Service
    from_day: date
    until_day: date


@dataclass(frozen=True, slots=True)
class BillableAccount:
    """What a bill run must know of an account in one month.

    from_day, until_day: the days of the month on which the account is open. sectors and
    liabilities have their true dates, oldest first; meters are clipped to the open days.
    """

    account_id: UUID
    number: str
    unit_id: UUID
    governorate: str
    area: str
    from_day: date
    until_day: date
    sectors: tuple[SectorSpan, ...]
    liabilities: tuple[LiabilitySpan, ...]
    meters: tuple[MeterAt, ...]
    services: frozenset[Service]

    @property
    def sector(self) -> Sector:
        """The sector on the last open day. Raises LookupError when none is recorded."""
        return self._last_sector().sector

    @property
    def productive(self) -> bool:
        """A certificate of productivity covers the last open day."""
        return self._last_sector().productive_on(self.until_day - timedelta(days=1))

    @property
    def unit_count(self) -> int:
        """Homes behind the account."""
        return self._last_sector().dwellings

    @property
    def payer_id(self) -> UUID | None:
        """Who is liable on the last open day; None when vacant."""
        return self.liabilities[-1].customer_id if self.liabilities else None

    def _last_sector(self) -> SectorSpan:
        if not self.sectors:
            raise LookupError(f"account {self.number} has no sector")
        return self.sectors[-1]
