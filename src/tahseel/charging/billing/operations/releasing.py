"""A bill that was held back is issued as it is, because a person has looked at it and says so.

From an amount on a second person agrees. What is issued is what was seen: the bill is computed
again under the account's lock, and refused where it would be another one now.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import checking, queries, rest, rules
from tahseel.charging.billing.operations import finals, misdirecting, running, withholding
from tahseel.charging.billing.values import (
    HELD_LIFE,
    RELEASE,
    Held,
    HeldState,
    PricedBill,
    Released,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = misdirecting.CLOSING_ROLES
CHECKERS = {0: ("revenue_manager",)}


class HeldUnknown(NotFound):
    """Nothing of the account is held under this id."""

    code = "held_bill_unknown"
    text_ar = "لا توجد فاتورة موقوفة بهذا الرقم على الحساب"
    text_en = "No bill of this account is held back under this id"


class ReleaseUnexplained(Refusal):
    """Whoever has it issued says why it is right."""

    code = "release_unexplained"
    text_ar = "يجب ذكر سبب إصدار الفاتورة كما هي"
    text_en = "Say why the bill is right as it is"


class ReleaseNeedsSecond(Refusal):
    """The amount is one from which on a second person agrees."""

    code = "release_needs_second"
    text_ar = "إصدار فاتورة موقوفة بمبلغ {amount} أو أكثر يتطلب موافقة شخص ثانٍ"
    text_en = "A held bill of {amount} or more is issued once a second person agrees"


class ReleaseWaits(Refusal):
    """Somebody has asked for it, and nobody has decided yet."""

    code = "release_waits"
    text_ar = "إصدار هذه الفاتورة بانتظار الاعتماد"
    text_en = "The issue of this bill waits for an approval"
    http_status = 409


class HeldChanged(Refusal):
    """What the bill would be is not any more what was held back."""

    code = "held_bill_changed"
    text_ar = "تغيّرت الفاتورة منذ إيقافها؛ ستنظر فيها دورة الفوترة التالية"
    text_en = "What the bill would be has changed since it was held back; the next run looks again"
    http_status = 409


class NegativeNotIssued(Refusal):
    """A bill below nothing."""

    code = "negative_not_issued"
    text_ar = "لا تصدر فاتورة بمبلغ سالب"
    text_en = "A bill below nothing is not issued"


@audit.audited("billing.release_held", subject="account_id")
def release_held(
    *, actor: Actor, at: datetime, account_id: UUID, held_id: UUID, reason: str
) -> Released:
    """Issue a held bill as it is.

    Raises NotAllowed, ReleaseUnexplained, HeldUnknown, WrongState, ReleaseNeedsSecond, HeldChanged,
    NegativeNotIssued.
    """
    require(actor, *MAKERS)
    ledger.lock_accounts([account_id])
    held = _waiting(account_id, held_id, reason)
    if rules.needs_second(held.total):
        raise ReleaseNeedsSecond(amount=rules.policy().holding.large.dinars())
    return _issue(held, actor=actor, at=at, reason=reason)


@audit.audited("billing.propose_release", subject="account_id")
def propose_release(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    held_id: UUID,
    reason: str,
) -> UUID:
    """Ask that a held bill be issued as it is; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, ReleaseUnexplained,
    HeldUnknown, WrongState, ReleaseWaits, HeldChanged, NegativeNotIssued, InputDiffers, and what
    `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    ledger.lock_accounts([account_id])
    if _asked_before(actor, approval_id, held_id):
        return approval_id
    held = _waiting(account_id, held_id, reason)
    if held_id in queries.releases_waiting(as_of=at):
        raise ReleaseWaits()
    _ready(held)
    audit.note(held=str(held_id), total_fils=held.total.fils)
    payload = {"account": str(account_id), "held": str(held_id), "digest": held.digest}
    return approvals.submit(
        actor=actor, at=at, operation=RELEASE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def release_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> Released:
    """What runs once the second person agrees. Raises as `release_held`."""
    asked = approvals_queries.by_id(approval_id)
    return _release(
        actor=actor,
        at=at,
        account_id=UUID(str(payload["account"])),
        held_id=UUID(str(payload["held"])),
        reason=asked.reason,
        approval_id=approval_id,
    )


@audit.audited("billing.release_agreed", subject="account_id")
def _release(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    held_id: UUID,
    reason: str,
    approval_id: UUID,
) -> Released:
    ledger.lock_accounts([account_id])
    held = _waiting(account_id, held_id, reason)
    audit.note(approval=approval_id)
    return _issue(held, actor=actor, at=at, reason=reason)


def _asked_before(actor: Actor, approval_id: UUID, held_id: UUID) -> bool:
    before = approvals_queries.find(approval_id)
    if before is None:
        return False
    if (before.operation, before.maker_id) != (RELEASE, actor.id) or (
        before.payload["held"] != str(held_id)
    ):
        raise InputDiffers(operation=RELEASE)
    audit.note(approval=approval_id, again=True)
    return True


def _waiting(account_id: UUID, held_id: UUID, reason: str) -> Held:
    if not reason.strip():
        raise ReleaseUnexplained()
    held = queries.held(account_id=account_id, held_id=held_id)
    if held is None:
        raise HeldUnknown()
    HELD_LIFE.require(held.state, HeldState.RELEASED)
    return held


def _ready(held: Held) -> list[PricedBill]:
    """The bills that were held back, computed again. Raises HeldChanged, NegativeNotIssued."""
    bills = _final(held) if held.days else _whole(held)
    if not bills or checking.digest_of(bills) != held.digest:
        raise HeldChanged()
    if any(bill.total.fils < 0 for bill in bills):
        raise NegativeNotIssued()
    return bills


def _final(held: Held) -> list[PricedBill]:
    assert held.days is not None, "asked of final bills only"
    if queries.of_days(account_id=held.account_id, days=held.days):
        return []
    return finals.priced(account_id=held.account_id, days=held.days)


def _whole(held: Held) -> list[PricedBill]:
    ids = [held.account_id]
    accounts, quantities = rest.of_month(
        month=held.month,
        accounts=supply.billable_accounts(month=held.month, account_ids=ids),
        quantities=running.by_account(held.month, ids),
    )
    bills, _ = running.price(accounts, quantities, held.month, rules.policy().book)
    return [] if queries.billed_accounts(held.month, ids) else bills


def _issue(held: Held, *, actor: Actor, at: datetime, reason: str) -> Released:
    bills = _ready(held)
    finals.issue(bills, run_id=held.id, actor=actor, at=at)
    if held.days:
        withholding.end_final(held, HeldState.RELEASED, at=at, by=actor.id, reason=reason.strip())
    else:
        withholding.end(
            HeldState.RELEASED, [held.account_id], month=held.month, at=at, by=actor.id,
            reason=reason.strip(),
        )  # fmt: skip
    finals.settle_waiting(actor=actor, at=at, account_id=held.account_id)
    audit.note(reason=reason.strip())
    numbers = tuple(bill.number for bill in bills)
    return Released(held.account_id, held.id, numbers, held.total)


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which bill would be issued, what it would be, and what was usual."""
    account_id, held_id = UUID(str(payload["account"])), UUID(str(payload["held"]))
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    held = queries.held(account_id=account_id, held_id=held_id)
    first = held.found[0] if held else None
    return Proposal(
        text_ar="إصدار فاتورة موقوفة كما هي",
        text_en="Issue a held bill as it is",
        details=(
            Detail("الحساب", "Account", ref.number if ref else None),
            Detail("الشهر", "Month", str(held.month) if held else None),
            *(
                [Detail("فاتورة نهائية حتى", "Final bill up to", held.days.end)]
                if held and held.days
                else []
            ),
            Detail("مبلغ الفاتورة", "Amount of the bill", held.total if held else None),
            Detail("المبلغ المعتاد", "Usual amount", first.usual if first else None),
            Detail("فرق محل شك", "Amount in doubt", held.stake if held else None),
        ),
    )


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(
        RELEASE,
        release_approved,
        roles=CHECKERS,
        makers=MAKERS,
        in_words=in_words,
    )
