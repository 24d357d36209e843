"""Second records of people and of a ministry, with everything that hung on them, found to be one.

A small building stands ready for it: a landlord, tenants who were written down twice, a flat that
is empty and cut off, another whose account was closed. One merge is taken back; a refund that was
owed is paid by two people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.values import BUILDER, Chance
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposit_queries
from tahseel.books.deposits import rules as deposit_rules
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service
from tahseel.recovery.government import operations as government
from tahseel.recovery.government import queries as agreements
from tahseel.recovery.government.values import NewAgreement
from tahseel.registry.customers import operations
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import (
    ContactKind,
    CustomerKind,
    CustomerView,
    DocumentKind,
    NewDocument,
)
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
from tahseel.registry.premises.values import (
    NewPremises,
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
)
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, Role, Vacancy
from tahseel.trust.approvals import operations as approvals

MAKER = Actor(ActorKind.STAFF, "synthetic-clerk", "synthetic clerk", frozenset({"clerk"}))
CHECKER = Actor(ActorKind.STAFF, "synthetic-head", "synthetic head", frozenset({"office_head"}))
MANAGER = Actor(
    ActorKind.STAFF, "synthetic-manager", "synthetic manager", frozenset({"revenue_manager"})
)
OPENED, CAME, PROXY = (timedelta(days=days) for days in (60, 40, 365))
EMPTY, STORE = 3, 4  # the flat that nobody rents, and the one that became a store
IBAN = "KW81CBKU0000000000001234560101"
CASH = "cash"


@dataclass(frozen=True, slots=True)
class Flat:
    """A flat of the building with its account."""

    unit_id: UUID
    account_id: UUID


def play(
    *, people: Sequence[CustomerView], landlord: CustomerView, chance: Chance, at: datetime
) -> None:
    """Second records of people: the first one merged, the second in error, the others left."""
    flats = _house(landlord.id, chance, at)
    twins = [_twin(view, number, chance, at) for number, view in enumerate(people)]
    for number, (twin, flat) in enumerate(zip(twins, flats, strict=False)):
        _rent(twin, flat, number, chance, at)
        supply.authorise_proxy(
            actor=MAKER, at=at, account_id=flat.account_id, customer_id=twin,
            principal_id=landlord.id, document=f"POA-{at:%Y}-{number}", from_day=at.date() - CAME,
            until_day=at.date() + PROXY,
        )  # fmt: skip
    _cut_off(flats[EMPTY], at)
    supply.close_account(
        actor=MAKER, at=at, account_id=flats[STORE].account_id, closed_on=at.date()
    )
    pairs = zip(twins[:2], people, strict=False)
    merges = [_merge(chance, at, twin, view.id) for twin, view in pairs]
    for merge_id in merges[1:]:
        asked = operations.propose_unmerge(
            actor=MAKER, at=at, approval_id=chance.new_id("approval", at), merge_id=merge_id,
            reason="a cousin of the same name",
        )  # fmt: skip
        approvals.approve(actor=CHECKER, at=at, approval_id=asked)
    _ministry_twice(chance, at)
    _refund(chance, at)


def _twin(view: CustomerView, number: int, chance: Chance, at: datetime) -> UUID:
    """Somebody's second record: a name, a passport, a mailbox, and no civil id."""
    twin = chance.new_id("twin", at)
    operations.register(
        actor=MAKER, at=at, id=twin, kind=CustomerKind.UNKNOWN, civil_id=None,
        name_ar=view.name_ar, name_en=view.name_en,
    )  # fmt: skip
    paper = NewDocument(
        chance.new_id("document", at), DocumentKind.PASSPORT, "XX", f"{number:03d}55512"
    )
    operations.add_document(actor=MAKER, at=at, customer_id=twin, document=paper)
    operations.add_contact(
        actor=MAKER, at=at, id=chance.new_id("contact", at), customer_id=twin,
        kind=ContactKind.EMAIL, value=f"tenant{number}@example.com",
    )  # fmt: skip
    return twin


def _house(landlord_id: UUID, chance: Chance, at: datetime) -> list[Flat]:
    """Five flats with meters; three fall to the landlord while no tenant is there."""
    day = at.date() - OPENED
    house = NewPremises(chance.new_id("house", at), "salmiya", "10", "7", "412")
    premises.add_premises(actor=BUILDER, at=at, premises=house)
    flats = [_flat(house.id, number, day, chance, at) for number in range(STORE + 1)]
    for flat in flats:
        supply.name_party(
            actor=MAKER, at=at, account_id=flat.account_id, customer_id=landlord_id,
            role=Role.OWNER, from_day=day,
        )  # fmt: skip
    supply.agree_landlord(
        actor=CHECKER, at=at, account_ids=[flat.account_id for flat in flats[:EMPTY]],
        owner_id=landlord_id, agreement=f"LL-{at:%Y}-412", from_day=day,
    )  # fmt: skip
    return flats


