"""Booking a half-day: whoever comes first has the place, and nobody has one that is not there.

Bookings of one half-day of an area queue behind a lock; the table's own index on places is the
second wall.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.appointments import queries, rules
from tahseel.consumption.appointments.values import MACHINE, Booking, State
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

OFFICE = ("clerk", "office_head", "revenue_manager")
CREW = ("inspector", "supply_engineer", "connection_officer")


class BookingUnknown(NotFound):
    """No such booking."""

    code = "booking_unknown"
    text_ar = "لا يوجد موعد بهذا الرقم"
    text_en = "There is no such appointment"


class SlotFull(Refusal):
    """Every place of the half-day is taken."""

    code = "slot_full"
    text_ar = "لم يبق موعد متاح في هذه الفترة من يوم {day}"
    text_en = "No place is left in this half-day of {day}"
    http_status = 409


class SlotClosed(Refusal):
    """The day is no working day, too near or too far, or there is no such half-day or reason."""

    code = "slot_closed"
    text_ar = "لا يمكن حجز موعد في يوم {day}"
    text_en = "No appointment can be booked on {day}"


class BookedAlready(Refusal):
    """The account has an appointment for this reason already."""

    code = "booked_already"
    text_ar = "يوجد موعد محجوز لهذا الحساب للسبب نفسه"
    text_en = "The account has an appointment for this reason already"
    http_status = 409


class TooLate(Refusal):
    """The crew's day is planned already."""

    code = "appointment_too_late"
    text_ar = "لا يمكن تغيير الموعد بعد ترتيب يوم الفريق"
    text_en = "It is too late to change the appointment"
    http_status = 409


class NotToday(Refusal):
    """What became of a visit is told on its day or after it."""

    code = "appointment_not_yet"
    text_ar = "لم يحن يوم الموعد بعد"
    text_en = "The day of the appointment has not come"
    http_status = 409


@audited("appointments.book", subject="account_id")
def book(
    *,
    actor: Actor,
    at: datetime,
    booking_id: UUID,
    account_id: UUID,
    day: date,
    half: str,
    reason: str,
) -> Booking:
    """Take a place of a half-day for an account. booking_id: the caller's.

    The same again answers the same. Raises NotAllowed for somebody else's account, SlotClosed,
    SlotFull, BookedAlready, InputDiffers.
    """
    account = _own(actor, account_id, local_day(at))
    wanted = (account_id, day, half, reason)
    if before := _booked_before(booking_id, wanted):
        return before
    area = premises.area_of(unit_ids=[account.unit_id])[account.unit_id].code
    if reason not in rules.policy().reasons:
        raise SlotClosed(day=day.isoformat())
    place = _place(area, day, half, at)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into appointments_booking (id, account_id, customer_id, unit_id, area, day,"
            " half, place, reason, state, made_at, made_by, changed_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'booked', %s, %s, %s)"
            " on conflict (account_id, reason) where state = 'booked' do nothing",
            [booking_id, account_id, actor.customer_id, account.unit_id, area, day, half, place,
             reason, at, actor.id, at],
        )  # fmt: skip
        if cursor.rowcount == 0:
            if meanwhile := _booked_before(booking_id, wanted):
                return meanwhile
            raise BookedAlready()
    return _stepped(booking_id, actor=actor, at=at)


def _booked_before(booking_id: UUID, wanted: tuple[UUID, date, str, str]) -> Booking | None:
    """What was booked under this id. Raises InputDiffers where that was something else."""
    found = queries.booking(booking_id=booking_id)
    if found and (found.account_id, found.day, found.half, found.reason) != wanted:
        raise InputDiffers(operation="appointments.book")
    return found


@audited("appointments.move", subject="booking_id")
def move(*, actor: Actor, at: datetime, booking_id: UUID, day: date, half: str) -> Booking:
    """Take another half-day instead; the place that was held is free at once.

    Raises BookingUnknown, NotAllowed, WrongState, TooLate, SlotClosed, SlotFull.
    """
    found = _changeable(actor, booking_id, at)
    if (found.day, found.half) == (day, half):
        return found
    place = _place(found.area, day, half, at)
    with connection.cursor() as cursor:
        cursor.execute(
            "update appointments_booking set day = %s, half = %s, place = %s, changed_at = %s"
            " where id = %s",
            [day, half, place, at, booking_id],
        )
    return _stepped(booking_id, actor=actor, at=at)


