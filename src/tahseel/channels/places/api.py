"""Who is liable for a unit on a day, as JSON: the same query, guards and record of the read."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from tahseel.channels.places import liable
from tahseel.channels.timeline import queries as stories
from tahseel.channels.timeline.values import ROLES
from tahseel.kernel.period import DAY_MAX, DAY_MIN, local_day
from tahseel.trust.access.guards import GuardedRequest

router = Router(tags=["places"])


class PointOut(Schema):
    """A service point of the unit on the day, and who answers for it."""

    id: UUID
    service: str
    number: int
    customer: UUID | None
    capacity: str
    vacancy: str | None


class ActOut(Schema):
    """An act on the account that reaches the day. leaf: of the log, where it tells of the act."""

    at: datetime
    day: date
    code: str
    text_ar: str
    text_en: str
    actor: str
    leaf: UUID | None
    place: int | None


class LiableOut(Schema):
    """The one answer. account: its number; empty where the unit has none that day."""

    unit: UUID
    day: date
    account: str
    customer: UUID | None
    name_ar: str
    name_en: str
    capacity: str | None
    vacancy: str | None
    from_day: date | None
    until_day: date | None
    points: list[PointOut]
    acts: list[ActOut]


class RefusedOut(Schema):
    """Why not, in both languages."""

    code: str
    text_ar: str
    text_en: str
    facts: dict[str, str | int | bool | None]


class Asked(Schema):
    """About which day; today when it is not said."""

    day: date | None = None


@router.get(
    "/units/{id}/liable",
    response={200: LiableOut, **dict.fromkeys((401, 403, 404, 422), RefusedOut)},
    operation_id="liable",
    summary="Who is liable for a unit on a day, and the acts that made it so",
)
def liable_on(
    request: HttpRequest,
    id: Path[UUID],  # noqa: A002 - the id of the unit
    asked: Query[Asked],
) -> LiableOut:
    """The read is recorded with your name and purpose before it is answered."""
    known = cast("GuardedRequest", request)
    day = min(max(asked.day or local_day(known.at), DAY_MIN), DAY_MAX)
    return _out(liable.liable(actor=known.actor, at=known.at, unit_id=id, day=day))


liable_on.roles = ROLES  # type: ignore[attr-defined]  # for the guard of the route


def _out(found: liable.LiableAnswer) -> LiableOut:
    span, who = found.span, found.who
    return LiableOut(
        unit=found.unit_id,
        day=found.day,
        account=found.number,
        customer=span.customer_id if span else None,
        name_ar=who.name("ar") if who else "",
        name_en=who.name("en") if who else "",
        capacity=span.capacity if span else None,
        vacancy=span.vacancy if span else None,
        from_day=span.from_day if span else None,
        until_day=span.until_day if span else None,
        points=[
            PointOut(
                id=one.point.id,
                service=one.point.service,
                number=one.point.number,
                customer=one.answer.customer_id,
                capacity=one.answer.capacity,
                vacancy=one.answer.vacancy,
            )
            for one in found.points
        ],
        acts=[
            ActOut(
                at=told.step.at,
                day=told.step.day,
                code=told.step.code,
                text_ar=stories.plain(told, found.names, language="ar"),
                text_en=stories.plain(told, found.names, language="en"),
                actor=told.actor_id,
                leaf=told.entry.id if told.entry else None,
                place=told.entry.index if told.entry else None,
            )
            for told in found.acts
        ],
    )
