"""Whoever stopped being liable without a final read: his last bill and his deposit, afterwards.

A title that a registry tells ends an owner's liability at once, and nobody has read a dial. Until
the month is billed that is put right as if he had gone by the counter: the dials of the day, his
final bill, his deposit. Once it is billed, his part of it was estimated, and that stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import closing
from tahseel.charging.billing.values import FinalRead, MovedOut
from tahseel.kernel import idempotency
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit


class NothingToFinish(Refusal):
    """Nobody has left the account, or the days of whoever did are billed."""

    code = "nothing_to_finish"
    text_ar = "لا يوجد في الحساب {account} من انتهت مسؤوليته بلا فاتورة نهائية"
    text_en = "On account {account} nobody's liability has ended without a final bill"
    http_status = 409


@audit.audited("billing.finish", subject="account_id")
def finish(
    *,
    actor: Actor,
    at: datetime,
    intent_id: UUID,
    account_id: UUID,
    reads: Sequence[FinalRead],
) -> MovedOut:
    """Bill and settle whoever has left by a change that asked for no read; see `unfinished`.

    reads: the dials at the beginning of the next one's first day. intent_id: the same again
    answers what was done the first time. Raises NotAllowed, InputDiffers, NothingToFinish, and what
    `move_out` raises of reads and bills; then nothing is changed.
    """
    require(actor, *closing.ROLES)

    def act() -> Mapping[str, Any]:
        ledger.lock_accounts([account_id])
        left = queries.unfinished(account_id=account_id, day=local_day(at))
        if left is None or left.customer_id is None or left.until_day is None:
            known = supply.accounts(account_ids=[account_id]).get(account_id)
            raise NothingToFinish(account=known.number if known else "")
        done = closing.close(
            actor=actor,
            at=at,
            account_id=account_id,
            leaving=left.customer_id,
            on_day=left.until_day,
            reads=reads,
            leave=lambda: None,
        )
        return done.as_dict()

    outcome = idempotency.once(
        intent_id=intent_id,
        operation="billing.finish",
        request={"account": str(account_id), "reads": closing.plain(reads)},
        at=at,
        act=act,
    )
    return MovedOut.from_dict(outcome)
