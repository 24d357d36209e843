"""What charges listens to: fees that other slices found due are asked for by themselves.

A fee is asked for once for each cause, under an id that follows from it, and posted once a second
person agrees, as any other. What cannot be charged is refused in the log of acts, and stops
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tahseel.charging.charges import operations, rules
from tahseel.charging.charges.values import Raised
from tahseel.consumption.appointments import events as appointments_events
from tahseel.consumption.appointments import queries as appointments
from tahseel.consumption.appointments.values import State
from tahseel.consumption.metrology import events as metrology_events
from tahseel.consumption.metrology import queries as metrology
from tahseel.consumption.metrology.values import Verdict
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id, reference_letters
from tahseel.kernel.outbox import Event
from tahseel.kernel.period import Period
from tahseel.registry.supply import queries as supply

NAME = "charges"
ACTOR = system("fees")
BATCH_MAX = 200
LETTERS = 8
TEST = "test"
"""The reason of a visit for which a customer asks to have his meter tested."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What an event makes due on an account, and why."""

    account_id: UUID
    cause: str
    evidence: str


def step(*, at: datetime) -> bool:
    """Take the events that follow the cursor, past all others; True: maybe more."""
    with transaction.atomic():
        cursor, head = outbox.cursor_of(NAME), outbox.last_sequence()
        if head == cursor:
            return False
        known = {one.event: one for one in rules.catalogue().raised if one.event in _FEES}
        batches = [outbox.events_after(cursor, limit=BATCH_MAX, name=name) for name in known]
        full = [batch[-1].sequence for batch in batches if len(batch) == BATCH_MAX]
        until = min(full, default=head)
        for event in sorted((e for batch in batches for e in batch), key=lambda e: e.sequence):
            if event.sequence <= until:
                _raise(event, known[event.name], at)
        outbox.move_cursor(consumer=NAME, sequence=until, at=at)
    return bool(full)


def _raise(event: Event, raised: Raised, at: datetime) -> None:
    """The same event again finds the same request."""
    fee = _FEES[event.name](event, raised)
    if fee is None:
        return
    try:
        operations.ask(
            actor=ACTOR,
            at=at,
            approval_id=derived_id(fee.account_id, "fee", raised.kind, fee.cause),
            account_id=fee.account_id,
            kind=raised.kind,
            cause=fee.cause,
            amount=None,
            evidence=fee.evidence,
        )
    except Refusal:
        return  # its leaf says why; a person may still charge by hand


def _of_access(event: Event, raised: Raised) -> Fee | None:
    """Access refused in spite of appointment and notice."""
    case = appointments.access(access_id=UUID(event.subject))
    if case is None:
        return None
    letters = reference_letters(case.id, purpose="access", count=LETTERS)
    evidence = (
        f"زيارات دون تمكين: {case.refusals}، منذ {case.opened_on} |"
        f" Visits in vain: {case.refusals}, since {case.opened_on}"
    )
    return Fee(case.account_id, letters, evidence)


def _of_test(event: Event, raised: Raised) -> Fee | None:
    """A test for which the customer asked, and the meter was in order."""
    test = metrology.meter_test(test_id=UUID(str(event.facts["test"])))
    if test is None or test.verdict is not Verdict.PASSED:
        return None
    day = test.tested_on
    hung = supply.accounts_at_meters(
        meter_ids=[test.meter_id], period=Period(day, day + timedelta(days=1))
    )
    since = day - timedelta(days=raised.asked_within_days)
    visits = appointments.bookings_of(account_ids=[one.account_id for one in hung], from_day=since)
    asked = [
        visit
        for visit in visits
        if visit.reason == TEST and visit.state is not State.CANCELLED and visit.day <= day
    ]
    if not asked:
        return None
    visit = max(asked, key=lambda one: (one.day, one.id))
    evidence = f"طُلب الفحص في {visit.day}، الشهادة | Asked for on {visit.day}, certificate"
    return Fee(visit.account_id, test.certificate, f"{evidence} {test.certificate}")


_FEES: Mapping[str, Callable[[Event, Raised], Fee | None]] = {
    appointments_events.CHARGED: _of_access,
    metrology_events.TESTED: _of_test,
}
