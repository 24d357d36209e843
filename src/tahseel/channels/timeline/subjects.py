"""What belongs to the thing whose story is told, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from tahseel.channels.timeline.values import Kind, Subject
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound
from tahseel.kernel.history import About
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.meters import queries as meters
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import history
from tahseel.registry.supply import queries as supply

# Rows that a higher slice tells better: of bills and payments, debts that moved, notices of debt.
TOLD = frozenset({"bill", "payment", "take-on:open-item", "debt", "assumed"})


def about(*, kind: Kind, id: UUID) -> About:  # noqa: A002 - the id of the thing
    """Every id that belongs to a thing. Raises NotFound."""
    return _ABOUT[kind](id)


def _of_customer(id_: UUID) -> About:
    accounts = history.accounts_ever_of(customer_id=id_)
    return About(customers=frozenset({id_}), accounts=accounts, only=id_, told=TOLD)


def _of_unit(id_: UUID) -> About:
    return About(units=frozenset({id_}), points=_points(id_), told=TOLD)


def _of_meter(id_: UUID) -> About:
    return About(meters=frozenset({id_}), told=TOLD)


def _of_account(id_: UUID) -> About:
    ref = supply.accounts(account_ids=[id_]).get(id_)
    if ref is None:
        raise NotFound
    return About(
        accounts=frozenset({id_}),
        points=_points(ref.unit_id),
        since=ref.opened_on,
        until=ref.closed_on,
        told=TOLD,
    )


def _points(unit_id: UUID) -> frozenset[UUID]:
    found = premises.service_points(unit_ids=[unit_id]).get(unit_id, [])
    return frozenset(point.id for point in found)


_ABOUT: dict[Kind, Callable[[UUID], About]] = {
    Kind.CUSTOMER: _of_customer,
    Kind.UNIT: _of_unit,
    Kind.METER: _of_meter,
    Kind.ACCOUNT: _of_account,
}


def subject(
    *,
    actor: Actor,
    at: datetime,
    purpose: str,
    kind: Kind,
    id: UUID,  # noqa: A002
) -> Subject:
    """How a thing is called. Raises NotFound."""
    if kind is Kind.CUSTOMER:
        person = customers.by_id(actor=actor, at=at, purpose=purpose, customer_id=id)
        if person is None:
            raise NotFound
        return Subject(kind, id, person.name("ar"), person.name("en"))
    if kind is Kind.METER:
        meter = meters.meters(meter_ids=[id]).get(id)
        if meter is None:
            raise NotFound
        return Subject(kind, id, "", "", meter.serial)
    if kind is Kind.UNIT:
        return Subject(kind, id, *_address(id))
    view = supply.account_view(
        actor=actor, at=at, purpose=purpose, account_id=id, as_of=local_day(at)
    )
    if view is None:
        raise NotFound
    return Subject(kind, id, view.address_ar, view.address_en, view.number)


def _address(unit_id: UUID) -> tuple[str, str]:
    found = premises.addresses(unit_ids=[unit_id], language="ar").get(unit_id)
    if found is None:
        raise NotFound
    return found, premises.address(unit_id=unit_id, language="en")
