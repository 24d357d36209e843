"""The own meters of a customer, and whether they may be reported now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.consumption.field import queries, rules
from tahseel.consumption.field.values import Dial
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.kernel.period import Period, local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import DialUnit
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef

DAY = timedelta(days=1)
UNITS = {
    DialUnit.KWH: "kWh",
    DialUnit.KVARH: "kvarh",
    DialUnit.CUBIC_METRE: "m³",
    DialUnit.IMPERIAL_GALLON: "IG",
}


@dataclass(frozen=True, slots=True)
class OwnMeter:
    """A meter that measures for a customer today. told: its read of this window is here already."""

    id: UUID
    serial: str
    service: Service
    dials: tuple[Dial, ...]
    told: bool

    @property
    def icon(self) -> str:
        return "zap" if self.service is Service.ELECTRICITY else "droplet"


def window(at: datetime) -> Period | None:
    """The days on which reads are taken now, or None."""
    return rules.window_of(day=local_day(at), by=rules.policy().self_reading)


def own_meters(*, actor: Actor, at: datetime, account: AccountRef) -> list[OwnMeter]:
    """What measures for an account today, for the customer who is liable today; else nothing."""
    day, open_now = local_day(at), window(at)
    liable = supply.liable_customer(account_id=account.id, day=day)
    if liable is None or open_now is None or actor.customer_id != str(liable):
        return []
    found = meters.meters(meter_ids=_hung(account, day))
    return [
        OwnMeter(
            one.id,
            one.serial,
            one.service,
            queries.dials_at(meter_id=one.id, at=at),
            bool(queries.self_reads_since(meter_id=one.id, day=open_now.start)),
        )
        for one in sorted(found.values(), key=lambda one: (one.service, one.serial))
    ]


def _hung(account: AccountRef, day: date) -> list[UUID]:
    points = premises.service_points(unit_ids=[account.unit_id], day=day).get(account.unit_id, [])
    hung = meters.installations(
        service_point_ids=[point.id for point in points], period=Period(day, day + DAY)
    )
    return [view.meter_id for views in hung.values() for view in views if day in view]


def own_meter(
    *, actor: Actor, at: datetime, number: str, serial: str
) -> tuple[AccountRef, OwnMeter]:
    """One of them with its account. Raises NotFound for everything that is not the actor's."""
    account = supply.account_ref(number=number)
    mine = own_meters(actor=actor, at=at, account=account) if account else []
    found = next((one for one in mine if one.serial == serial), None)
    if account is None or found is None:
        raise NotFound
    return account, found
