"""A service point behind another one's meter, and no longer: what a sub-meter is, by its place.

The relation is one of places, so that it outlives an exchange on either side.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.period import DAY_MAX, Period
from tahseel.registry.meters import events, queries
from tahseel.registry.meters.values import BehindView, NewBehind
from tahseel.registry.premises import queries as premises
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

DEPTH_MAX = 8
END = DAY_MAX + timedelta(days=1)


class BehindUnknown(NotFound):
    """No such point, or it stands behind no other on that day."""

    code = "sub_meter_unknown"
    text_ar = "نقطة الخدمة غير معروفة أو ليست خلف عداد رئيسي في ذلك اليوم"
    text_en = "There is no such service point, or it is behind no main meter on that day"


class BehindRefused(Refusal):
    """Another service, a main meter in those days already, or a circle of meters."""

    code = "sub_meter_refused"
    text_ar = "لا يمكن وضع نقطة الخدمة خلف العداد الرئيسي: {reason_ar}"
    text_en = "The service point cannot be put behind the main meter: {reason_en}"
    http_status = 409


@audited("meters.put_behind", subject="behind")
def put_behind(*, actor: Actor, at: datetime, behind: NewBehind) -> None:
    """From a day on, what goes through a service point's meter went through another's before.

    The main one's months are then what it measured less what its sub-meters did. behind.id: the
    caller's; the same again changes nothing. Raises BehindUnknown, BehindRefused, InputDiffers.
    """
    require_duty(actor, "meters.put_behind")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('meters behind', 7))")
    before = queries.behind_by_id(behind_id=behind.id)
    if before is not None:
        if (before.service_point_id, before.main_point_id, before.from_day) != (
            behind.service_point_id, behind.main_point_id, behind.from_day,
        ):  # fmt: skip
            raise InputDiffers(operation="meters.put_behind")
        return
    _require_fitting(behind)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into meters_behind (id, service_point_id, main_point_id, from_day,"
                " until_day, recorded_at, recorded_by, changed_at)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    behind.id, behind.service_point_id, behind.main_point_id, behind.from_day,
                    behind.until_day, at, actor.id, at,
                ],
            )  # fmt: skip
    except bulk.BROKEN_RULES as broken:
        raise BehindRefused(
            reason_ar="لها عداد رئيسي في هذه الأيام", reason_en="it has a main meter in these days"
        ) from broken
    _told(behind.service_point_id, behind.main_point_id, behind.from_day, at)
    events.behind_changed(
        point_id=behind.service_point_id, main_point_id=behind.main_point_id,
        from_day=behind.from_day, until_day=behind.until_day, at=at,
    )  # fmt: skip


@audited("meters.end_behind", subject="point_id")
def end_behind(*, actor: Actor, at: datetime, point_id: UUID, on_day: date) -> BehindView:
    """From a day on, a service point is behind no other. Raises BehindUnknown."""
    require_duty(actor, "meters.end_behind")
    open_now = [
        one
        for one in queries.mains_of(point_ids=[point_id], period=Period(on_day, END))
        if one.from_day < on_day and one.until_day is None
    ]
    if not open_now:
        raise BehindUnknown()
    [found] = open_now
    with connection.cursor() as cursor:
        cursor.execute(
            "update meters_behind set until_day = %s, changed_at = %s where id = %s",
            [on_day, at, found.id],
        )
    _told(point_id, found.main_point_id, on_day, at)
    events.behind_changed(
        point_id=point_id, main_point_id=found.main_point_id, from_day=found.from_day,
        until_day=on_day, at=at,
    )  # fmt: skip
    ended = queries.behind_by_id(behind_id=found.id)
    assert ended is not None
    return ended


def _told(point_id: UUID, main_point_id: UUID, day: date, at: datetime) -> None:
    """The leaf names the device that hangs at the point, so that its story has it."""
    hung = queries.installed_at(service_point_id=point_id, day=day)
    note(point=str(point_id), main_point=str(main_point_id), day=day.isoformat())
    note(meter=str(hung.meter_id) if hung else "")


def _require_fitting(behind: NewBehind) -> None:
    wanted = {behind.service_point_id, behind.main_point_id}
    points = premises.service_points_by_id(ids=wanted)
    if len(points) < len(wanted):
        raise BehindUnknown()
    if points[behind.service_point_id].service != points[behind.main_point_id].service:
        raise BehindRefused(reason_ar="الخدمة مختلفة", reason_en="its service is another")
    if behind.until_day is not None and behind.until_day <= behind.from_day:
        raise BehindRefused(reason_ar="لا تشمل أي يوم", reason_en="it would last no day")
    days = Period(behind.from_day, behind.until_day or END)
    if _comes_back(behind.service_point_id, behind.main_point_id, days, DEPTH_MAX):
        raise BehindRefused(
            reason_ar="العدادات تشكل حلقة أو سلسلة طويلة جدًا",
            reason_en="the meters would stand in a circle, or in too long a row",
        )


def _comes_back(start: UUID, main: UUID, days: Period, left: int) -> bool:
    """On some of these days the main point stands behind the one it started from."""
    if main == start or not left:
        return True
    above = queries.mains_of(point_ids=[main], period=days)
    return any(
        _comes_back(start, one.main_point_id, common, left - 1)
        for one in above
        if (common := days.overlap(Period(one.from_day, one.until_day or END))) is not None
    )
