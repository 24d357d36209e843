"""The course of a release, measured: captured, posted, numbered, decided, applied, answered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.channels.desk.values import Released
from tahseel.channels.pages.values import Step
from tahseel.kernel.actor import Actor, Purpose
from tahseel.recovery.clearance import operations as clearing
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance.values import Gate

MILLISECOND = timedelta(milliseconds=1)
APPLIED_WAIT_S_MAX = 0.5
APPLIED_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class Instants:
    """When each step of a release was; None is not known, or not yet."""

    paid: bool
    captured_at: datetime | None
    posted_at: datetime
    sequenced_at: datetime
    decided_at: datetime
    applied_at: datetime | None
    answered_at: datetime | None


def released(
    *,
    actor: Actor,
    at: datetime,
    customer_id: UUID,
    gate: Gate,
    reference: str,
    watched: bool,
) -> Released | None:
    """The release of the hold that was seen; records that this desk got the answer "clear" `at`.

    watched: the screen was asking all the time, so the answer itself is measured; otherwise the
    replica's last step is. None while no release of that hold is known.
    """
    holds = clearance.holds_of(
        actor=actor, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_id=customer_id, closed=True
    )
    mine = [h.id for h in holds if h.gate == gate and h.reference == reference and h.closed_at]
    row = _applied(mine[-1]) if mine else None
    if row is None:
        return None
    if row.answered_at is None:
        clearing.record_answer(actor=actor, at=at, customer_id=customer_id)
        row = _instants(mine[-1]) or row
    end = row.answered_at if watched else row.applied_at
    return Released(reference, _ms(row.posted_at, end) if row.paid else None, _course(row))


def _instants(hold_id: UUID) -> Instants | None:
    row = clearance.release_of(hold_id=hold_id)
    if row is None:
        return None
    return Instants(
        paid=row.payment_id is not None,
        captured_at=row.captured_at,
        posted_at=row.posted_at,
        sequenced_at=row.sequenced_at,
        decided_at=row.decided_at,
        applied_at=row.applied_at,
        answered_at=row.answered_at,
    )


def _applied(hold_id: UUID) -> Instants | None:
    """The row, waiting a moment for the projector: it notes its last step after the gateway knows.

    Bounded; without the note the row is shown as it is.
    """
    end = time.monotonic() + APPLIED_WAIT_S_MAX
    row = _instants(hold_id)
    while row is not None and row.applied_at is None and time.monotonic() < end:
        time.sleep(APPLIED_PAUSE_S)
        row = _instants(hold_id)
    return row


def _ms(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, (end - start) // MILLISECOND)


def _course(row: Instants) -> tuple[Step, ...]:
    """Each step with the milliseconds since the posting; a step that is not known yet waits."""
    named: list[tuple[str, datetime | None]] = [
        (_("Numbered in the event log"), row.sequenced_at),
        (_("Decided anew"), row.decided_at),
        (_("Applied to the gateway"), row.applied_at),
        (_("Answered: clear"), row.answered_at),
    ]
    if row.paid:
        named.insert(0, (_("Posted to the books"), row.posted_at))
    if row.captured_at:
        named.insert(0, (_("Captured by the payment gateway"), row.captured_at))
    return tuple(_step(name, at, row.posted_at) for name, at in named)


def _step(name: str, at: datetime | None, posted_at: datetime) -> Step:
    after = _ms(posted_at, at) if at and at > posted_at else None
    return Step(name, "done" if at else "waiting", at=at, took_ms=after)
