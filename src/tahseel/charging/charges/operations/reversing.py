"""A charge or credit is taken back exactly, by two people, once.

Of a charge what is open of its claim falls away, and what was paid of it stands to the account's
credit. Of a credit the claims that it lowered are owed again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.books.transfers.queries import moved_away
from tahseel.charging.charges import events, queries, rules
from tahseel.charging.charges.operations import posting
from tahseel.charging.charges.values import (
    LIFE,
    REVERSE,
    Charge,
    ChargeState,
    Sign,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = ("clerk", "office_head", "revenue_manager")


class ChargeUnknown(NotFound):
    """The account has no such charge."""

    code = "charge_unknown"
    text_ar = "لا يوجد رسم أو خصم بهذا الرقم على الحساب"
    text_en = "The account has no such charge or credit"


class ReversalUnexplained(Refusal):
    """Whoever takes it back says why."""

    code = "charge_reversal_unexplained"
    text_ar = "يجب ذكر سبب الإلغاء"
    text_en = "Say why it is taken back"


class ReversalWaits(Refusal):
    """The reversal is asked for, and nobody has decided yet."""

    code = "charge_reversal_waits"
    text_ar = "إلغاء {reference} بانتظار الاعتماد"
    text_en = "The reversal of {reference} waits for an approval"
    http_status = 409


class ChargeDebtMoved(Refusal):
    """A part of it is owed on another account: that debt is given back first."""

    code = "charge_debt_moved"
    text_ar = "نُقلت مديونية {reference} إلى حساب آخر ({transfer})؛ يلزم ردها أولاً"
    text_en = (
        "The debt of {reference} has moved to another account ({transfer}); give it back first"
    )
    http_status = 409


@audit.audited("charges.ask_reversal", subject="account_id")
def ask_reversal(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    charge_id: UUID,
    reason: str,
) -> UUID:
    """Ask that a charge or credit be taken back; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, ChargeUnknown, WrongState,
    ChargeDebtMoved, ReversalUnexplained, ReversalWaits, InputDiffers.
    """
    require(actor, *MAKERS)
    ledger.lock_accounts([account_id])
    if approvals_queries.asked_before(
        approval_id=approval_id, actor=actor, operation=REVERSE, payload={"charge": str(charge_id)}
    ):
        audit.note(approval=approval_id, again=True)
        return approval_id
    charge = _standing(account_id, charge_id)
    if not reason.strip():
        raise ReversalUnexplained()
    if charge_id in {one.reverses for one in queries.asked(as_of=at)}:
        raise ReversalWaits(reference=charge.reference)
    audit.note(charge=charge.reference, fils=charge.amount.fils)
    payload = {
        "account": str(account_id),
        "charge": str(charge_id),
        "kind": charge.kind,
        "cause": charge.cause,
        "fils": charge.amount.fils,
    }
    return approvals.submit(
        actor=actor, at=at, operation=REVERSE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def reversal_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Charge:
    """What runs once the second person agrees."""
    return _reverse(
        actor=actor,
        at=at,
        account_id=UUID(str(payload["account"])),
        charge_id=UUID(str(payload["charge"])),
        reason=approvals_queries.by_id(approval_id).reason,
    )


@audit.audited("charges.reverse", subject="account_id")
def _reverse(
    *, actor: Actor, at: datetime, account_id: UUID, charge_id: UUID, reason: str
) -> Charge:
    """What it gave to an account's credit is taken back from where that was used meanwhile.

    Raises ChargeUnknown, WrongState, ChargeDebtMoved, and CreditBelowZero where it is not on
    the account any more.
    """
    ledger.lock_accounts([account_id])
    charge = _standing(account_id, charge_id)
    if charge.state is ChargeState.POSTED:
        _post_back(charge, actor, at)
        (_drop if charge.sign is Sign.CHARGE else _owe_again)(charge, actor, at)
        claims.use_credit(actor=actor, at=at, account_ids=[account_id])
    done = replace(charge, state=ChargeState.REVERSED, reversed_at=at, reason=reason)
    posting.update(done)
    events.reversed_(done, at=at)
    audit.note(charge=charge.reference, kind=charge.kind, fils=charge.amount.fils)
    return done


def _standing(account_id: UUID, charge_id: UUID) -> Charge:
    charge = queries.by_id(account_id=account_id, charge_id=charge_id)
    if charge is None:
        raise ChargeUnknown()
    LIFE.require(charge.state, ChargeState.REVERSED)
    moved = moved_away(account_id=account_id, claim_ids=[charge_id])
    for transfer in moved.values():
        raise ChargeDebtMoved(reference=charge.reference, transfer=transfer)
    return charge


def _post_back(charge: Charge, actor: Actor, at: datetime) -> None:
    if charge.sign is Sign.CREDIT and charge.amount > (charge.met or ZERO):
        claims.free_credit(
            actor=actor,
            at=at,
            account_id=charge.account_id,
            customer_id=charge.customer_id,
            amount=charge.amount - (charge.met or ZERO),
        )
    for entry in posting.entries(charge, rules.kind(charge.kind), charge.met or ZERO):
        back = ledger.reverse(
            actor=actor,
            at=at,
            id=derived_id(entry.id, "reversal"),
            account_id=charge.account_id,
            entry_id=entry.id,
            business_date=local_day(at),
            source=posting.SOURCE,
            source_id=charge.id,
        )
        claims.keep_credit(at=at, moves=[(back.entry, charge.customer_id)])


def _drop(charge: Charge, actor: Actor, at: datetime) -> None:
    """What is open of the claim falls away; what was paid of it stands to the account's credit."""
    claim = claims_queries.claim(charge.account_id, charge.id)
    assert claim is not None, "a posted charge has its claim"
    if claim.disputed:
        claims.dispute(
            actor=actor, at=at, account_id=claim.account_id, claim_id=claim.id, amount=ZERO
        )
    if claim.open:
        claims.apply_payment(
            actor=actor,
            at=at,
            account_id=charge.account_id,
            payment_id=derived_id(charge.id, "reversal"),
            amount=claim.open,
            quoted=[claim.id],
        )
    if paid := claim.amount - claim.open:
        credited = Entry(
            id=derived_id(charge.id, "paid"),
            account_id=charge.account_id,
            debit=RECEIVABLE,
            credit=CREDIT,
            amount=paid,
            business_date=local_day(at),
            source=posting.SOURCE,
            source_id=charge.id,
        )
        ledger.post(actor=actor, at=at, entries=[credited])
        claims.keep_credit(at=at, moves=[(credited, charge.customer_id)])


