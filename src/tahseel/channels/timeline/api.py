"""The story as JSON: the same query, the same guards, the same record of the read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from tahseel.channels.timeline import queries, rules, telling
from tahseel.channels.timeline.forms import FAMILIES
from tahseel.channels.timeline.rules import purpose_of
from tahseel.channels.timeline.values import ROLES, Kind, Names, Story, Told, Wanted
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import DAY_MAX, DAY_MIN
from tahseel.trust.access.guards import GuardedRequest

router = Router(tags=["timeline"])
LIMIT_MAX = queries.SHOWN_MAX
FAMILY = "|".join(name for name in FAMILIES if name)
Value = str | int | bool | None


class PageUnknown(Refusal):
    """`before` is no mark of ours."""

    code = "page_unknown"
    text_ar = "هذه الصفحة من السجل غير موجودة"
    text_en = "This page of the story is not there"
    http_status = 404


class ThingOut(Schema):
    """A kind and an id; other kinds than those of stories have pages of their own."""

    kind: str
    id: UUID


class SubjectOut(ThingOut):
    """The thing whose story it is. reference: its number or serial, where it has one."""

    name_ar: str
    name_en: str
    reference: str


class ActorOut(Schema):
    """Who did it. Names are those of staff; a job names itself by its id."""

    id: str
    name_ar: str
    name_en: str


class LeafOut(Schema):
    """The audit leaf that tells of the step. place: null until it is under a root."""

    id: UUID
    place: int | None
    outcome: str


class StepOut(Schema):
    """One step. at: the beginning of its day where only the day is known (`dated`)."""

    at: datetime
    day: date
    dated: bool
    code: str
    text_ar: str
    text_en: str
    about: ThingOut
    facts: dict[str, Value]
    actor: ActorOut | None
    leaf: LeafOut | None


class StoryOut(Schema):
    """One page of a story, newest first. next: what to send as `before` for the next page."""

    subject: SubjectOut
    steps: list[StepOut]
    next: str | None


class RefusalOut(Schema):
    """Why not, in both languages."""

    code: str
    text_ar: str
    text_en: str
    facts: dict[str, Value]


Refused = dict.fromkeys((401, 403, 404, 422), RefusalOut)


class Filters(Schema):
    """What of a story is asked for. until: a day beyond the calendar counts as its last one."""

    family: Annotated[str | None, Field(pattern=f"^({FAMILY})$")] = None
    who: Annotated[str | None, Field(max_length=100)] = None
    until: date | None = None
    before: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_MAX


@router.get(
    "/timeline/{kind}/{id}",
    response={200: StoryOut, **Refused},
    operation_id="timeline",
    summary="The story of a person, a unit, a meter or an account",
)
def timeline(
    request: HttpRequest,
    kind: Path[Kind],
    id: Path[UUID],  # noqa: A002 - the id of the thing
    filters: Query[Filters],
) -> StoryOut:
    """Newest first. The read is recorded with your name and purpose before it is answered."""
    known = cast("GuardedRequest", request)
    found = queries.story(
        actor=known.actor,
        at=known.at,
        purpose=purpose_of(known.actor),
        kind=kind,
        id=id,
        wanted=_wanted(filters),
        limit=filters.limit,
    )
    return _story(found)


timeline.roles = ROLES  # type: ignore[attr-defined]  # for the guard of the route


def _wanted(filters: Filters) -> Wanted:
    try:
        before = rules.mark_of(filters.before) if filters.before else None
    except ValueError as error:
        raise PageUnknown from error
    until = min(max(filters.until, DAY_MIN), DAY_MAX) if filters.until else None
    return Wanted(filters.family or "", filters.who or "", until, before)


def _story(found: Story) -> StoryOut:
    whose = found.subject
    return StoryOut(
        subject=SubjectOut(
            kind=whose.kind,
            id=whose.id,
            name_ar=whose.name_ar,
            name_en=whose.name_en,
            reference=whose.reference,
        ),
        steps=[_step(told, found.names) for told in found.told],
        next=rules.mark_text(found.further) if found.further else None,
    )


def _step(told: Told, names: Names) -> StepOut:
    step, entry = told.step, told.entry
    return StepOut(
        at=step.at,
        day=step.day,
        dated=rules.is_dated(step),
        code=step.code,
        text_ar=telling.plain(step, names, language="ar"),
        text_en=telling.plain(step, names, language="en"),
        about=ThingOut(kind=step.subject.kind, id=step.subject.id),
        facts=dict(step.facts),
        actor=_actor(told, names),
        leaf=LeafOut(id=entry.id, place=entry.index, outcome=entry.outcome) if entry else None,
    )


def _actor(told: Told, names: Names) -> ActorOut | None:
    if not told.actor_id:
        return None
    ar, en = names.actors.get(told.actor_id, (told.actor_id, told.actor_id))
    return ActorOut(id=told.actor_id, name_ar=ar, name_en=en)
