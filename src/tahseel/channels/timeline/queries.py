"""One story from what every slice tells and what the audit log adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.safestring import SafeString

from tahseel.channels.timeline import rules, tellers, telling
from tahseel.channels.timeline.subjects import about, subject
from tahseel.channels.timeline.values import Kind, Names, Story, Told, Wanted
from tahseel.charging.billing import history as billing
from tahseel.kernel.actor import Actor
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Thing, merge, page
from tahseel.kernel.ids import unix_milliseconds, uuid7
from tahseel.kernel.period import local_day, start_of
from tahseel.registry.customers import queries as customer_queries
from tahseel.trust.access import queries as access
from tahseel.trust.audit import queries as audit
from tahseel.trust.audit.operations import record_read
from tahseel.trust.audit.values import Entry

SHOWN_MAX = 100
DAY_MIN = date(rules.YEAR_MIN, 1, 2)
ROUNDS_MAX = 10
READS_SHOWN_MAX = 200


def story(
    *,
    actor: Actor,
    at: datetime,
    purpose: str,
    kind: Kind,
    id: UUID,  # noqa: A002 - the id of the thing
    wanted: Wanted,
    limit: int = SHOWN_MAX,
) -> Story:
    """One page of the story, newest first; the read of it is in the log before it is told.

    Raises NotFound.
    """
    record_read(
        actor=actor, purpose=purpose, subject=str(id), at=at,
        facts={"of": "timeline", "kind": str(kind)},
    )  # fmt: skip
    whose = subject(actor=actor, at=at, purpose=purpose, kind=kind, id=id)
    found = about(kind=kind, id=id)
    told, further = _chosen(found, Thing(str(kind), id), at, wanted, min(limit, SHOWN_MAX))
    names = _names(told, actor=actor, at=at, purpose=purpose)
    return Story(whose, tuple(told), names, further)


def readers(*, actor: Actor, at: datetime, kind: Kind, id: UUID) -> list[Entry]:  # noqa: A002
    """Who read of a thing, when and why, the newest first; itself a read, recorded."""
    record_read(
        actor=actor, purpose="audit", subject=str(id), at=at,
        facts={"of": "readers", "kind": str(kind)},
    )  # fmt: skip
    return audit.entries_about(subjects=[id], is_read=True, limit=READS_SHOWN_MAX)


def _chosen(
    whole: About, thing: Thing, at: datetime, wanted: Wanted, limit: int
) -> tuple[list[Told], Mark | None]:
    """The steps asked for, page by page until there are enough, and where to go on."""
    before = wanted.before or _end_of(wanted, at)
    chosen: list[Told] = []
    for _ in range(ROUNDS_MAX):
        batch, more = _batch(whole, thing, before, wanted.family)
        for told in batch:
            if rules.fits(told.step, told.actor_id, family=wanted.family, who=wanted.who):
                chosen.append(told)
            before = told.step.mark
            if len(chosen) == limit:
                return chosen, before if more or told is not batch[-1] else None
        if not more:
            return chosen, None
    return chosen, before


def _end_of(wanted: Wanted, at: datetime) -> Mark:
    """The mark behind everything that may be told: a day's end, but never the future."""
    until = wanted.until
    if until is None or until >= local_day(at):
        return Mark(at + timedelta(microseconds=1), UUID(int=0), "")
    return Mark(start_of(max(until, DAY_MIN) + timedelta(days=1)), UUID(int=0), "")


def _batch(whole: About, thing: Thing, before: Mark | None, family: str) -> tuple[list[Told], bool]:
    """The next steps of all slices and of the log, with their leaves; whether more may follow.

    family: only those of one are read, so that a long story of others never hides them.
    """
    stories = [
        teller.steps(whole, before=before, limit=PAGE_MAX)
        for teller in tellers.tellers()
        if family in ("", tellers.family(teller))
    ]
    alone = _of_log(whole, thing, before) if family in ("", rules.LOG) else []
    stories.append([step for step, _ in alone])
    steps = merge(stories, limit=PAGE_MAX)
    more = len(steps) == PAGE_MAX
    steps = _without_doubles(whole, steps)
    known = {(step.id, step.code): entry for step, entry in alone}
    known |= rules.pair(steps, _leaves_for(steps))
    origin = _origin(whole)
    told = [
        Told(step, known.get((step.id, step.code)) or _origins_leaf(step, origin)) for step in steps
    ]
    return told, more


