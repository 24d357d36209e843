"""What waits for an account's next bill goes out with it; what no bill carries, by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tahseel.books.ledger import operations as ledger
from tahseel.charging.charges import queries, rules
from tahseel.charging.charges.operations import posting
from tahseel.charging.charges.values import Carrier, Charge, ChargeState
from tahseel.kernel.actor import Actor
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit


def carry(*, actor: Actor, at: datetime, carriers: Sequence[Carrier]) -> list[Charge]:
    """Post what waits for the customers of bills that are being issued, in their transaction.

    The bills' accounts are locked, their claims open. Charges come before credits, so that a credit
    meets them too. Nothing is written, nor a leaf left, where nothing waits.
    """
    by_account = {one.account_id: one for one in carriers}
    found = queries.waiting(list(by_account)) if by_account else []
    fitting = [
        (charge, by_account[charge.account_id])
        for charge in found
        if charge.customer_id == by_account[charge.account_id].customer_id
    ]
    return _carry(actor=actor, at=at, charges=fitting) if fitting else []


@audit.audited("charges.carry", subject="charges")
def _carry(
    *, actor: Actor, at: datetime, charges: Sequence[tuple[Charge, Carrier]]
) -> list[Charge]:
    done = [posting.post(one, actor=actor, at=at, carrier=carrier) for one, carrier in charges]
    audit.note(
        charges=[one.reference for one in done[:20]],
        count=len(done),
        fils=sum(one.amount.fils for one in done),
    )
    return done


@audit.audited("charges.claim_left_over", subject="")
def claim_left_over(*, actor: Actor, at: datetime) -> int:
    """Post by itself what has waited for a bill as long as the country allows; how many.

    Such as on an account whose customer has gone. Only for jobs.
    """
    require(actor)
    until = at - timedelta(days=rules.catalogue().wait_days_max)
    late = queries.waiting_since(until=until)
    count = 0
    for one in late:
        ledger.lock_accounts([one.account_id])
        still = queries.by_id(account_id=one.account_id, charge_id=one.id)
        if still is not None and still.state is ChargeState.WAITING:
            posting.post(still, actor=actor, at=at)
            count += 1
    audit.note(count=count)
    return count
