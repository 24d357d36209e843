"""Moving out as one act: final read, final bill, the deposit netted, supply to whoever follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import Settled
from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import finals, running
from tahseel.charging.billing.operations.finals import Final
from tahseel.charging.billing.values import FinalRead, MovedOut
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings import queries as readings_queries
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel import idempotency
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import ZERO
from tahseel.kernel.period import BillingMonth, Period, local_day, start_of
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Vacancy
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

ROLES = ("clerk", "office_head", "revenue_manager")
QUALITY = "actual"
READS_MAX = 64


class MoveOutAhead(Refusal):
    """Nobody can have read a meter on a day to come."""

    code = "move_out_ahead"
    text_ar = "لا يمكن إخلاء الطرف بتاريخ لاحق ({day}): لم تُقرأ العدادات بعد"
    text_en = "Nobody can move out on a day to come ({day}): the meters are not read yet"


class MoveOutBilled(Refusal):
    """The days before are billed to somebody else, or to him, already."""

    code = "move_out_billed"
    text_ar = "فُوترت أيام بعد {day}؛ يلزم تصحيح الفاتورة أولاً"
    text_en = "Days after {day} are billed already; that bill has to be corrected first"


class MoveOutRead(Refusal):
    """A read names a meter that does not measure for the account on the last day."""

    code = "move_out_read"
    text_ar = "قراءة لعداد لا يخص هذا الحساب"
    text_en = "A read is of a meter that does not measure for this account"


@audit.audited("billing.move_out", subject="account_id")
def move_out(
    *,
    actor: Actor,
    at: datetime,
    intent_id: UUID,
    account_id: UUID,
    on_day: date,
    reads: Sequence[FinalRead],
    vacancy: Vacancy = Vacancy.NOT_OCCUPIED,
) -> MovedOut:
    """Move the liable customer out; `on_day` is the first day without him.

    intent_id: made by the caller; the same again answers what was done the first time.

    The dials as read are kept, what was used up to that day is billed to him, his deposits meet
    what he owes, the rest of them is owed back, and supply goes to the landlord or falls vacant. A
    final bill that a check holds waits for its release, and the deposit with it.

    Raises NotAllowed, InputDiffers, MoveOutAhead, MoveOutBilled, MoveOutRead, NotBillable and its
    kin where something is not known, and what `supply.move_out` raises; then nothing is changed.
    """
    require(actor, *ROLES)

    def leave() -> None:
        supply.move_out(actor=actor, at=at, account_id=account_id, on_day=on_day, vacancy=vacancy)

    def act() -> Mapping[str, Any]:
        last_day = on_day - timedelta(days=1)
        leaving = supply_queries.liable_customer(account_id=account_id, day=last_day)
        if leaving is None:
            raise supply.NobodyToMoveOut()
        done = close(
            actor=actor, at=at, account_id=account_id, leaving=leaving, on_day=on_day, reads=reads,
            leave=leave,
        )  # fmt: skip
        return done.as_dict()

    outcome = idempotency.once(
        intent_id=intent_id,
        operation="billing.move_out",
        request={
            "account": str(account_id),
            "on_day": on_day.isoformat(),
            "reads": plain(reads),
            "vacancy": str(vacancy),
        },
        at=at,
        act=act,
    )
    return MovedOut.from_dict(outcome)


def plain(reads: Sequence[FinalRead]) -> list[list[str | int]]:
    """Reads as values by which the same act is known again, whatever their order."""
    return sorted([str(one.meter_id), one.register, one.value] for one in reads)


def close(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    leaving: UUID,
    on_day: date,
    reads: Sequence[FinalRead],
    leave: Callable[[], None],
) -> MovedOut:
    """What every end of a liability has in common, whoever follows: part of one transaction.

    leave: changes who is liable; called between the final bill and the netting of the deposit.
    """
    if on_day > local_day(at) + timedelta(days=1):
        raise MoveOutAhead(day=on_day.isoformat())
    ledger.lock_accounts([account_id])
    keep(actor=actor, at=at, account_id=account_id, on_day=on_day, reads=reads)
    final = _final_bill(actor=actor, at=at, account_id=account_id, on_day=on_day)
    bill = final.bill
    leave()
    waits = bool(queries.held_back(account_id=account_id))
    settled = _settled(account_id, leaving, waits, actor=actor, at=at)
    return MovedOut(
        account_id=account_id,
        customer_id=leaving,
        on_day=on_day,
        bill_id=bill.id if bill else None,
        number=bill.number if bill else "",
        total=bill.total if bill else ZERO,
        settled=settled,
        held=waits,
    )


def _settled(
    account_id: UUID, leaving: UUID, waits: bool, *, actor: Actor, at: datetime
) -> Settled:
    """The deposit netted, or left until what is held back of the account is issued."""
    if waits:
        deposits.wait(actor=actor, at=at, account_id=account_id, customer_id=leaving)
        return Settled()
    return deposits.settle(
        actor=actor, at=at, account_id=account_id, customer_id=leaving, on_day=local_day(at)
    )


def keep(
    *, actor: Actor, at: datetime, account_id: UUID, on_day: date, reads: Sequence[FinalRead]
) -> None:
    """The dials at the beginning of the day, each of a meter that measured for the account."""
    if not reads:
        return
    period = Period(on_day - timedelta(days=1), on_day)
    known = supply_queries.accounts_at_meters(
        meter_ids=[read.meter_id for read in reads[:READS_MAX]], period=period
    )
    own = {one.meter_id for one in known if one.account_id == account_id}
    if len(reads) > READS_MAX or {read.meter_id for read in reads} - own:
        raise MoveOutRead()
    readings.store_register_reads(
        actor=actor,
        at=at,
        source=f"move-out-{account_id}-{on_day}",
        rows=[
            DialRead(read.meter_id, read.register, start_of(on_day), read.value, QUALITY)
            for read in reads
        ],
    )


def _final_bill(*, actor: Actor, at: datetime, account_id: UUID, on_day: date) -> Final:
    """The month before first, should it still wait; then the days of this one."""
    month = BillingMonth.of(on_day)
    if queries.billed_accounts(month, [account_id]):
        raise MoveOutBilled(day=on_day.isoformat())
    _bill_whole(actor=actor, at=at, account_id=account_id, month=month.previous())
    until = queries.billed_until(month=month, account_ids=[account_id])
    start = max(month.first_day, until.get(account_id, month.first_day))
    if start > on_day:
        raise MoveOutBilled(day=on_day.isoformat())
    if start == on_day:
        return Final(None)
    return finals.bill(actor=actor, at=at, account_id=account_id, days=Period(start, on_day))


def _bill_whole(*, actor: Actor, at: datetime, account_id: UUID, month: BillingMonth) -> None:
    """Bill a whole month of one account, unless that is done. Raises why it cannot be."""
    found = supply_queries.billable_accounts(month=month, account_ids=[account_id])
    if not found or queries.billed_accounts(month, [account_id]):
        return
    readings.determine(actor=actor, at=at, month=month, account_ids=[account_id])
    used = readings_queries.determinants(month=month, account_ids=[account_id])
    finals.pieces(found[0], used, month)
    running.run(actor=actor, at=at, month=month, issued_on=local_day(at), account_ids=[account_id])
