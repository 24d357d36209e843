"""Who is liable for the service points of a unit on a day, and the acts that made it so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tahseel.channels.timeline import queries as stories
from tahseel.channels.timeline.rules import purpose_of
from tahseel.channels.timeline.values import Kind, Names, Told, Wanted
from tahseel.kernel.actor import Actor
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.operations import UnitUnknown
from tahseel.registry.premises.values import ServicePointView
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import Answer, LiabilitySpan

NOBODY = Names()


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """One service point: who is liable on the day, or why nobody is."""

    point: ServicePointView
    answer: Answer


@dataclass(frozen=True, slots=True)
class LiableAnswer:
    """The one answer for a unit and a day.

    number, span: of the unit's account that day, if it has one; acts: those on the account up to
    the end of the day, the newest first and at most a page of them, each with its leaf of the log.
    """

    unit_id: UUID
    day: date
    points: tuple[PointAnswer, ...]
    number: str
    span: LiabilitySpan | None
    who: CustomerView | None
    acts: tuple[Told, ...]
    names: Names


def liable(*, actor: Actor, at: datetime, unit_id: UUID, day: date) -> LiableAnswer:
    """The answer, its read recorded before it is given. Raises UnitUnknown."""
    if unit_id not in premises.units(unit_ids=[unit_id]):
        raise UnitUnknown()
    views = premises.service_points(unit_ids=[unit_id], day=day).get(unit_id, [])
    found = supply.liable_for(service_point_ids=[view.id for view in views], day=day)
    points = tuple(PointAnswer(view, found[view.id][0]) for view in views)
    account = supply.accounts_of_units(unit_ids=[unit_id], day=day).get(unit_id)
    if account is None:
        return LiableAnswer(unit_id, day, points, "", None, None, (), NOBODY)
    span = supply.liability_on(account_id=account.id, day=day)
    who = None
    if span is not None and span.customer_id is not None:
        who = customers.by_id(
            actor=actor, at=at, purpose=purpose_of(actor), customer_id=span.customer_id
        )
    story = stories.story(
        actor=actor, at=at, purpose=purpose_of(actor), kind=Kind.ACCOUNT, id=account.id,
        wanted=Wanted(family="supply", until=day),
    )  # fmt: skip
    return LiableAnswer(unit_id, day, points, account.number, span, who, story.told, story.names)
