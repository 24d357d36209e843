"""Writing holds: always from a decision, never by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from tahseel.books.claims import queries as claims_queries
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.period import local_day
from tahseel.recovery.clearance import events, queries, rules
from tahseel.recovery.clearance.models import Hold, HoldClaim, Release
from tahseel.recovery.clearance.values import (
    Decision,
    Facts,
    Gate,
    HeldNotice,
    HoldChange,
    OpenReport,
    Policy,
    Step,
)
from tahseel.recovery.collections import queries as collections_queries
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
    progress: Progress | None = None,
    policy: Policy | None = None,
) -> OpenReport:
    """Decide anew for every debtor who was ever notified; holds follow from the decisions.

    `at` must fall on `business_date` in Kuwait. `progress(done, total)` counts customers.
    """
    if local_day(at) != business_date:
        raise ValueError("holds are opened on the day on which they are decided")
    told = set(collections_queries.customers_notified(issued_by=business_date))
    due = [d.customer_id for d in claims_queries.debtors(business_date) if d.customer_id in told]
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
    ids = sorted(customer_ids)
    with transaction.atomic():
        stored = _locked_holds(ids)
        known = queries.facts_of(
            actor=actor, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_ids=ids
        )
        changes = _Changes(at)
        for customer_id in ids:
            person = known.get(customer_id)
            wanted = _wanted(person.facts, at, policy) if person else {}
            index = person.index if person else None
            changes.compare(customer_id, index, stored.get(customer_id, {}), wanted)
        changes.write()
        outbox.announce_many([_announcement(change, actor, at) for change in changes.made])
        record_many([_leaf(change, actor, at) for change in changes.made])
    return changes.made


Key = tuple[Gate, UUID]
"""(gate, notice id)"""


def _locked_holds(customer_ids: list[UUID]) -> dict[UUID, dict[Key, Hold]]:
    rows = Hold.objects.select_for_update().filter(
        customer_id__in=customer_ids, closed_at__isnull=True
    )
    found: dict[UUID, dict[Key, Hold]] = {}
    for row in rows.order_by("id"):
        found.setdefault(row.customer_id, {})[Gate(row.gate), row.notice_id] = row
    return found


def _wanted(facts: Facts, at: datetime, policy: Policy) -> dict[Key, tuple[Decision, HeldNotice]]:
    """What should be held: one entry a gate and notice."""
    deadline = working_calendar().legal_deadline
    wanted = {}
    for gate in Gate:
        decision = rules.decide(facts=facts, gate=gate, policy=policy, as_of=at, deadline=deadline)
        for notice in decision.holds:
            wanted[gate, notice.notice_id] = (decision, notice)
    return wanted


class _Changes:
    """The difference between what is stored and what is wanted, written in bulk."""

    def __init__(self, at: datetime) -> None:
        self.made: list[HoldChange] = []
        self._at = at
        self._opened: list[Hold] = []
        self._changed: list[Hold] = []
        self._closed: list[UUID] = []
        self._index: bytes | None = None
        self._claims: list[HoldClaim] = []

    def compare(
        self,
        customer_id: UUID,
        index: bytes | None,
        stored: dict[Key, Hold],
        wanted: dict[Key, tuple[Decision, HeldNotice]],
    ) -> None:
        self._index = index
        for key in stored.keys() - wanted.keys():
            self._close(stored[key])
        for key, (decision, notice) in wanted.items():
            hold = stored.get(key)
            if hold is None:
                self._open(customer_id, decision, notice)
            elif hold.amount_fils != notice.fils:
                hold.amount_fils = notice.fils
                self._changed.append(hold)
                self._cover(hold, notice)
                self._note(hold, Step.CHANGED)

    def _open(self, customer_id: UUID, decision: Decision, notice: HeldNotice) -> None:
        hold_id = derived_id(notice.notice_id, "hold", decision.gate, self._at.isoformat())
        hold = Hold(
            id=hold_id,
            customer_id=customer_id,
            gate=decision.gate,
            notice_id=notice.notice_id,
            reference=rules.hold_reference(hold_id, local_day(self._at)),
            amount_fils=notice.fils,
            policy=decision.policy or "",
            instrument=decision.instrument or "",
            opened_at=self._at,
        )
        self._opened.append(hold)
        self._cover(hold, notice)
        self._note(hold, Step.OPENED)

    def _close(self, hold: Hold) -> None:
        self._closed.append(hold.id)
        self._note(hold, Step.CLOSED)

    def _cover(self, hold: Hold, notice: HeldNotice) -> None:
        for claim in notice.claims:
            self._claims.append(
                HoldClaim(
                    id=derived_id(hold.id, str(claim.account_id), str(claim.claim_id)),
                    hold=hold,
                    account_id=claim.account_id,
                    claim_id=claim.claim_id,
                    reference=claim.reference,
                    fils=claim.fils,
                )
            )

    def _note(self, hold: Hold, step: Step) -> None:
        fils = 0 if step is Step.CLOSED else hold.amount_fils
        gate = Gate(hold.gate)
        change = HoldChange(
            hold.id, hold.customer_id, gate, hold.reference, fils, step, self._index
        )
        self.made.append(change)

    def write(self) -> None:
        if self._closed:
            end = Greatest(Value(self._at), F("opened_at"))
            Hold.objects.filter(pk__in=self._closed).update(closed_at=end)
        if self._changed:
            HoldClaim.objects.filter(hold__in=self._changed).delete()
            Hold.objects.bulk_update(self._changed, ["amount_fils"], batch_size=BATCH)
        Hold.objects.bulk_create(self._opened, batch_size=BATCH)
        HoldClaim.objects.bulk_create(self._claims, batch_size=BATCH)


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
