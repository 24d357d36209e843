"""Bills that name somebody who does not answer for their days, or whose price or meter was wrong.

A bill is never edited, and who is liable may be told late: a title that passed last spring, a
lease that was found, a certificate that was valid all the time. The change is taken, and what was
billed before it becomes a piece of work for a person, in the change's own transaction: the account,
the days and the bills that it touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import events, queries
from tahseel.charging.billing.values import (
    MISDIRECTED_LIFE,
    Bill,
    Cause,
    MisdirectedState,
    Remeasured,
)
from tahseel.consumption.metrology.values import ErrorConfirmed
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.registry.premises.values import PriceChange
from tahseel.registry.supply.values import PayerChange
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

CLOSING_ROLES = ("office_head", "revenue_manager")


class MisdirectedUnknown(NotFound):
    """Nothing of the account waits under this id."""

    code = "misdirected_unknown"
    text_ar = "لا توجد فواتير بانتظار المراجعة بهذا الرقم"
    text_en = "No bills of this account wait to be looked at again under this id"


class ClosingUnexplained(Refusal):
    """Whoever closes it says what was done."""

    code = "closing_unexplained"
    text_ar = "يجب ذكر ما تم بشأن الفواتير"
    text_en = "Say what was done about the bills"


def on_payer_change(*, actor: Actor, at: datetime, change: PayerChange) -> None:
    """Called by `supply` for every change of payer, in its transaction.

    Under the account's lock: a bill that is being written is either seen here, or its run sees
    the change.
    """
    _tell_runs([change.account_id], at)
    touched = queries.touched_by(change)
    if touched:
        mark_misdirected(
            actor=actor,
            at=at,
            account_id=change.account_id,
            cause=Cause(change.part),
            from_day=change.from_day,
            until_day=change.until_day,
            bills=touched,
        )


def on_price_change(*, actor: Actor, at: datetime, change: PriceChange) -> None:
    """Called by `premises` for every change of sector or certificate, in its transaction.

    Each bill of its days becomes a piece of work: it is made anew or left, one by one.
    """
    _tell_runs(queries.accounts_priced_by(change), at)
    for bill in queries.priced_by(change):
        mark_misdirected(
            actor=actor,
            at=at,
            account_id=bill.account_id,
            cause=Cause(change.cause),
            from_day=change.from_day,
            until_day=change.until_day,
            bills=[bill],
        )


def _tell_runs(account_ids: Sequence[UUID], at: datetime) -> None:
    """Leave word for a run that has read these accounts and not yet written."""
    if not account_ids:
        return
    ledger.lock_accounts(account_ids)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into billing_changed (account_id, id, at) values (%s, %s, %s)",
            [(account_id, new_id(at), at) for account_id in sorted(account_ids)],
        )


def on_meter_error(*, actor: Actor, at: datetime, confirmed: ErrorConfirmed) -> None:
    """Called by `metrology` for every account of a confirmed error, in its transaction.

    The bills of those days become one piece of work: what the meter registered was not what was
    used, and by how much is on the meter's page.
    """
    touched = queries.of_days(account_id=confirmed.account_id, days=confirmed.days)
    if touched:
        mark_misdirected(
            actor=actor,
            at=at,
            account_id=confirmed.account_id,
            cause=Cause.METER,
            from_day=confirmed.days.start,
            until_day=confirmed.days.end,
            bills=touched,
        )


@audit.audited("billing.mark_misdirected", subject="account_id")
def mark_misdirected(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    cause: Cause,
    from_day: date,
    until_day: date | None,
    bills: Sequence[Bill],
    corrected: Remeasured | None = None,
) -> UUID:
    """Put what a change touches on the list of work; returns its id.

    Whoever may make the change may have this found.
    """
    made = new_id(at)
    begins = max(from_day, min(bill.period.start for bill in bills))
    ends = max(bill.period.end for bill in bills)
    if until_day is not None:
        ends = min(ends, until_day)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into billing_misdirected (account_id, id, part, from_day, until_day, bill_ids,"
            " found_at, found_by, meter_id, service, billed, quantity)"
            " values (%s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s, %s, %s)",
            [
                account_id,
                made,
                str(cause),
                begins,
                ends,
                bulk.uuid_array(bill.id for bill in bills),
                at,
                actor.id,
                *_columns(corrected),
            ],
        )
    fils = sum(bill.total.fils for bill in bills)
    events.misdirected(
        account_id=account_id, misdirected_id=made, bills=len(bills), fils=fils, at=at
    )
    audit.note(
        misdirected=str(made),
        part=str(cause),
        from_day=begins.isoformat(),
        until_day=ends.isoformat(),
        bills=[bill.number for bill in bills],
        total_fils=fils,
    )
    return made


def _columns(one: Remeasured | None) -> list[UUID | str | int | None]:
    if one is None:
        return [None] * 4
    return [one.meter_id, str(one.service), one.billed, one.quantity]


@audit.audited("billing.close_misdirected", subject="account_id")
def close_misdirected(
    *, actor: Actor, at: datetime, account_id: UUID, misdirected_id: UUID, reason: str
) -> None:
    """Take it off the list, saying what was done about the bills.

    Raises NotAllowed, ClosingUnexplained, MisdirectedUnknown, WrongState.
    """
    require(actor, *CLOSING_ROLES)
    if not reason.strip():
        raise ClosingUnexplained()
    found = queries.misdirected(account_id=account_id, misdirected_id=misdirected_id)
    if found is None:
        raise MisdirectedUnknown()
    MISDIRECTED_LIFE.require(found.state, MisdirectedState.DONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_misdirected set state = %s, ended_at = %s, ended_by = %s, reason = %s"
            " where account_id = %s and id = %s",
            [
                str(MisdirectedState.DONE),
                at,
                actor.id,
                reason.strip(),
                account_id,
                misdirected_id,
            ],
        )
    audit.note(
        misdirected=str(misdirected_id),
        bills=[bill.number for bill in found.bills],
        reason=reason.strip(),
    )
