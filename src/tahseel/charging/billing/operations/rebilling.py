"""A bill that was wrong is reversed and made anew: one person asks, another one agrees.

Nothing of the earlier bill is changed. Its entries are reversed, those of the new one posted, and
the claims move by the difference: less first lowers what is still open of the earlier claim, and
what had been paid beyond that stands to the account's credit; more is claimed beside it, with a due
date of its own. So a debt keeps its age and its notices, and nobody is asked twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import operations as ledger
from tahseel.books.transfers.queries import moved_away
from tahseel.charging.billing import checking, events, queries, rules, writing
from tahseel.charging.billing.operations import misdirecting, moving, repricing
from tahseel.charging.billing.operations.moving import Pair
from tahseel.charging.billing.values import REBILL, Corrected
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = ("clerk", *misdirecting.CLOSING_ROLES)
CHECKERS = {0: misdirecting.CLOSING_ROLES, 1: ("revenue_manager",)}


class BillUnknown(NotFound):
    """The account has no such bill."""

    code = "bill_unknown"
    text_ar = "لا توجد فاتورة بهذا الرقم على الحساب"
    text_en = "The account has no such bill"


class BillCorrected(Refusal):
    """Another bill stands in its place already."""

    code = "bill_corrected_before"
    text_ar = "حلّت محل هذه الفاتورة فاتورة أخرى"
    text_en = "Another bill stands in the place of this one already"
    http_status = 409


class RebillByHand(Refusal):
    """A final bill, one of another price book, or a month that several people owe today."""

    code = "rebill_by_hand"
    text_ar = "لا يمكن احتساب هذه الفاتورة آلياً من جديد"
    text_en = "This bill cannot be computed anew by itself"


class NothingToCorrect(Refusal):
    """By all that is known today the bill is right."""

    code = "bill_is_right"
    text_ar = "الفاتورة صحيحة وفق كل ما هو معروف اليوم"
    text_en = "By all that is known today the bill is right"


class RebillWaits(Refusal):
    """Somebody has asked for it, and nobody has decided yet."""

    code = "rebill_waits"
    text_ar = "تصحيح هذه الفاتورة بانتظار الاعتماد"
    text_en = "The correction of this bill waits for an approval"
    http_status = 409


class RebillChanged(Refusal):
    """What the bill would be is not any more what was asked for."""

    code = "rebill_changed"
    text_ar = "تغيّرت الفاتورة المصححة منذ طلبها؛ يلزم طلب جديد"
    text_en = "What the bill would be has changed since it was asked for; ask again"
    http_status = 409


class BackBillingLate(Refusal):
    """Too long ago to ask for more."""

    code = "back_billing_late"
    text_ar = "لا يُطالب بزيادة عن استهلاك مضى عليه أكثر من {months} شهراً"
    text_en = "More is not asked for what was used more than {months} months ago"


class PaidBySomebodyElse(Refusal):
    """The bill names another customer, who has paid of it: his money is given back first."""

    code = "bill_paid_by_another"
    text_ar = "سدّد عميل آخر من هذه الفاتورة {paid}؛ يلزم رد ما دفعه أولاً"
    text_en = "Another customer has paid {paid} of this bill; that is given back first"


class BillDebtMoved(Refusal):
    """A part of what it says is owed on another account: that debt is given back first."""

    code = "bill_debt_moved"
    text_ar = "نُقلت مديونية هذه الفاتورة إلى حساب آخر ({reference})؛ يلزم ردها أولاً"
    text_en = "The debt of this bill has moved to another account ({reference}); give it back first"
    http_status = 409


@audit.audited("billing.propose_rebill", subject="account_id")
def propose_rebill(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    bill_id: UUID,
    reason: str,
) -> UUID:
    """Ask that a bill be reversed and made anew by what is known today; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, BillUnknown,
    BillCorrected, RebillByHand, BillDebtMoved, NothingToCorrect, RebillWaits, BackBillingLate,
    PaidBySomebodyElse, InputDiffers, and what `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    ledger.lock_accounts([account_id])
    if _asked_before(actor, approval_id, bill_id):
        return approval_id
    pair = _pair(account_id, bill_id)
    _require_right(pair, at)
    if bill_id in queries.corrections_waiting(as_of=at):
        raise RebillWaits()
    audit.note(bill=pair.old.number, before_fils=pair.old.total.fils)
    payload = {
        "account": str(account_id),
        "bill": str(bill_id),
        "before": pair.old.total.fils,
        "after": pair.new.total.fils,
        "digest": checking.digest(pair.new),
    }
    return approvals.submit(
        actor=actor, at=at, operation=REBILL, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def rebill_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> Corrected:
    """What runs once the second person agrees. Raises as `propose_rebill`, and RebillChanged."""
    return _rebill(
        actor=actor,
        at=at,
        account_id=UUID(str(payload["account"])),
        bill_id=UUID(str(payload["bill"])),
        digest=str(payload["digest"]),
        approval_id=approval_id,
    )


@audit.audited("billing.rebill", subject="account_id")
def _rebill(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    bill_id: UUID,
    digest: str,
    approval_id: UUID,
) -> Corrected:
    ledger.lock_accounts([account_id])
    pair = _pair(account_id, bill_id)
    _require_right(pair, at)
    if checking.digest(pair.new) != digest:
        raise RebillChanged()
    book = rules.policy().book
    writing.rows([pair.new], run_id=approval_id, issued_on=local_day(at), book=book, at=at)
    moving.post(pair, actor, at)
    done = moving.claim(pair, actor, at)
    _end_reviews(pair, actor, at)
    events.corrected(bill=pair.old, done=done, at=at)
    events.announce_prices(month=pair.new.month, prices=pair.new.prices(), at=at)
    audit.note(approval=approval_id, corrects=pair.old.number)
    return done


def _asked_before(actor: Actor, approval_id: UUID, bill_id: UUID) -> bool:
    before = approvals_queries.find(approval_id)
    if before is None:
        return False
    if (before.operation, before.maker_id) != (REBILL, actor.id) or (
        before.payload["bill"] != str(bill_id)
    ):
        raise InputDiffers(operation=REBILL)
    audit.note(approval=approval_id, again=True)
    return True


def _pair(account_id: UUID, bill_id: UUID) -> Pair:
    """Raises BillUnknown, BillCorrected, RebillByHand, BillDebtMoved."""
    bills = {bill.id: bill for bill in queries.bills(account_id)}
    old = bills.get(bill_id)
    if old is None:
        raise BillUnknown()
    if bill_id in {bill.corrects for bill in bills.values()}:
        raise BillCorrected()
    made = repricing.remade(bill=old)
    if made is None:
        raise RebillByHand()
    ref = supply.accounts(account_ids=[account_id])[account_id]
    sequence = queries.next_sequence(account_id=account_id, month=old.month)
    new = rules.numbered(made, account_number=ref.number, sequence=sequence)
    keys = [(account_id, one) for one in repricing.chain(bills, old)]
    for reference in moved_away(account_id=account_id, claim_ids=[key[1] for key in keys]).values():
        raise BillDebtMoved(reference=reference)
    known = claims_queries.claims_by_key(keys)
    held = [known[key] for key in keys if key in known]
    same = [claim for claim in held if claim.customer_id == held[0].customer_id]
    return Pair(old, replace(new, corrects=old.id), tuple(same))


def _require_right(pair: Pair, at: datetime) -> None:
    """The correction says something, is not too late, and takes nobody's money for another."""
    if not pair.moves and repricing.says(pair.new, pair.old):
        raise NothingToCorrect()
    months = rules.policy().corrections.months_max
    if pair.more and BillingMonth.of(local_day(at)).ordinal - pair.old.month.ordinal > months:
        raise BackBillingLate(months=months)
    if pair.moves and pair.open < pair.old.total.fils:
        raise PaidBySomebodyElse(paid=Money(pair.old.total.fils - pair.open).dinars())


def _end_reviews(pair: Pair, actor: Actor, at: datetime) -> None:
    """Whatever waited because this one bill was wrong waits no more."""
    account_id = pair.old.account_id
    for work in queries.open_misdirected(account_id=account_id):
        if [bill.id for bill in work.bills] == [pair.old.id]:
            misdirecting.close_misdirected(
                actor=actor,
                at=at,
                account_id=account_id,
                misdirected_id=work.id,
                reason=f"حلّت محلها الفاتورة | In its place stands bill {pair.new.number}",
            )


def tier_of(payload: Payload) -> int:
    """A large difference is for a revenue manager."""
    difference = abs(int(payload["after"]) - int(payload["before"]))
    return int(difference >= rules.policy().corrections.large.fils)


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which bill, what it said, what it would say."""
    account_id, bill_id = UUID(str(payload["account"])), UUID(str(payload["bill"]))
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    view = queries.bill_view(account_id, bill_id)
    before, after = int(payload["before"]), int(payload["after"])
    more = Money(after - before) if after > before else ZERO
    less = Money(before - after) if after < before else ZERO
    return Proposal(
        text_ar="تصحيح فاتورة: عكسها وإصدارها من جديد",
        text_en="Correct a bill: reverse it and make it anew",
        details=(
            Detail("الحساب", "Account", ref.number if ref else None),
            Detail("الفاتورة", "Bill", view.bill.number if view else None),
            Detail("الشهر", "Month", str(view.bill.month) if view else None),
            Detail("المبلغ السابق", "Billed before", Money(before)),
            Detail("المبلغ المصحح", "Billed anew", Money(after)),
            Detail("زيادة يُطالب بها", "Claimed beside it", more or None),
            Detail("نقص يُخصم أو يُقيد للحساب", "Taken off or credited", less or None),
        ),
    )


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(
        REBILL,
        rebill_approved,
        roles=CHECKERS,
        makers=MAKERS,
        tier_of=tier_of,
        in_words=in_words,
    )