def _flat(premises_id: UUID, number: int, day: date, chance: Chance, at: datetime) -> Flat:
    point = NewServicePoint(chance.new_id("house-point", at), Service.ELECTRICITY)
    flat = NewUnit(
        chance.new_id("house-flat", at), premises_id, UnitKind.FLAT, Sector.INVESTMENT, day,
        floor="1", number=str(number + 1), services=(point,),
    )  # fmt: skip
    premises.add_unit(actor=BUILDER, at=at, unit=flat)
    register = NewRegister(
        chance.new_id("house-meter", at), "1.8.0", RegisterKind.IMPORT, DialUnit.KWH, 7
    )
    meter = NewMeter(
        chance.new_id("house-meter", at), f"TW{number:08d}", Service.ELECTRICITY, "New stock",
        Phase.SINGLE, (register,),
    )  # fmt: skip
    meters.add_meter(actor=BUILDER, at=at, meter=meter)
    hung = NewInstallation(
        chance.new_id("house-meter", at), meter.id, point.id, day, opening={"1.8.0": "0"}
    )
    meters.install_meter(actor=BUILDER, at=at, installation=hung)
    account = supply.open_account(
        actor=MAKER, at=at, id=chance.new_id("house-account", at), unit_id=flat.id,
        opened_on=day, vacancy=Vacancy.NOT_OCCUPIED,
    )  # fmt: skip
    return Flat(flat.id, account.id)


def _rent(twin: UUID, flat: Flat, number: int, chance: Chance, at: datetime) -> None:
    """The tenant moves in with a deposit, under the record that turns out to be his second."""
    day = at.date() - CAME
    wanted = deposit_rules.wanted_at_move_in(
        capacity=Capacity.TENANT, unit=UnitKind.FLAT, customer=CustomerKind.UNKNOWN
    )
    laid_down = NewDeposit(
        flat.account_id, chance.new_id("deposit", at), twin, DepositKind.CASH, wanted, day,
        tender=CASH,
    )  # fmt: skip
    deposits.admit(
        actor=MAKER, at=at, account_id=flat.account_id, customer_id=twin, from_day=day,
        agreement=f"L-{day:%Y%m}-TW{number}", deposit=laid_down if wanted else None,
    )  # fmt: skip


def _cut_off(flat: Flat, at: datetime) -> None:
    """The empty flat is off since it fell vacant; the crew's report comes in, and a second reason.

    Supply goes on again for neither before both have ended.
    """
    off_at = at.replace(second=0, microsecond=0)
    states = supply_queries.supply_states(account_ids=[flat.account_id])
    for state in states[flat.account_id]:
        for stop in state.stops:
            supply.confirm_stop(actor=MAKER, at=at, stop_id=stop.id, off_at=off_at)
    supply.order_stop(
        actor=CHECKER, at=at, account_id=flat.account_id, reason="safety",
        services=[Service.ELECTRICITY], reference="V-412-4",
    )  # fmt: skip


def _ministry_twice(chance: Chance, at: datetime) -> None:
    """An old record of a ministry has its supply agreement as well, from the same day on."""
    signed = next(iter(agreements.agreements()), None)
    if signed is None:
        return
    names = next(body for body in customers.bodies() if body.id == signed.body_id)
    old = chance.new_id("old-ministry", at)
    operations.register(
        actor=MAKER, at=at, id=old, kind=CustomerKind.GOVERNMENT, civil_id=None,
        name_ar=names.name_ar, name_en=names.name_en, registration_number="OLD-0001",
    )  # fmt: skip
    again = NewAgreement(
        derived_id(old, "agreement"), old, signed.kind, f"{signed.number}-A", signed.subject_ar,
        signed.subject_en, signed.from_day,
    )  # fmt: skip
    government.conclude_agreement(actor=MANAGER, at=at, agreement=again)
    government.annul_agreement(
        actor=MANAGER, at=at, agreement_id=again.id,
        reason="الاتفاقية نفسها مسجلة على السجل الآخر للجهة",
    )  # fmt: skip
    _merge(chance, at, old, signed.body_id)


def _refund(chance: Chance, at: datetime) -> None:
    """What was owed back the longest is paid: one asks, another agrees."""
    due = next(iter(deposit_queries.refunds_due()), None)
    if due is not None:
        asked = deposits.propose_refund(
            actor=MAKER, at=at, approval_id=chance.new_id("approval", at),
            account_id=due.account_id, deposit_id=due.id, iban=IBAN, reason="the tenant moved out",
        )  # fmt: skip
        approvals.approve(actor=MANAGER, at=at, approval_id=asked)


def _merge(chance: Chance, at: datetime, goes: UUID, stays: UUID) -> UUID:
    asked = operations.propose_merge(
        actor=MAKER, at=at, approval_id=chance.new_id("approval", at), merged_id=goes,
        into_id=stays, reason="the same name, and the passport of the same person",
    )  # fmt: skip
    made = approvals.approve(actor=CHECKER, at=at, approval_id=asked)
    assert isinstance(made, UUID)
    return made
