"""Which leaf tells of which step, and steps that only the log tells. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.history import Mark, Step, Thing
from tahseel.kernel.period import local_day, start_of
from tahseel.trust.audit.values import Entry, Outcome

LOG = "log"
BATCH = "_many"
YEAR_MIN, YEAR_MAX = 1900, 3000


def is_dated(step: Step) -> bool:
    """Whether only the day of a step is known: then `at` is the beginning of that day."""
    return step.at == start_of(step.day)


def instant_of(step: Step) -> datetime | None:
    """When a step was recorded, where a row says so: its leaf has the same instant."""
    recorded = step.facts.get("recorded_at")
    if isinstance(recorded, str):
        return datetime.fromisoformat(recorded)
    return None if is_dated(step) else step.at


def pair(steps: Iterable[Step], entries: Iterable[Entry]) -> dict[tuple[UUID, str], Entry]:
    """The leaf of each step that has one, by (id, code) of the step.

    A leaf fits by its action; of those that fit, the one of the step's instant that names its
    subject, else the one that names its subject and its day, else the only one that names it, else
    one of its instant that names nothing of the kind, as a batch does.
    """
    by_action: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.outcome is Outcome.DONE:
            by_action[entry.action].append(entry)
    found = {}
    for step in steps:
        if step.act is not None:
            fitting = [entry for action in step.act.actions for entry in by_action[action]]
            best = _best(step, step.act.subject, fitting)
            if best is not None:
                found[step.id, step.code] = best
    return found


def _best(step: Step, subject: str, fitting: Sequence[Entry]) -> Entry | None:
    naming = [entry for entry in fitting if subject and _names(entry, subject)]
    at = instant_of(step)
    day = step.day.isoformat()
    same = [entry for entry in naming if at is not None and _same_moment(entry, at)]
    dated = [entry for entry in naming if day in map(str, entry.facts.values())]
    alone = naming if at is None and len({entry.id for entry in naming}) == 1 else []
    batch = [entry for entry in fitting if at is not None and _same_moment(entry, at)]
    return next(iter([*same, *dated, *alone, *batch]), None)


def came_with(step: Step, origin: Step) -> bool:
    """Whether a step without a leaf of its own came with the batch that took its thing on."""
    acts = step.act.actions if step.act else ()
    return any(action.endswith(BATCH) for action in acts) and step.day <= origin.day


def _names(entry: Entry, subject: str) -> bool:
    return entry.subject == subject or subject in str(entry.facts)


def _same_moment(entry: Entry, at: datetime) -> bool:
    return abs((entry.at - at).total_seconds()) < 0.001


def acts_alone(
    entries: Iterable[Entry], thing: Thing, *, told: frozenset[str]
) -> list[tuple[Step, Entry]]:
    """Steps of what no row tells: acts without a step of their own, and whatever was not done.

    told: actions whose doing some slice's step tells already.
    """
    return [
        (_alone(entry, thing), entry)
        for entry in entries
        if entry.action not in told or entry.outcome is not Outcome.DONE
    ]


def _alone(entry: Entry, thing: Thing) -> Step:
    return Step(
        at=entry.at,
        day=local_day(entry.at),
        code=f"{LOG}:{entry.action}",
        id=entry.id,
        subject=thing,
        facts={"outcome": str(entry.outcome), "refusal": str(entry.facts.get("code", ""))},
        actor=entry.actor.id,
    )


def fits(step: Step, actor_id: str, *, family: str, who: str) -> bool:
    """Whether a step is among those asked for."""
    own = step.code.split(":")[0].split(".")[0]
    return (not family or family == own) and (not who or who == actor_id)


def mark_text(mark: Mark) -> str:
    """A mark as part of an address."""
    return f"{mark.at.isoformat()}~{mark.id}~{mark.code}"


def mark_of(text: str) -> Mark:
    """The mark again. Raises ValueError."""
    at, row, code = text.split("~")
    instant = datetime.fromisoformat(at)
    if instant.tzinfo is None or not YEAR_MIN < instant.year < YEAR_MAX:
        raise ValueError("not a mark")
    if len(code) > CODE_LENGTH_MAX or "\0" in code:
        raise ValueError("not a mark")
    return Mark(instant, UUID(row), code)


CODE_LENGTH_MAX = 100


def purpose_of(actor: Actor) -> Purpose:
    """Why a member of staff reads: the auditor audits, everybody else serves a customer."""
    return Purpose.AUDIT if actor.has("auditor") else Purpose.CUSTOMER_SERVICE
