"""Writing holds: always from a decision, never by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.sql import pipelined
from tahseel.recovery.clearance import events, queries, rules, store
from tahseel.recovery.clearance.models import Release
from tahseel.recovery.clearance.store import HoldRow
from tahseel.recovery.clearance.values import (
    Decision,
    Facts,
    Gate,
    HeldClaim,
    HeldNotice,
    HoldChange,
    OpenReport,
    Policy,
    Step,
)
from tahseel.registry.customers import queries as customers_queries
from tahseel.trust.audit.operations import audited, record_many
from tahseel.trust.audit.values import Leaf

BATCH = 1_000
Progress = Callable[[int, int], object]
_EVENTS = {
    Step.OPENED: events.HOLD_OPENED,
    Step.CHANGED: events.HOLD_CHANGED,
    Step.CLOSED: events.HOLD_CLOSED,
}


@audited("clearance.open_due_holds", subject="business_date")
def open_due_holds(
    *,
    actor: Actor,
    at: datetime,
    business_date: date,
    customer_ids: Sequence[UUID] | None = None,
    progress: Progress | None = None,
    policy: Policy | None = None,
) -> OpenReport:
    """Decide anew for every debtor who was ever notified; holds follow from the decisions.

    customer_ids: only these, from `queries.to_decide`, for a run that commits part by part. `at`
    must fall on `business_date` in Kuwait. `progress(done, total)` counts customers.
    """
    if local_day(at) != business_date:
        raise ValueError("holds are opened on the day on which they are decided")
    due = queries.to_decide(business_date) if customer_ids is None else customer_ids
    steps: list[Step] = []
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        changes = redecide(actor=actor, at=at, customer_ids=batch, policy=policy)
        steps += [change.step for change in changes]
        if progress:
            progress(min(start + BATCH, len(due)), len(due))
    counts = (steps.count(step) for step in (Step.OPENED, Step.CHANGED, Step.CLOSED))
    return OpenReport(len(due), *counts)


def redecide(
    *,
    actor: Actor,
    at: datetime,
    customer_ids: Collection[UUID],
    policy: Policy | None = None,
) -> list[HoldChange]:
    """Make the stored holds of some customers what the decision of this instant says.

    One transaction; two that touch the same customer queue behind each other's rows. Every hold
    that is opened, changed or closed is announced and leaves its own audit leaf.
    """
    policy = policy or rules.policy()
    deadline = functools.cache(working_calendar().legal_deadline)
    ids = sorted(customer_ids)
    with transaction.atomic(savepoint=False):
        stored = _stored(ids)
        known = queries.debts_of(
            actor=actor, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_ids=ids
        )
        changes = _Changes(at)
        for customer_id in sorted(stored.keys() | known.keys()):
            facts = known.get(customer_id)
            wanted = _wanted(facts, at, policy, deadline) if facts else {}
            changes.compare(customer_id, stored.get(customer_id, {}), wanted)
        with pipelined():
            made = changes.write()
            outbox.announce_many([_announcement(change, actor, at) for change in made])
            record_many([_leaf(change, actor, at) for change in made])
    return made


Key = tuple[Gate, UUID]
"""(gate, notice id)"""


def _stored(customer_ids: list[UUID]) -> dict[UUID, dict[Key, HoldRow]]:
    found: dict[UUID, dict[Key, HoldRow]] = {}
    for hold in store.lock_open_holds(customer_ids):
        found.setdefault(hold.customer_id, {})[hold.gate, hold.notice_id] = hold
    return found


def _wanted(
    facts: Facts, at: datetime, policy: Policy, deadline: rules.Deadline
) -> dict[Key, tuple[Decision, HeldNotice]]:
    """What should be held: one entry a gate and notice."""
    decisions = rules.decide_gates(facts=facts, policy=policy, as_of=at, deadline=deadline)
    return {
        (gate, notice.notice_id): (decision, notice)
        for gate, decision in decisions.items()
        for notice in decision.holds
    }


class _Changes:
    """The difference between what is stored and what is wanted, written in bulk."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._made: list[tuple[HoldRow, Step]] = []
        self._covered: list[tuple[UUID, HeldClaim]] = []

    def compare(
        self,
        customer_id: UUID,
        stored: dict[Key, HoldRow],
        wanted: dict[Key, tuple[Decision, HeldNotice]],
    ) -> None:
        gone = [hold for key, hold in stored.items() if key not in wanted]
        self._made += [(replace(hold, fils=0), Step.CLOSED) for hold in gone]
        for key, (decision, notice) in wanted.items():
            hold = stored.get(key)
            if hold is None:
                self._take(self._hold(customer_id, decision, notice), notice, Step.OPENED)
            elif hold.fils != notice.fils:
                self._take(replace(hold, fils=notice.fils), notice, Step.CHANGED)

    def _hold(self, customer_id: UUID, decision: Decision, notice: HeldNotice) -> HoldRow:
        hold_id = derived_id(notice.notice_id, "hold", decision.gate, self._at.isoformat())
        return HoldRow(
            id=hold_id,
            customer_id=customer_id,
            gate=decision.gate,
            notice_id=notice.notice_id,
            reference=rules.hold_reference(hold_id, local_day(self._at)),
            fils=notice.fils,
            policy=decision.policy or "",
            instrument=decision.instrument or "",
            opened_at=self._at,
        )

    def _take(self, hold: HoldRow, notice: HeldNotice, step: Step) -> None:
        self._made.append((hold, step))
        self._covered += [(hold.id, claim) for claim in notice.claims]

    def write(self) -> list[HoldChange]:
        """Write everything; returns the changes in the order in which they were found."""
        if not self._made:
            return []
        store.close_holds([hold.id for hold in self._of(Step.CLOSED)], self._at)
        store.change_holds([(hold.id, hold.fils) for hold in self._of(Step.CHANGED)])
        store.add_holds(self._of(Step.OPENED))
        store.cover(self._covered)
        indexes = customers_queries.blind_indexes(
            customer_ids={hold.customer_id for hold, _ in self._made}
        )
        return [
            HoldChange(
                h.id, h.customer_id, h.gate, h.reference, h.fils, step, indexes[h.customer_id]
            )
            for h, step in self._made
        ]

    def _of(self, wanted: Step) -> list[HoldRow]:
        return [hold for hold, step in self._made if step is wanted]


def _facts_of(change: HoldChange) -> dict[str, object]:
    return {
        "customer_ids": [str(change.customer_id)],
        "gate": str(change.gate),
        "reference": change.reference,
        "amount_fils": change.fils,
    }


def _announcement(change: HoldChange, actor: Actor, at: datetime) -> outbox.Announcement:
    name, subject = _EVENTS[change.step], str(change.hold_id)
    facts = {**_facts_of(change), "by": actor.id}
    return outbox.Announcement(new_id(at), at, name, subject, None, facts)


def _leaf(change: HoldChange, actor: Actor, at: datetime) -> Leaf:
    return Leaf(
        id=new_id(at),
        at=at,
        actor=actor,
        action=f"clearance.hold_{change.step}",
        subject=str(change.hold_id),
        outcome="done",
        purpose=None,
        facts=_facts_of(change),
    )


@audited("clearance.record_answer", subject="customer_id")
def record_answer(*, actor: Actor, at: datetime, customer_id: UUID) -> int:
    """A desk saw the gateway answer "clear": ends the person's open timelines; returns how many."""
    return Release.objects.filter(customer_id=customer_id, answered_at__isnull=True).update(
        answered_at=at
    )