def _owe_again(charge: Charge, actor: Actor, at: datetime) -> None:
    if charge.met:
        claims.reopen(actor=actor, at=at, account_id=charge.account_id, payment_id=charge.id)


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """What would be taken back, and what was paid of it."""
    account_id, charge_id = UUID(str(payload["account"])), UUID(str(payload["charge"]))
    known = rules.kind(str(payload["kind"]))
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    claim = claims_queries.claim(account_id, charge_id)
    paid = claim.amount - claim.open if claim else None
    return Proposal(
        text_ar=f"إلغاء: {known.name_ar}",
        text_en=f"Take back: {known.name_en}",
        details=(
            Detail("الحساب", "Account", ref.number if ref else None),
            Detail(known.cause_ar, known.cause_en, str(payload["cause"])),
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("سُدد منه", "Paid of it", paid),
        ),
    )


def tier_of(payload: Payload) -> int:
    """As for the charge itself."""
    return rules.tier(str(payload["kind"]), Money(int(payload["fils"])))


def register() -> None:
    """Called when the product is assembled, after the catalogue is installed."""
    tiers = rules.catalogue().tiers
    approvals.register(
        REVERSE,
        reversal_agreed,
        roles={n: one.approves for n, one in enumerate(tiers)},
        makers=MAKERS,
        tier_of=tier_of,
        in_words=in_words,
    )
