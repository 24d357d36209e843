"""Landlord-metered units: supplied through the service point of another unit, from day to day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.premises import events, queries
from tahseel.registry.premises.models import Feed
from tahseel.registry.premises.operations.adding import standing_unit
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
    unit's weight when the meter's quantity is allotted. Raises UnitUnknown, UnitGone, NotShareable.
    """
    require_duty(actor, "premises.supply_through")
    unit = standing_unit(unit_id)
    placed = queries.point_placements(ids=[point_id]).get(point_id, [])
    point = next((view for view in placed if from_day in view), None)
    if point is None or point.unit_id == unit_id:
        raise NotShareable(reason="the point serves no other unit on that day")
    other = standing_unit(point.unit_id)
    if other.premises_id != unit.premises_id:
        raise NotShareable(reason="the point is in another building")
    own = queries.service_points(unit_ids=[unit_id], day=from_day).get(unit_id, [])
    if any(view.service == point.service for view in own):
        raise NotShareable(reason="the unit has a point of its own")
    if not 1 <= share <= SHARE_MAX:
        raise NotShareable(reason="the share is out of range")
    try:
        with transaction.atomic():
            Feed.objects.create(
                id=id, point_id=point_id, unit_id=unit_id, service=str(point.service),
                share=share, from_day=from_day,
            )  # fmt: skip
    except bulk.BROKEN_RULES as broken:
        raise NotShareable(reason="the unit is supplied on these days") from broken
    note(point=str(point_id), through=str(point.unit_id), from_day=from_day.isoformat())
    events.supply_shared(unit_id=unit_id, point_id=point_id, from_day=from_day, at=at)


@audited("premises.separate_supply", subject="unit_id")
def separate_supply(
    *, actor: Actor, at: datetime, unit_id: UUID, point_id: UUID, on_day: date
) -> None:
    """End it; `on_day` is the first day without. The unit gets a point of its own, or none.

    Raises NotShareable when the unit is not supplied through the point on the day before.
    """
    require_duty(actor, "premises.separate_supply")
    feeds = Feed.objects.select_for_update().filter(
        unit_id=unit_id, point_id=point_id, until_day=None, from_day__lt=on_day
    )
    if not feeds.update(until_day=on_day):
        raise NotShareable(reason="the unit is not supplied through this point")
    note(point=str(point_id), on_day=on_day.isoformat())
    events.supply_separated(unit_id=unit_id, point_id=point_id, on_day=on_day, at=at)
