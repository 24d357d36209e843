"""One street for the screens: a resident who owes and is held, a neighbour who paid, and staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tests.integration.registry.town import Town, found

from tahseel.books.claims import queries as claims
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.charging.billing import operations as billing
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.ids import CivilId, new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, local_day, start_of
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import ServiceProof
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, Evidence
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises.values import NewUnit
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

JOB = system("test")
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
CIVIL_ID = "285010100015"
NEIGHBOUR_CIVIL_ID = "290111500778"
PASSWORD = "Tell no one 4417"
STAFF = (
    *("clerk", "office_head", "revenue_manager", "take_on_officer", "auditor"),
    *("exit_officer", "security_officer"),
)
MONTHS = 3


@dataclass
class World:
    """Built as of an instant: bills of three months, the oldest two unpaid, noticed and held."""

    now: datetime
    town: Town
    resident: UUID
    neighbour: UUID
    numbers: dict[UUID, str] = field(default_factory=dict)
    accounts: dict[UUID, UUID] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local_day(self.now)

    def number(self, customer_id: UUID) -> str:
        return self.numbers[self.accounts[customer_id]]

    def bill_number(self, customer_id: UUID) -> str:
        """The oldest bill that is still open, or the oldest of all."""
        owed = claims.claims(self.accounts[customer_id])
        return next((c.reference for c in owed if c.open), owed[0].reference)


def build(now: datetime) -> World:
    """The whole street, as of `now`."""
    town = found()
    resident, neighbour = _people(now)
    world = World(now, town, resident, neighbour)
    _supply(world)
    first = BillingMonth.of(world.today - timedelta(days=120))
    months = [first, first.next(), first.next().next()]
    for number, month in enumerate(months):
        _use(world, month, (4_286_000 + 900_000 * number, 12_000 + 500 * number))
        issued = month.period.end + timedelta(days=2)
        billing.run(actor=JOB, at=_at(issued), month=month, issued_on=issued)
    _pay_all(world, neighbour)
    _notify(world)
    clearance.open_due_holds(actor=JOB, at=now, business_date=world.today)
    _users(world)
    return world


def _at(day: date, hour: int = 9) -> datetime:
    return start_of(day) + timedelta(hours=hour)


def _people(now: datetime) -> tuple[UUID, UUID]:
    at = now - timedelta(days=400)
    made = []
    for civil_id, kind, ar, en in (
        (CIVIL_ID, CustomerKind.RESIDENT, "سليم كومار", "Saleem Kumar"),
        (NEIGHBOUR_CIVIL_ID, CustomerKind.RESIDENT, "منى حداد", "Mona Haddad"),
    ):
        customer_id = new_id(at)
        customers.register(
            actor=JOB, at=at, id=customer_id, kind=kind, civil_id=CivilId.parse(civil_id),
            name_ar=ar, name_en=en, mobile="99887766",
        )  # fmt: skip
        customers.verify_identity(
            actor=JOB, at=at, customer_id=customer_id, evidence=Evidence.SMART_CARD, reference="t"
        )
        made.append(customer_id)
    return made[0], made[1]


def _supply(world: World) -> None:
    at, opened = world.now - timedelta(days=390), world.today - timedelta(days=390)
    units = world.town.units(2)
    devices: list[NewMeter] = []
    hung: list[NewInstallation] = []
    accounts: list[NewAccount] = []
    for unit, payer in zip(units, (world.resident, world.neighbour), strict=True):
        for point in unit.services:
            serial = f"{point.service[0].upper()}-{len(devices) + 1:05d}"
            meter = _meter(world, serial, point.service)
            devices.append(meter)
            hung.append(NewInstallation(new_id(at), meter.id, point.id, opened))
        liability = NewLiability(new_id(at), opened, payer, Capacity.OWNER)
        accounts.append(_account(unit, opened, at, liability))
        world.accounts[payer] = accounts[-1].id
    meters.add_many(actor=JOB, at=at, batch="street", meters=devices, installations=hung)
    world.numbers = supply.open_many(actor=JOB, at=at, batch="street", accounts=accounts)


def _account(unit: NewUnit, opened: date, at: datetime, liability: NewLiability) -> NewAccount:
    return NewAccount(id=new_id(at), unit_id=unit.id, opened_on=opened, liabilities=(liability,))


def _meter(world: World, serial: str, service: Service) -> NewMeter:
    unit = DialUnit.KWH if service == Service.ELECTRICITY else DialUnit.CUBIC_METRE
    at = world.now
    register = NewRegister(new_id(at), "1.8.0", RegisterKind.IMPORT, unit, 8)
    return NewMeter(new_id(at), serial, service, "Maker", Phase.NONE, (register,))


def _use(world: World, month: BillingMonth, used: Sequence[int]) -> None:
    from tahseel.registry.supply import queries

    rows = []
    for account in queries.billable_accounts(month=month):
        for hung in account.meters:
            quantity = used[0] if hung.service == Service.ELECTRICITY else used[1]
            rows.append(
                Determinant(
                    account_id=account.account_id,
                    meter_id=hung.meter_id,
                    month=month,
                    version=1,
                    service=hung.service,
                    quantity=quantity,
                    method=Method.REGISTER,
                    from_at=start_of(month.period.start),
                    to_at=start_of(month.period.end),
                    from_value=1_000_000,
                    to_value=1_000_000 + quantity,
                    days=month.period.days,
                    estimated_share=Decimal(0),
                )
            )
    storing.determinants(rows, at=_at(month.period.end))


def _pay_all(world: World, customer_id: UUID) -> None:
    account_id = world.accounts[customer_id]
    for claim in claims.open_claims(account_id):
        at = _at(claim.due_date - timedelta(days=3))
        received = Received(
            id=new_id(at), account_id=account_id, customer_id=customer_id, amount=claim.amount,
            tender="cash", received_at=at, business_date=local_day(at), claim_ids=(claim.id,),
        )  # fmt: skip
        payments.record_received(actor=CLERK, at=at, received=received)


def _notify(world: World) -> None:
    issued, served = world.today - timedelta(days=45), world.today - timedelta(days=43)
    report = collections.serve_notices(actor=JOB, at=_at(issued), business_date=issued)
    assert report.notice_ids, "the resident is told"
    proof = {"receipt_number": "RR 55 001", "received_by": "himself"}
    proofs = [ServiceProof(n, _at(served), proof) for n in report.notice_ids]
    collections.record_service(actor=JOB, at=_at(served, 10), proofs=proofs)


def _users(world: World) -> None:
    at = world.now - timedelta(days=30)
    people = [(role, UserKind.STAFF, None, role) for role in STAFF]
    people += [
        ("resident", UserKind.CUSTOMER, world.resident, "customer"),
        ("neighbour", UserKind.CUSTOMER, world.neighbour, "customer"),
    ]
    for username, kind, customer_id, role in people:
        access.create_user(
            actor=JOB, at=at, id=new_id(at), username=username, password=PASSWORD, kind=kind,
            label_ar="مستخدم", label_en=username.replace("_", " ").capitalize(),
            customer_id=customer_id, roles=(role,),
        )  # fmt: skip


def received(world: World, customer_id: UUID, fils: int, day: date, tender: str) -> None:
    """Money on a day by a tender; what is left of it stays on the account as credit."""
    at = _at(day)
    payments.record_received(
        actor=CLERK,
        at=at,
        received=Received(
            id=new_id(at), account_id=world.accounts[customer_id], customer_id=customer_id,
            amount=Money(fils), tender=tender, received_at=at, business_date=day,
        ),
    )  # fmt: skip
