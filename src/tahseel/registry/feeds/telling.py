"""From a record to the act of the slice that owns it: what each kind of record changes here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import CivilId
from tahseel.registry.customers import operations as customer_operations
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CIVIL_ID_INDEX
from tahseel.registry.feeds.models import FeedRecord
from tahseel.registry.feeds.opening import facts_of
from tahseel.registry.feeds.readdressing import readdress
from tahseel.registry.feeds.values import (
    KNOWN_ALREADY,
    UNCONCERNED,
    WITHDRAWAL,
    Kind,
    Outcome,
    Standing,
    Told,
    Version,
)
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import operations as supply_operations
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef, Capacity, PartySpan, Role

OWNING = frozenset({Capacity.OWNER, Capacity.LANDLORD, Capacity.ESTATE})
NAMES_ANOTHER = (
    "an earlier version of this number was applied to another"
    " \N{MIDDLE DOT} طُبّق إصدار سابق من هذا السجل على غيره"
)
NOTHING_TO_WITHDRAW = Outcome(Standing.APPLIED, "nothing_to_withdraw")


def tell(row: FeedRecord, *, applied_before: FeedRecord | None) -> Told:
    """Open a stored version whose form was found right."""
    before = facts_of(applied_before) if applied_before else None
    kind_before = applied_before.kind if applied_before else ""
    state = Version(row.state)
    return Told(row.id, row.number, row.kind, state, facts_of(row), before, kind_before)


def act_on(*, actor: Actor, at: datetime, told: Told) -> Outcome:
    """Do it. Raises the refusals of the slices that own the facts."""
    act = _ACTS.get(told.kind)
    if act is None:
        return Outcome(Standing.PARKED, "kind_not_handled")
    if told.state is Version.WITHDRAWN:
        return _withdrawn(told)
    if _names_another(told):
        return Outcome(Standing.PARKED, "correction_names_another", NAMES_ANOTHER)
    return act(actor, at, told)


def _names_another(told: Told) -> bool:
    """What was applied to one person or place is now told of another, or another thing is told:
    the first is not put right by acting on the second, so a person decides about both.
    """
    if told.before is None:
        return False
    before = told.before
    if told.kind != told.kind_before:
        return True
    if told.kind in (Kind.TITLE, Kind.ADDRESS):
        return bool(before["paci_number"] != told.facts["paci_number"])
    return index_of(str(before["civil_id"])) != index_of(told.text("civil_id"))


def _death(actor: Actor, at: datetime, told: Told) -> Outcome:
    customer_id = _customer(told.text("civil_id"))
    if customer_id is None:
        return UNCONCERNED
    died_on = told.day("died_on")
    if customers.deaths(customer_ids=[customer_id]).get(customer_id) == died_on:
        return KNOWN_ALREADY
    customer_operations.record_death(
        actor=actor,
        at=at,
        customer_id=customer_id,
        died_on=died_on,
        source=f"{told.number}, {told.text('certificate')}",
    )
    return Outcome(Standing.APPLIED, "", str(customer_id))


def _name(actor: Actor, at: datetime, told: Told) -> Outcome:
    customer_id = _customer(told.text("civil_id"))
    if customer_id is None:
        return UNCONCERNED
    try:
        customer_operations.correct_name(
            actor=actor,
            at=at,
            customer_id=customer_id,
            name_ar=told.text("name_ar"),
            name_en=told.text("name_en"),
            effective_on=told.day("from_day"),
            reason="civil registry",
            evidence=told.number,
        )
    except customer_operations.NothingToCorrect:
        return KNOWN_ALREADY
    return Outcome(Standing.APPLIED, "", str(customer_id))


def _departure(actor: Actor, at: datetime, told: Told) -> Outcome:
    customer_id = _customer(told.text("civil_id"))
    if customer_id is None:
        return UNCONCERNED
    if told.facts["final"] is not True:
        return Outcome(Standing.APPLIED, "left_for_a_time")
    customer_operations.record_departure(
        actor=actor,
        at=at,
        customer_id=customer_id,
        departed_on=told.day("left_on"),
        source=told.number,
    )
    return Outcome(Standing.APPLIED, "", str(customer_id))


def _return(actor: Actor, at: datetime, told: Told) -> Outcome:
    customer_id = _customer(told.text("civil_id"))
    if customer_id is None:
        return UNCONCERNED
    try:
        customer_operations.record_return(
            actor=actor,
            at=at,
            customer_id=customer_id,
            returned_on=told.day("returned_on"),
            source=told.number,
        )
    except customer_operations.NotRecorded:
        return Outcome(Standing.APPLIED, "had_not_left")
    return Outcome(Standing.APPLIED, "", str(customer_id))


def _title(actor: Actor, at: datetime, told: Told) -> Outcome:
    number, day = told.text("paci_number"), told.day("from_day")
    unit_id = premises.units_by_automatic_number(numbers=[number]).get(number)
    if unit_id is None:
        return UNCONCERNED
    account = supply.accounts_of_units(unit_ids=[unit_id], day=day).get(unit_id)
    if account is None:
        return Outcome(Standing.APPLIED, "no_account")
    return _pass_on(actor, at, told, account)


def _pass_on(actor: Actor, at: datetime, told: Told, account: AccountRef) -> Outcome:
    """Ownership follows the deed, and a tenant stays; whatever is less plain waits for a person."""
    day, buyer = told.day("from_day"), _customer(told.text("to_civil_id"))
    if buyer is None:
        return _parked("buyer_unknown", account)
    owners = _owners(account, day)
    if buyer in owners:
        return KNOWN_ALREADY
    if told.before is not None:
        return _parked("correction_needs_decision", account)
    if owners and _customer(told.text("from_civil_id")) not in owners:
        return _parked("seller_differs", account)
    supply_operations.transfer_ownership(
        actor=actor,
        at=at,
        account_id=account.id,
        to_customer_id=buyer,
        on_day=day,
        deed=f"{told.number}, {told.text('deed')}",
    )
    return Outcome(Standing.APPLIED, "", account.number)


def _owners(account: AccountRef, day: date) -> set[UUID]:
    """Who owns the place on a day as far as we know: by role, or by paying as its owner."""
    spans = supply.parties(account_ids=[account.id]).get(account.id, [])
    owners = {span.customer_id for span in spans if span.role is Role.OWNER and _holds(span, day)}
    liable = supply.liability_on(account_id=account.id, day=day)
    if liable is not None and liable.customer_id is not None and liable.capacity in OWNING:
        owners.add(liable.customer_id)
    return owners


def _holds(span: PartySpan, day: date) -> bool:
    return span.from_day <= day and (span.until_day is None or day < span.until_day)


def _parked(reason: str, account: AccountRef) -> Outcome:
    return Outcome(Standing.PARKED, reason, account.number)


def _withdrawn(told: Told) -> Outcome:
    """A record taken back: what was done with it is undone by a person who has seen the papers."""
    if told.before is None:
        return NOTHING_TO_WITHDRAW
    return Outcome(Standing.PARKED, WITHDRAWAL)


def _customer(civil_id: str) -> UUID | None:
    index = index_of(civil_id)
    return customers.ids_by_index(indexes=[index]).get(index)


def index_of(civil_id: str) -> bytes:
    """By what a person is found."""
    return secrets.blind_index(CivilId.parse(civil_id).digits, purpose=CIVIL_ID_INDEX)


_ACTS: Mapping[str, Callable[[Actor, datetime, Told], Outcome]] = {
    Kind.DEATH: _death,
    Kind.NAME: _name,
    Kind.ADDRESS: readdress,
    Kind.DEPARTURE: _departure,
    Kind.RETURN: _return,
    Kind.TITLE: _title,
}
