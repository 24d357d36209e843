"""Reading appointments. A booking names an account; who may ask for one is decided by the asker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.appointments import rules
from tahseel.consumption.appointments.values import (
    Access,
    AccessState,
    Booking,
    Refused,
    Slot,
    State,
)
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.period import start_of

ROWS_MAX = 1_000
_BOOKING = (
    "select id, account_id, customer_id, unit_id, area, day, half, place, reason, state, made_at,"
    " made_by, changed_at from appointments_booking"
)
# Visits without a read since the last one with a read, of meters of which nothing runs yet.
_REFUSED = """
with seen as (
  select s.meter_id, v.at, v.no_access <> '' as refused
  from field_visit v
  join field_round_stop s on s.round_id = v.round_id and s.sequence = v.sequence
  where v.at >= %(since)s
), last_read as (
  select meter_id, max(at) as at from seen where not refused group by meter_id
)
select s.meter_id, count(*) from seen s left join last_read r on r.meter_id = s.meter_id
where s.refused and (r.at is null or s.at > r.at) and not exists (
  select from appointments_access a where a.meter_id = s.meter_id
  and (a.state in ('appointment', 'notice', 'charge') or a.changed_at > s.at))
group by s.meter_id having count(*) >= %(at_least)s order by s.meter_id
"""
_ACCESS = (
    "select id, account_id, meter_id, state, refusals, opened_on, notice_id, reason"
    " from appointments_access"
)
# A visit that was kept, or a meter that was read, since it was opened.
_GIVEN = """
a where a.state in ('appointment', 'notice') and (
  exists (select from appointments_booking b where b.account_id = a.account_id
    and b.state = 'kept' and b.day >= a.opened_on)
  or exists (select from field_visit v
    join field_round_stop s on s.round_id = v.round_id and s.sequence = v.sequence
    where s.meter_id = a.meter_id and v.no_access = '' and v.at >= a.opened_on))
order by a.opened_on, a.id
"""


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


def refused(*, since: date, at_least: int) -> list[Refused]:
    """Meters at which a reader stood in vain so often, and nothing follows from it yet."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, {"since": start_of(since), "at_least": at_least})
        return [Refused(meter_id, int(times)) for meter_id, times in cursor.fetchall()]


def access(*, access_id: UUID) -> Access | None:
    """One refused access, or None."""
    found = _accesses("where id = %s", [access_id])
    return found[0] if found else None


def access_open(*, states: Sequence[AccessState]) -> list[Access]:
    """What stands in these states, the oldest first."""
    return _accesses(
        "where state = any(%s) order by opened_on, id limit %s",
        [[str(state) for state in states], ROWS_MAX],
    )


def access_given() -> list[Access]:
    """What ends, because somebody was let in since."""
    return _accesses(_GIVEN, [])


def booked_ahead(*, account_ids: Sequence[UUID], day: date) -> set[UUID]:
    """Those of the accounts that have an appointment on the day or later."""
    found = bookings_of(account_ids=account_ids, from_day=day)
    return {one.account_id for one in found if one.state is State.BOOKED}


def _accesses(condition: str, values: list[Any]) -> list[Access]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ACCESS} {condition}", values)
        return [
            Access(row[0], row[1], row[2], AccessState(row[3]), row[4], row[5], row[6], row[7])
            for row in cursor.fetchall()
        ]


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
