"""Reading appointments. A booking names an account; who may ask for one is decided by the asker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.appointments import rules
from tahseel.consumption.appointments.values import Booking, Slot, State
from tahseel.kernel.calendar import working_calendar

ROWS_MAX = 1_000
_BOOKING = (
    "select id, account_id, customer_id, unit_id, area, day, half, place, reason, state, made_at,"
    " made_by, changed_at from appointments_booking"
)


def booking(*, booking_id: UUID) -> Booking | None:
    """One booking, or None."""
    found = _bookings("where id = %s", [booking_id])
    return found[0] if found else None


def bookings_of(*, account_ids: Sequence[UUID], from_day: date | None = None) -> list[Booking]:
    """The bookings of accounts, newest day first."""
    return _bookings(
        "where account_id = any(%s::uuid[]) and (%s::date is null or day >= %s)"
        " order by day desc, half, id limit %s",
        [list(account_ids), from_day, from_day, ROWS_MAX],
    )


def bookings_on(*, day: date, area: str = "") -> list[Booking]:
    """Who is to be visited on a day, by area, half-day and place; cancelled ones are left out."""
    return _bookings(
        "where day = %s and (%s = '' or area = %s) and state <> 'cancelled'"
        " order by area, half desc, place limit %s",
        [day, area, area, ROWS_MAX],
    )


def free(*, area: str, today: date) -> list[Slot]:
    """The half-days of an area that may be booked and have a place left, in order."""
    known = rules.policy()
    days = rules.bookable(known, today=today, is_working=working_calendar().is_working_day)
    if not days:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select day, half, count(*) from appointments_booking"
            " where area = %s and day between %s and %s and state <> 'cancelled'"
            " group by day, half",
            [area, days[0], days[-1]],
        )
        taken = {(day, half): int(count) for day, half, count in cursor.fetchall()}
    places = known.places_in(area)
    slots = (
        Slot(day, half, places - taken.get((day, half), 0)) for day in days for half in known.halves
    )
    return [slot for slot in slots if slot.left > 0]


def unreminded(*, days: Sequence[date]) -> list[Booking]:
    """What is booked on some days."""
    return _bookings(
        "where day = any(%s::date[]) and state = 'booked' order by day, id", [list(days)]
    )


def _bookings(condition: str, values: list[Any]) -> list[Booking]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_BOOKING} {condition}", values)
        return [_booking(row) for row in cursor.fetchall()]


def _booking(row: tuple[Any, ...]) -> Booking:
    made_at: datetime = row[10]
    return Booking(
        id=row[0],
        account_id=row[1],
        customer_id=row[2],
        unit_id=row[3],
        area=row[4],
        day=row[5],
        half=row[6],
        place=row[7],
        reason=row[8],
        state=State(row[9]),
        made_at=made_at,
        made_by=row[11],
        changed_at=row[12],
    )
