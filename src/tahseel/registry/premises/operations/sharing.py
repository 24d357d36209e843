"""Landlord-metered units: supplied through the service point of another unit, from day to day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.premises import events, queries, watching
from tahseel.registry.premises.models import Feed
from tahseel.registry.premises.operations import settled
from tahseel.registry.premises.operations.adding import standing_unit
from tahseel.registry.premises.values import RESHARE, Resharing
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

SHARE_MAX = 1_000_000


class NotShareable(Refusal):
    """The point is in another building or serves the unit itself, or the unit has its own."""

    code = "not_shareable"
    text_ar = "لا يمكن تغذية الوحدة من هذه النقطة ({reason})"
    text_en = "The unit cannot be supplied through this point ({reason})"
    http_status = 409


@audited("premises.supply_through", subject="unit_id")
def supply_through(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    point_id: UUID,
    unit_id: UUID,
    from_day: date,
    share: int = 1,
) -> None:
    """From a day on a unit has its supply through the point, and so the meter, of another.

    The other unit then counts one dwelling more, or pays as a shop does (see `sharing`). share: the
    unit's weight when the meter's quantity is allotted. Raises UnitUnknown, UnitGone, NotShareable;
    PastNeedsSecondPerson for months that are determined or billed.
    """
    require_duty(actor, "premises.supply_through")
    act = Resharing(id, unit_id, point_id, _supplier(point_id, from_day), from_day, share)
    _alone(actor=actor, at=at, act=act)


@audited("premises.separate_supply", subject="unit_id")
def separate_supply(
    *, actor: Actor, at: datetime, unit_id: UUID, point_id: UUID, on_day: date
) -> None:
    """End it; `on_day` is the first day without. The unit gets a point of its own, or none.

    Raises NotShareable when the unit is not supplied through the point on the day before;
    PastNeedsSecondPerson for months that are determined or billed.
    """
    require_duty(actor, "premises.separate_supply")
    act = Resharing(None, unit_id, point_id, _supplier(point_id, on_day), on_day)
    _alone(actor=actor, at=at, act=act)


def _supplier(point_id: UUID, day: date) -> UUID:
    """The unit that a point serves on a day. Raises NotShareable."""
    placed = queries.point_placements(ids=[point_id]).get(point_id, [])
    point = next((view for view in placed if day in view), None)
    if point is None:
        raise NotShareable(reason="the point serves no other unit on that day")
    return point.unit_id


def check(act: Resharing) -> None:
    """Changes nothing. Raises as `supply_through` and `separate_supply`."""
    if act.id is None:
        if not _going_on(act).exists():
            raise NotShareable(reason="the unit is not supplied through this point")
        return
    placed = queries.point_placements(ids=[act.point_id]).get(act.point_id, [])
    point = next((view for view in placed if act.day in view), None)
    if point is None or point.unit_id == act.unit_id or point.unit_id != act.supplier_id:
        raise NotShareable(reason="the point serves no other unit on that day")
    unit, other = standing_unit(act.unit_id), standing_unit(point.unit_id)
    if other.premises_id != unit.premises_id:
        raise NotShareable(reason="the point is in another building")
    own = queries.service_points(unit_ids=[act.unit_id], day=act.day).get(act.unit_id, [])
    if any(view.service == point.service for view in own):
        raise NotShareable(reason="the unit has a point of its own")
    if not 1 <= act.share <= SHARE_MAX:
        raise NotShareable(reason="the share is out of range")


def carry_out(*, actor: Actor, at: datetime, act: Resharing) -> None:
    """Check it, write it, announce it, and tell whoever billed the days. Raises as `check`."""
    check(act)
    if act.id is None:
        _going_on(act).update(until_day=act.day)
        events.supply_separated(unit_id=act.unit_id, point_id=act.point_id, on_day=act.day, at=at)
    else:
        _feed(act.id, act)
        events.supply_shared(unit_id=act.unit_id, point_id=act.point_id, from_day=act.day, at=at)
    note(point=str(act.point_id), through=str(act.supplier_id), from_day=act.day.isoformat())
    watching.tell(actor=actor, at=at, change=act.change)


def _alone(*, actor: Actor, at: datetime, act: Resharing) -> None:
    check(act)
    settled.require_alone(actor=actor, at=at, change=act.change, agreed_by=RESHARE)
    carry_out(actor=actor, at=at, act=act)


def _going_on(act: Resharing) -> QuerySet[Feed]:
    return Feed.objects.filter(
        unit_id=act.unit_id, point_id=act.point_id, until_day=None, from_day__lt=act.day
    )


def _feed(feed_id: UUID, act: Resharing) -> None:
    points = queries.service_points(unit_ids=[act.supplier_id], day=act.day)[act.supplier_id]
    service = next(view.service for view in points if view.id == act.point_id)
    try:
        with transaction.atomic():
            Feed.objects.create(
                id=feed_id, point_id=act.point_id, unit_id=act.unit_id, service=str(service),
                share=act.share, from_day=act.day,
            )  # fmt: skip
    except bulk.BROKEN_RULES as broken:
        raise NotShareable(reason="the unit is supplied on these days") from broken
