"""Money that came by another way than a gateway: a counter, a bank, a history taken on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tahseel.books.payments.operations import posting
from tahseel.books.payments.values import Received, RecordReport
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

PAYMENTS_MAX = 200_000
ROLES = ("clerk", "office_head", "revenue_manager")


class ReceivedRefused(Refusal):
    """Money that is not above zero is not money received."""

    code = "received_refused"
    text_ar = "المبلغ المستلم غير صالح"
    text_en = "The amount received is not above zero"


@audit.audited("payments.record_received", subject="received")
def record_received(*, actor: Actor, at: datetime, received: Received) -> bool:
    """Post one payment taken by staff; True when it was new.

    The same payment again changes nothing. Raises NotAllowed, ReceivedRefused, ReceivedDiffers,
    NotFound (tender).
    """
    require(actor, *ROLES)
    _above_zero([received])
    audit.note(
        account_id=received.account_id, amount_fils=received.amount.fils, tender=received.tender
    )
    paid = posting.post(actor=actor, at=at, received=[received])
    transaction.on_commit(outbox.wake)
    return bool(paid)


@audit.audited("payments.record_many", subject="received")
def record_many(
    *, actor: Actor, at: datetime, received: Sequence[Received], history: bool = False
) -> RecordReport:
    """Post a batch in the order given, all or none; payments already recorded are passed over.

    With `history` (a take-on) each is recorded at its own `received_at` and one event tells of
    all. Raises NotAllowed, ReceivedRefused, ReceivedDiffers.
    """
    require(actor, *ROLES)
    if len(received) > PAYMENTS_MAX:
        raise ValueError(f"at most {PAYMENTS_MAX} payments at once")
    _above_zero(received)
    paid = posting.post(actor=actor, at=at, received=received, history=history)
    transaction.on_commit(outbox.wake)
    return RecordReport(
        recorded=len(paid),
        amount=posting.total(paid),
        unapplied=Money(sum(one.unapplied.fils for one in paid)),
    )


def _above_zero(received: Sequence[Received]) -> None:
    for one in received:
        if one.amount.fils <= 0:
            raise ReceivedRefused(payment=str(one.id))
