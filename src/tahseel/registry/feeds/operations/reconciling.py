"""A day compared with the registry's own figures, and the alarm when a registry says nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.registry.feeds import events, queries, rules
from tahseel.registry.feeds.models import Cursor, Reconciliation
from tahseel.registry.feeds.values import Answer, Reconciled
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


@audited("feeds.reconcile", subject="registry")
def reconcile(
    *, actor: Actor, at: datetime, registry: str, day: date, answer: Answer
) -> Reconciled:
    """Compare what came for a day with the registry's figures, and keep the comparison.

    Found again as it was, it is not kept twice. Raises Fault when the answer holds no figures.
    """
    require_duty(actor, "feeds.reconcile")
    known = rules.registries()[registry]
    theirs = rules.read_control(registry=known, body=answer.body, day=day)
    ours = queries.control(registry=registry, day=day)
    found = rules.differences(ours, theirs)
    done = Reconciled(registry, day, ours, theirs, found, at)
    before = queries.last_reconciled(registry=registry, day=day)
    note(day=day.isoformat(), count=ours.count, expected=theirs.count, differences=list(found))
    if before is not None and (before.ours, before.theirs) == (ours, theirs):
        return before
    Reconciliation.objects.create(
        id=new_id(at),
        registry=registry,
        day=day,
        ours=asdict(ours),
        theirs=asdict(theirs),
        differences=list(found),
        at=at,
    )
    if found:
        events.differs(registry=registry, day=day, differences=found, at=at)
    return done


@audited("feeds.note_silence", subject="registry")
def note_silence(*, actor: Actor, at: datetime, registry: str, newest_on: date | None) -> bool:
    """Tell that a registry has gone silent, once a day; True when it was told now."""
    require_duty(actor, "feeds.note_silence")
    cursor, _ = Cursor.objects.select_for_update().get_or_create(
        registry=registry, defaults={"cursor": queries.FIRST}
    )
    today = local_day(at)
    if cursor.silence_told_on == today:
        return False
    cursor.silence_told_on = today
    cursor.save(update_fields=["silence_told_on"])
    events.silent(registry=registry, newest_on=newest_on, at=at)
    note(newest_on=newest_on.isoformat() if newest_on else None)
    return True
