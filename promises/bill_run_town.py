"""The town of the promise `bill-run-kill`: two months are billed, a third one is to be.

Imported once Django is set up over the promise's own database.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from bench.release_town import civil_ids

from tahseel.charging.billing import operations as billing
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.actor import system
from tahseel.kernel.ids import CivilId, id_maker
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import rules as premises_rules
from tahseel.registry.premises.values import (
    NewPremises,
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
)
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability

Make = Callable[[datetime], UUID]
JOB = system("promise")
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
OPENED = date(2026, 1, 1)
BEFORE = (BillingMonth(2026, 5), BillingMonth(2026, 6))
MONTH = BillingMonth(2026, 7)
ISSUED = date(2026, 8, 2)
UNREAD_EVERY, ODD_EVERY = 97, 89
WH, LITRES = 3_000_000, 40_000
AREA = "salmiya"


def build(accounts: int, areas: bytes) -> None:
    """Everything up to the run that is killed. areas: the country's areas as data."""
    chance = random.Random(accounts)
    make = id_maker(chance)
    premises.install_areas(actor=JOB, at=AT, book=premises_rules.load_areas(areas))
    units = _units(accounts, make)
    hung = _meters(units, make)
    opened = _accounts(units, _people(accounts, make), make)
    for month in (*BEFORE, MONTH):
        storing.determinants(list(_used(opened, hung, month, chance)), at=AT)
        if month is not MONTH:
            issued = month.period.end + timedelta(days=1)
            billing.run(actor=JOB, at=start_of(issued), month=month, issued_on=issued)


def _units(count: int, make: Make) -> list[NewUnit]:
    places = [NewPremises(make(AT), AREA, "1", str(number)) for number in range(count)]
    units = [
        NewUnit(
            id=make(AT),
            premises_id=place.id,
            kind=UnitKind.FLAT,
            sector=Sector.INVESTMENT,
            from_day=OPENED,
            services=(
                NewServicePoint(make(AT), Service.ELECTRICITY),
                NewServicePoint(make(AT), Service.WATER),
            ),
        )
        for place in places
    ]
    premises.add_many(actor=JOB, at=AT, batch="promise", premises=places, units=units)
    return units


def _meters(units: Sequence[NewUnit], make: Make) -> list[list[UUID]]:
    devices, installations, hung = [], [], []
    for number, unit in enumerate(units):
        pair = []
        for point in unit.services:
            power = point.service is Service.ELECTRICITY
            dial = DialUnit.KWH if power else DialUnit.CUBIC_METRE
            register = NewRegister(make(AT), "1.8.0", RegisterKind.IMPORT, dial, 8)
            serial = f"{point.service}-{number}"
            meter = NewMeter(make(AT), serial, point.service, "Maker", Phase.NONE, (register,))
            devices.append(meter)
            installations.append(NewInstallation(make(AT), meter.id, point.id, OPENED))
            pair.append(meter.id)
        hung.append(pair)
    meters.add_many(actor=JOB, at=AT, batch="promise", meters=devices, installations=installations)
    return hung


def _people(count: int, make: Make) -> list[UUID]:
    people = [
        NewCustomer(
            make(AT), CustomerKind.CITIZEN, f"سالم {number}", f"Salem {number}",
            CivilId.parse(civil_id),
        )
        for number, civil_id in enumerate(civil_ids(count))
    ]  # fmt: skip
    customers.register_many(actor=JOB, at=AT, batch="promise", customers=people)
    return [one.id for one in people]


def _accounts(units: Sequence[NewUnit], payers: Sequence[UUID], make: Make) -> list[UUID]:
    opened = [
        NewAccount(
            id=make(AT),
            unit_id=unit.id,
            opened_on=OPENED,
            liabilities=(NewLiability(make(AT), OPENED, payer, Capacity.OWNER),),
        )
        for unit, payer in zip(units, payers, strict=True)
    ]
    supply.open_many(actor=JOB, at=AT, batch="promise", accounts=opened)
    return [one.id for one in opened]


def _used(
    accounts: Sequence[UUID],
    hung: Sequence[Sequence[UUID]],
    month: BillingMonth,
    chance: random.Random,
) -> Iterator[Determinant]:
    """What everybody used; in the last month some were not read and some are odd."""
    services = (Service.ELECTRICITY, Service.WATER)
    for number, (account, pair) in enumerate(zip(accounts, hung, strict=True)):
        if month is MONTH and number % UNREAD_EVERY == 0:
            continue
        times = 10 if month is MONTH and number % ODD_EVERY == 0 else 1
        for meter, service, usual in zip(pair, services, (WH, LITRES), strict=True):
            quantity = usual * chance.randint(80, 120) // 100 * times
            yield Determinant(
                account_id=account,
                meter_id=meter,
                month=month,
                version=1,
                service=service,
                quantity=quantity,
                method=Method.REGISTER,
                from_at=start_of(month.period.start),
                to_at=start_of(month.period.end),
                from_value=0,
                to_value=quantity,
                days=month.period.days,
                estimated_share=Decimal(0),
            )
