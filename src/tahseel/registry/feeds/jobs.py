"""The night's work: every registry read to its end, records applied, days compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from tahseel.kernel.actor import Actor, system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.errors import Fault
from tahseel.kernel.period import local_day
from tahseel.registry.feeds import fetching, operations, queries, rules
from tahseel.registry.feeds.values import Received, Registry, Standing

LOG = structlog.get_logger("feeds")
ACTOR = system("registry-feeds")
PAGES_MAX = 10_000
STALLS_MAX = 5
PART = 5_000
DATABASE_AWAY = (OperationalError, InterfaceError)


def night(at: datetime, day: date) -> Mapping[str, Any]:
    """Read, apply, compare. One registry's trouble keeps no other from any of the three.

    Every step commits by itself and may be repeated. Raises Fault when a registry did not answer
    to its end: the day's work is then tried again.
    """
    connected = [registry for registry in rules.registries().values() if registry.connected]
    told: dict[str, Any] = {"connected": len(connected)}
    troubles: dict[str, str] = {}
    fresh = 0
    for registry in connected:
        with _alone(registry, troubles):
            fresh += read(registry=registry, at=at)
    told["new"] = fresh
    told.update(apply_waiting(at=at))
    differing: list[str] = []
    silent: list[str] = []
    for registry in connected:
        if registry.code not in troubles:
            with _alone(registry, troubles):
                differing += compare(registry=registry, at=at, day=day)
        with _alone(registry, troubles):
            silent += listen(registry=registry, at=at)
    if troubles:
        raise Fault("; ".join(troubles.values()), retry=True)
    return {**told, "differing": differing, "silent": silent}


@contextmanager
def _alone(registry: Registry, troubles: dict[str, str]) -> Iterator[None]:
    """What goes wrong with a registry is written down under its code, and the night goes on."""
    try:
        yield
    except Fault as fault:
        troubles.setdefault(registry.code, fault.message)
        LOG.warning("registry not done to its end", registry=registry.code, why=fault.message)
    except DATABASE_AWAY:
        raise
    except Exception as error:  # what one registry does to us must not end the others' night
        troubles.setdefault(registry.code, f"{registry.code}: {type(error).__name__}")
        LOG.exception("a registry did what nobody foresaw", registry=registry.code)


def read(*, registry: Registry, at: datetime, actor: Actor = ACTOR) -> int:
    """Every page that follows the cursor; returns how many versions were new. Raises Fault."""
    fresh = stalls = 0
    for _ in range(PAGES_MAX):
        after = queries.cursor(registry=registry.code)
        received = _receive(registry, after, at, actor)
        fresh += received.new
        if not received.more:
            return fresh
        stalls = stalls + 1 if received.following == after else 0
        if stalls >= STALLS_MAX:
            break
    raise Fault(f"{registry.code} gives the same page again and again", retry=True)


def _receive(registry: Registry, after: str, at: datetime, actor: Actor) -> Received:
    answer = fetching.page(registry=registry, after=after)
    return operations.receive_page(
        actor=actor, at=at, registry=registry.code, answer=answer, after=after
    )


def apply_waiting(
    *,
    at: datetime,
    actor: Actor = ACTOR,
    standings: Collection[Standing] = rules.RETRIED,
    unreadable: bool = False,
) -> dict[str, int]:
    """Apply what waits, the oldest first; counts by standing. What fails has parked itself.

    unreadable: also what could not be read when it came, as it is read now.
    """
    concerning, others = queries.waiting(standings=standings, unreadable=unreadable)
    counts: Counter[str] = Counter()
    for n in range(0, len(others), PART):
        operations.set_aside(actor=actor, at=at, record_ids=others[n : n + PART])
    for record_id in concerning:
        counts[str(_apply(record_id, at, actor))] += 1
    return {**{str(s): counts[str(s)] for s in (Standing.APPLIED, Standing.PARKED)},
            "unconcerned": len(others)}  # fmt: skip


def _apply(record_id: UUID, at: datetime, actor: Actor) -> Standing:
    """Apply one; what nobody foresaw parks this record, and the next one has its turn."""
    try:
        return operations.apply_record(actor=actor, at=at, record_id=record_id)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        LOG.exception("a record failed in a way nobody foresaw", record=str(record_id))
        return operations.park_failed(
            actor=actor, at=at, record_id=record_id, error=type(error).__name__
        )


def compare(*, registry: Registry, at: datetime, day: date) -> list[str]:
    """Compare every day before this one that was not yet found equal; "registry day: what"."""
    differing = []
    for past in queries.days_to_reconcile(registry=registry.code, today=day):
        answer = fetching.control(registry=registry, day=past.isoformat())
        done = operations.reconcile(
            actor=ACTOR, at=at, registry=registry.code, day=past, answer=answer
        )
        if done.differences:
            differing.append(f"{registry.code} {past}: {', '.join(done.differences)}")
            LOG.error("a day of a registry differs", registry=registry.code, day=str(past))
    return differing


def listen(*, registry: Registry, at: datetime) -> list[str]:
    """Tell when a registry has said nothing new for longer than it is ever quiet."""
    newest = queries.newest_on(registry=registry.code)
    today = local_day(at)
    if not rules.is_silent(
        registry=registry, newest_on=newest, today=today, calendar=working_calendar()
    ):
        return []
    if operations.note_silence(actor=ACTOR, at=at, registry=registry.code, newest_on=newest):
        LOG.error("a registry is silent", registry=registry.code, newest_on=str(newest))
    return [registry.code]


FEEDS = DayJob("feeds.night", night, Missed.COVERED, in_parts=True)
JOBS = (FEEDS,)