Origin = tuple[Step, Entry]


def _origin(whole: About) -> Origin | None:
    """How the thing came here from another system, with the leaf, if it did."""
    steps = [
        step
        for teller in tellers.origins()
        for step in teller.steps(whole, before=None, limit=PAGE_MAX)
    ]
    leaves = rules.pair(steps, _leaves_for(steps))
    paired = [(s, leaves[s.id, s.code]) for s in steps if (s.id, s.code) in leaves]
    return min(paired, key=lambda one: one[0].mark, default=None)


def _origins_leaf(step: Step, origin: Origin | None) -> Entry | None:
    return origin[1] if origin and rules.came_with(step, origin[0]) else None


def _of_log(whole: About, thing: Thing, before: Mark | None) -> list[tuple[Step, Entry]]:
    """What only the log tells, before a mark, newest first."""
    leaf, told = _leaf_before(before), tellers.acts_told()
    found: list[tuple[Step, Entry]] = []
    for _ in range(ROUNDS_MAX):
        entries = audit.entries_about(subjects=whole.ids, before=leaf, limit=PAGE_MAX)
        fresh = rules.acts_alone(entries, thing, told=told)
        found += [one for one in fresh if before is None or one[0].mark < before]
        if len(entries) < PAGE_MAX or len(found) >= PAGE_MAX:
            break
        leaf = entries[-1].id
    by_mark = {step.mark: (step, entry) for step, entry in found}
    kept = page((step for step, _ in found), before=before, limit=PAGE_MAX)
    return [by_mark[step.mark] for step in kept]


def _leaf_before(before: Mark | None) -> UUID | None:
    """A leaf id behind every leaf of the mark's millisecond."""
    if before is None:
        return None
    return uuid7(unix_ms=unix_milliseconds(before.at) + 1, random_bits=0)


def _without_doubles(whole: About, steps: Sequence[Step]) -> list[Step]:
    """Leaves out the claim that a bill opened: the bill tells of it."""
    claimed = [step.id for step in steps if step.code == "claims.opened"]
    if not claimed:
        return list(steps)
    billed = billing.claims_told(account_ids=whole.accounts, claim_ids=claimed)
    return [s for s in steps if s.code != "claims.opened" or s.id not in billed]


def _leaves_for(steps: Sequence[Step]) -> list[Entry]:
    """Leaves among which those of the steps are: by subject, and by instant for acts on many."""
    acting = [(step, step.act) for step in steps if step.act is not None]
    named = {UUID(act.subject) for _, act in acting if act.subject}
    actions = {action for _, act in acting for action in act.actions}
    found = audit.entries_about(subjects=named, only=actions) if named else []
    instants = {at for step, _ in acting if (at := rules.instant_of(step)) is not None}
    exact = [
        (UUID(act.subject), moment)
        for step, act in acting
        if act.subject and (moment := rules.instant_of(step)) is not None
    ]
    return [
        *audit.entries_at(moments=exact),
        *found,
        *audit.entries_during(instants=instants, actions=actions),
    ]


def _names(told: Iterable[Told], *, actor: Actor, at: datetime, purpose: str) -> Names:
    """Names of whom the page mentions: a read of those customers, recorded as one."""
    listed = list(told)
    mentioned = {UUID(str(t.step.facts["customer"])) for t in listed if "customer" in t.step.facts}
    people = (
        customer_queries.by_ids(actor=actor, at=at, purpose=purpose, customer_ids=mentioned)
        if mentioned
        else {}
    )
    return Names(
        customers={str(id_): (who.name("ar"), who.name("en")) for id_, who in people.items()},
        actors=access.labels_of({t.actor_id for t in listed}),
    )


def sentence(told: Told, names: Names) -> SafeString:
    """A step as a page of the active language says it."""
    return telling.sentence(told.step, names)


def plain(told: Told, names: Names, *, language: str) -> str:
    """A step as plain text, "ar" or "en"."""
    return telling.plain(told.step, names, language=language)


def actor_of(told: Told, names: Names) -> str:
    """Who did it, in words of the active language."""
    return telling.actor(told, names)
