"""A quantity that was billed and that reads have corrected since: work for a person, not an edit.

The bill stands. What the newest correction says is what waits; an older one of the same meter and
month gives way to it, and where the quantity is again what was billed nothing waits.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.charging.billing import queries
from tahseel.charging.billing.operations.misdirecting import mark_misdirected
from tahseel.charging.billing.values import Cause, MisdirectedState, Remeasured
from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

GAVE_WAY = "صُححت الكمية مرة أخرى · The quantity was corrected again"


@audit.audited("billing.take_correction", subject="account_id")
def take_correction(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    month: BillingMonth,
    meter_id: UUID,
    quantity: int,
) -> UUID | None:
    """Put the bills of a meter's month on the list of work, if they say another quantity.

    Returns the work's id. quantity: Wh or litres. Only for jobs.
    """
    require(actor)
    audit.note(meter=str(meter_id), month=str(month), quantity=quantity)
    found = queries.billed_of_meter(account_id=account_id, month=month, meter_id=meter_id)
    if found is None:
        return None
    bills, service, billed = found
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_misdirected set state = %s, ended_at = %s, ended_by = %s, reason = %s"
            " where account_id = %s and meter_id = %s and bill_ids && %s::uuid[]"
            " and state = 'open' and part = 'quantity' returning id",
            [
                str(MisdirectedState.DONE),
                at,
                actor.id,
                GAVE_WAY,
                account_id,
                meter_id,
                [bill.id for bill in bills],
            ],
        )
        audit.note(billed=billed, gave_way=[str(row[0]) for row in cursor.fetchall()])
    if quantity == billed:
        return None
    return mark_misdirected(
        actor=actor,
        at=at,
        account_id=account_id,
        cause=Cause.QUANTITY,
        from_day=month.first_day,
        until_day=None,
        bills=bills,
        corrected=Remeasured(meter_id, service, billed, quantity),
    )


def take_missed(*, actor: Actor, at: datetime, month: BillingMonth) -> int:
    """Put on the list of work what a correction should have brought there; returns how many.

    A correction that is told while the month is being billed finds no bill yet, and the bill was
    computed before it. Only for jobs.
    """
    missed = queries.unseen(month=month)
    for one in missed:
        take_correction(
            actor=actor,
            at=at,
            account_id=one.account_id,
            month=month,
            meter_id=one.meter_id,
            quantity=one.quantity,
        )
    return len(missed)
