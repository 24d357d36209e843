"""Handing waiting messages to their carriers, one after another, and clearing doubtful claims."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import system
from tahseel.kernel.errors import Fault
from tahseel.kernel.transport import NotReached
from tahseel.trust.notices import carriers, operations, queries
from tahseel.trust.notices.carriers import Carrier, Declined
from tahseel.trust.notices.values import Message

ACTOR = system("messenger")
BATCH_MAX = 50


def hand_over_waiting(*, at: datetime) -> int:
    """Hand over what is due, at most BATCH_MAX; returns how many were tried.

    Claims whose process died are closed as doubtful first.
    """
    for notice_id in queries.stale_claims(at=at, limit=BATCH_MAX):
        operations.record_not_handed(
            actor=ACTOR,
            at=at,
            notice_id=notice_id,
            reason="the process died while handing over",
            certain=False,
            retry=False,
        )
    known = carriers.installed()
    due = queries.due_messages(channels=list(known), at=at, limit=BATCH_MAX)
    return sum(_hand_over(notice_id, known[channel], at) for notice_id, channel in due)


def _hand_over(notice_id: UUID, carrier: Carrier, at: datetime) -> int:
    message = operations.claim(actor=ACTOR, at=at, notice_id=notice_id)
    if message is None:
        return 0
    try:
        proof = carrier.hand_over(message)
    except Fault as fault:
        _not_handed(message, fault, at)
    else:
        operations.record_handed(actor=ACTOR, at=at, notice_id=notice_id, proof=proof)
    return 1


def _not_handed(message: Message, fault: Fault, at: datetime) -> None:
    operations.record_not_handed(
        actor=ACTOR,
        at=at,
        notice_id=message.notice_id,
        reason=fault.message,
        certain=isinstance(fault, Declined | NotReached),
        retry=fault.retry,
    )
