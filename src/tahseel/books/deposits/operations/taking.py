"""Taking deposits: money becomes a liability of ours, a guarantee is kept beside the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.operations import demanding
from tahseel.books.deposits.values import DEPOSIT, DepositKind, NewDeposit
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import queries as payments
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.customers import operations as customers
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

ROLES = ("clerk", "office_head", "revenue_manager")
BATCH_MAX = 500_000


class DepositRefused(Refusal):
    """Money without its tender, or a guarantee without bank, number and end."""

    code = "deposit_refused"
    text_ar = (
        "بيانات التأمين غير مكتملة: المبلغ، أو وسيلة الدفع، أو بنك الكفالة ورقمها وتاريخ انتهائها"
    )
    text_en = "The deposit is incomplete: amount, tender, or the guarantee's bank, number and end"


class DepositDiffers(Refusal):
    """A deposit's id came back with other contents."""

    code = "deposit_differs"
    text_ar = "التأمين {deposit} مسجل سابقاً ببيانات مختلفة"
    text_en = "Deposit {deposit} was recorded before with other contents"
    http_status = 409


class GuaranteeExpired(Refusal):
    """A guarantee that has ended, or ends before it is to secure anything, is no deposit."""

    code = "guarantee_expired"
    text_ar = "الكفالة المصرفية سارية حتى {expires_on} فقط، فلا تُعد تأمينًا"
    text_en = "The bank guarantee holds only until {expires_on} and is no deposit"


def require_lasting(deposit: NewDeposit, day: date) -> None:
    """Raises GuaranteeExpired unless the deposit secures something on a day."""
    if not deposit.covers(day):
        raise GuaranteeExpired(expires_on=str(deposit.expires_on))


@audit.audited("deposits.take", subject="deposit")
def take(*, actor: Actor, at: datetime, deposit: NewDeposit) -> bool:
    """Record one deposit and book its money; True when it was new.

    Money goes from its tender's account to consumers' deposits; a guarantee moves nothing. The same
    deposit again changes nothing. Raises NotAllowed, DepositRefused, GuaranteeExpired,
    MergedRecord, DepositDiffers, NotFound (account or tender).
    """
    require(actor, *ROLES)
    if not rules.fits(deposit):
        raise DepositRefused()
    if deposit.account_id not in supply.accounts(account_ids=[deposit.account_id]):
        raise NotFound(account=str(deposit.account_id))
    ledger.lock_accounts([deposit.account_id])
    if not fresh_of([deposit]):
        return False
    if deposit.customer_id is not None:
        customers.require_standing(customer_ids=[deposit.customer_id])
    require_lasting(deposit, local_day(at))
    if deposit.kind is DepositKind.CASH:
        ledger.post(actor=actor, at=at, entries=[_taken(deposit)])
    store.insert([deposit], actor=actor, at=at)
    demanding.meet(account_id=deposit.account_id, day=deposit.taken_on, at=at)
    events.taken(
        account_id=deposit.account_id,
        deposit_id=deposit.id,
        kind=str(deposit.kind),
        fils=deposit.amount.fils,
        at=at,
    )
    audit.note(
        account_id=deposit.account_id,
        amount_fils=deposit.amount.fils,
        kind=str(deposit.kind),
        customer=str(deposit.customer_id),
    )
    return True


@audit.audited("deposits.record_held", subject="batch")
def record_held(*, actor: Actor, at: datetime, batch: str, deposits: Sequence[NewDeposit]) -> int:
    """Record deposits that another system holds, all or none; returns how many were new.

    The caller posts their entries against the opening balances, in the same transaction. Raises
    NotAllowed, DepositDiffers, MergedRecord.
    """
    require(actor, *ROLES)
    if len(deposits) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} deposits at once")
    fresh = fresh_of(deposits)
    owners = {deposit.customer_id for deposit in fresh if deposit.customer_id is not None}
    customers.require_standing(customer_ids=owners)
    store.insert(fresh, actor=actor, at=at)
    fils = sum(deposit.amount.fils for deposit in fresh)
    if fresh:
        events.batch_taken(batch=batch, count=len(fresh), fils=fils, at=at)
    audit.note(recorded=len(fresh), amount_fils=fils)
    return len(fresh)


@audit.audited("deposits.record_lines", subject="batch")
def record_lines(*, actor: Actor, at: datetime, batch: str, deposits: bulk.Lines) -> int:
    """The same for deposits whose rows the database makes, none of which is recorded yet.

    deposits: account_id, id, customer_id, kind, amount, taken_on, reference. Raises NotAllowed,
    MergedRecord.
    """
    require(actor, *ROLES)
    customers.require_standing_lines(lines=deposits)
    count, fils = store.insert_lines(deposits, actor=actor, at=at)
    if count:
        events.batch_taken(batch=batch, count=count, fils=fils, at=at)
    audit.note(recorded=count, amount_fils=fils)
    return count


def fresh_of(deposits: Sequence[NewDeposit]) -> list[NewDeposit]:
    """Those that are not recorded yet. Raises DepositDiffers."""
    known = queries.digests([(one.account_id, one.id) for one in deposits])
    fresh = []
    for one in deposits:
        standing = known.get((one.account_id, one.id))
        if standing is None:
            fresh.append(one)
        elif standing != rules.digest(one):
            raise DepositDiffers(deposit=str(one.id))
    return fresh


def _taken(deposit: NewDeposit) -> Entry:
    return rules.entry(
        deposit,
        "taken",
        debit=payments.tender(code=deposit.tender).debit,
        credit=DEPOSIT,
        amount=deposit.amount,
        day=deposit.taken_on,
    )