@audited("appointments.cancel", subject="booking_id")
def cancel(*, actor: Actor, at: datetime, booking_id: UUID) -> Booking:
    """Give the place back. Raises BookingUnknown, NotAllowed, WrongState, TooLate."""
    found = _changeable(actor, booking_id, at)
    return _ended(found, State.CANCELLED, actor=actor, at=at)


@audited("appointments.report", subject="booking_id")
def report(
    *, actor: Actor, at: datetime, booking_id: UUID, kept: bool, note_text: str = ""
) -> Booking:
    """Say whether somebody was let in. Raises NotAllowed, BookingUnknown, WrongState, NotToday."""
    require(actor, *CREW)
    found = _locked(booking_id)
    if found.day > local_day(at):
        raise NotToday()
    end = State.KEPT if kept else State.MISSED
    return _ended(found, end, actor=actor, at=at, note_text=note_text)


def _own(actor: Actor, account_id: UUID, day: date) -> AccountRef:
    """The account, if it is the customer's own on the day, or the actor books for others."""
    found = supply.accounts(account_ids=[account_id]).get(account_id)
    if actor.kind is ActorKind.CUSTOMER:
        payer = supply.payers(account_ids=[account_id], day=day).get(account_id)
        if payer is None or str(payer) != actor.customer_id:
            raise NotAllowed(needs="the account's payer")
    else:
        require(actor, *OFFICE)
    if found is None:
        raise BookingUnknown()
    return found


def _locked(booking_id: UUID) -> Booking:
    with connection.cursor() as cursor:
        cursor.execute("select id from appointments_booking where id = %s for update", [booking_id])
    found = queries.booking(booking_id=booking_id)
    if found is None:
        raise BookingUnknown()
    note(account=str(found.account_id))
    return found


def _changeable(actor: Actor, booking_id: UUID, at: datetime) -> Booking:
    found = _locked(booking_id)
    _own(actor, found.account_id, local_day(at))
    MACHINE.require(found.state, State.CANCELLED)
    if (found.day - local_day(at)).days < rules.policy().first_days:
        raise TooLate()
    return found


def _place(area: str, day: date, half: str, at: datetime) -> int:
    """The first place that nobody has, under the half-day's lock."""
    known = rules.policy()
    days = rules.bookable(known, today=local_day(at), is_working=working_calendar().is_working_day)
    if day not in days or half not in known.halves:
        raise SlotClosed(day=day.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 11))", [f"{area} {day} {half}"]
        )
        cursor.execute(
            "select min(n) from generate_series(1, %s) n where not exists"
            " (select from appointments_booking b where (b.area, b.day, b.half, b.place)"
            " = (%s, %s, %s, n) and b.state <> 'cancelled')",
            [known.places_in(area), area, day, half],
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise SlotFull(day=day.isoformat())
    return int(row[0])


def _ended(
    found: Booking, state: State, *, actor: Actor, at: datetime, note_text: str = ""
) -> Booking:
    MACHINE.require(found.state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update appointments_booking set state = %s, changed_at = %s where id = %s",
            [str(state), at, found.id],
        )
    return _stepped(found.id, actor=actor, at=at, note_text=note_text)


def _stepped(booking_id: UUID, *, actor: Actor, at: datetime, note_text: str = "") -> Booking:
    found = queries.booking(booking_id=booking_id)
    assert found is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into appointments_step (booking_id, number, at, state, day, half, by, note)"
            " select %s, count(*) + 1, %s, %s, %s, %s, %s, %s from appointments_step"
            " where booking_id = %s",
            [booking_id, at, str(found.state), found.day, found.half, actor.id, note_text.strip(),
             booking_id],
        )  # fmt: skip
    note(
        account=str(found.account_id),
        day=found.day.isoformat(),
        half=found.half,
        reason=found.reason,
        state=str(found.state),
    )
    return found
