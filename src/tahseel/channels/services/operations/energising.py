"""Energising: service points, meters with their opening reads and the account, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.channels.services import events, queries
from tahseel.channels.services.models import Application
from tahseel.channels.services.operations.applying import require_liable
from tahseel.channels.services.operations.moving import (
    capacity_of,
    locked,
    move,
    require_duty,
    require_other_hands,
)
from tahseel.channels.services.operations.settling import earn
from tahseel.channels.services.values import Energised, MeterFit, State
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meter_operations
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters import rules as meter_rules
from tahseel.registry.meters.values import NewInstallation
from tahseel.registry.premises import operations as premises_operations
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import operations as supply_operations
from tahseel.registry.supply import queries as supply
from tahseel.trust.audit.operations import audited, note


class MetersDiffer(Refusal):
    """One meter for each service that was asked for, no other; an increase may need none."""

    code = "meters_differ"
    text_ar = "المطلوب عداد واحد لكل خدمة: {wanted}"
    text_en = "One meter is wanted for each service: {wanted}"


class MeterNotInStock(NotFound):
    """No meter of this number is on record."""

    code = "meter_not_in_stock"
    text_ar = "العداد {serial} غير مسجل"
    text_en = "Meter {serial} is not on record"


class DayNotPossible(Refusal):
    """Supply begins today or on one of the days before, not before the inspection."""

    code = "energising_day_not_possible"
    text_ar = "تاريخ الإيصال {day} غير ممكن"
    text_en = "{day} cannot be the day of energising"


@audited("services.energise", subject="application_id")
def energise(
    *,
    actor: Actor,
    at: datetime,
    application_id: UUID,
    day: date,
    fits: Sequence[MeterFit],
) -> Energised:
    """Give the place its supply on a day: points, meters, account, its money; all or nothing.

    A load increase keeps its account, for which the applicant is still liable; a meter that has to
    be another is exchanged as one event. Raises ApplicationUnknown, NotAllowed, SameHands,
    WrongState, MetersDiffer, MeterNotInStock, DayNotPossible, AccountNotYours, and what the slices
    of meters, places and accounts refuse.
    """
    require_duty(actor, "energise")
    row = locked(application_id)
    require_other_hands(actor, row.studied_by, row.inspected_by)
    if not local_day(row.state_since) <= day <= local_day(at):
        raise DayNotPossible(day=day.isoformat())
    wanted = {Service(service) for service in row.services}
    existing = supply.accounts(account_ids=[row.account_id]).get(row.account_id)
    fitted = [fit.service for fit in fits]
    if len(fitted) != len(set(fitted)) or (
        set(fitted) != wanted if existing is None else not set(fitted) <= wanted
    ):
        raise MetersDiffer(wanted=", ".join(sorted(wanted)))
    if existing is not None:
        require_liable(row.account_id, row.applicant_id, unit_id=row.unit_id, day=day)
    row.energised_by = actor.id
    number = existing.number if existing else _open(row, day, actor, at)
    for fit in fits:
        if existing is None:
            _hang(row, fit, day, actor, at)
        else:
            _exchange(row, fit, day, actor, at)
    earn(row, actor, at)
    serials = tuple(fit.serial for fit in fits)
    facts = {"account": number, "meters": list(serials), "day": day.isoformat()}
    move(row, State.ENERGISED, step="energised", actor=actor, at=at, facts=facts)
    events.energised(application_id=row.id, account_id=row.account_id, at=at)
    note(account=number, meters=list(serials))
    return Energised(number, serials)


def _open(row: Application, day: date, actor: Actor, at: datetime) -> str:
    made = supply_operations.open_account(
        actor=actor,
        at=at,
        id=row.account_id,
        unit_id=row.unit_id,
        opened_on=day,
        payer_id=row.applicant_id,
        capacity=capacity_of(row),
        agreement=row.reference,
    )
    return made.number


def _hang(row: Application, fit: MeterFit, day: date, actor: Actor, at: datetime) -> None:
    meter_operations.install_meter(
        actor=actor,
        at=at,
        installation=NewInstallation(
            id=derived_id(row.id, "installation", str(fit.service)),
            meter_id=_meter(fit),
            service_point_id=_point(row, fit.service, day, actor, at),
            installed_on=day,
            opening=fit.opening,
        ),
    )


def _point(row: Application, service: Service, day: date, actor: Actor, at: datetime) -> UUID:
    """A point of the unit at which no meter hangs, or a new one."""
    points = premises.service_points(unit_ids=[row.unit_id]).get(row.unit_id, [])
    same = [point for point in points if point.service is service]
    hung = queries.hung_at(unit_id=row.unit_id, day=day)
    free = next((point for point in same if point.id not in hung), None)
    if free is not None:
        return free.id
    new = derived_id(row.id, "point", str(service))
    premises_operations.add_service_point(
        actor=actor,
        at=at,
        id=new,
        unit_id=row.unit_id,
        service=service,
        number=max((point.number for point in same), default=0) + 1,
    )
    return new


def _exchange(row: Application, fit: MeterFit, day: date, actor: Actor, at: datetime) -> None:
    hung = queries.hung_at(unit_id=row.unit_id, day=day)
    point = next((p for p, view in hung.items() if view.service is fit.service), None)
    if point is None:
        raise MetersDiffer(wanted=str(fit.service))
    meter_operations.exchange(
        actor=actor,
        at=at,
        id=derived_id(row.id, "installation", str(fit.service)),
        service_point_id=point,
        day=day,
        new_meter_id=_meter(fit),
        closing=fit.closing,
        opening=fit.opening,
    )


def _meter(fit: MeterFit) -> UUID:
    """The meter from stock, every dial of which was read when it was hung."""
    meter = meters.meter_by_serial(serial=fit.serial)
    if meter is None:
        raise MeterNotInStock(serial=fit.serial)
    if missing := meter_rules.missing_dials(fit.opening, meter.registers):
        raise meter_operations.DialInvalid(register=missing[0], reason="the value is missing")
    return meter.id
