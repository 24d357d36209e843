"""What is owed back of a deposit goes to a bank: one person asks, another one agrees.

The account at the bank is sealed where it is kept, also while the request waits; whoever decides
sees the bank and the last figures of it, enough to compare them with the customer's paper.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.operations.taking import ROLES
from tahseel.books.deposits.values import (
    DEPOSIT_LIFE,
    PAY_REFUND,
    REFUND,
    Deposit,
    DepositState,
)
from tahseel.books.ledger import operations as ledger
from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.errors import Broken, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

CHECKERS = {0: ("office_head", "revenue_manager"), 1: ("revenue_manager",)}
IBAN_SEAL = "deposits:iban"
BANK = "bank"


class DepositUnknown(NotFound):
    """No such deposit on the account."""

    code = "deposit_unknown"
    text_ar = "لا يوجد تأمين بهذا الرقم على الحساب"
    text_en = "The account has no such deposit"


class IbanInvalid(Refusal):
    """The IBAN's length, country or check digits are wrong. It is not repeated."""

    code = "iban_invalid"
    text_ar = "رقم الآيبان غير صحيح"
    text_en = "The IBAN is not valid"


class RefundWaits(Refusal):
    """Somebody has asked for it, and nobody has decided yet."""

    code = "refund_waits"
    text_ar = "رد هذا التأمين بانتظار الاعتماد"
    text_en = "The refund of this deposit waits for an approval"
    http_status = 409


@audit.audited("deposits.propose_refund", subject="deposit_id")
def propose_refund(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    deposit_id: UUID,
    iban: str,
    reason: str,
) -> UUID:
    """Ask that what is owed back of a deposit be paid to an account at a bank.

    Returns the approval's id; nothing is paid before a second person agrees. The same again under
    the same id answers the same, whatever was decided meanwhile. Raises NotAllowed, DepositUnknown,
    WrongState, IbanInvalid, RefundWaits, InputDiffers, and what `approvals.submit` raises.
    """
    require(actor, *ROLES)
    try:
        number = rules.check_iban(iban)
    except ValueError:
        raise IbanInvalid() from None
    ledger.lock_accounts([account_id])
    if _asked_before(actor, approval_id, account_id, deposit_id, number):
        return approval_id
    deposit = _payable(account_id, deposit_id)
    if deposit_id in queries.refunds_waiting(as_of=at):
        raise RefundWaits()
    audit.note(account_id=account_id, amount_fils=deposit.refund.fils)
    payload = {
        "account": str(account_id),
        "deposit": str(deposit_id),
        "fils": deposit.refund.fils,
        "iban": secrets.seal(number.encode(), context=IBAN_SEAL).hex(),
        "shown": rules.masked_iban(number),
    }
    return approvals.submit(
        actor=actor,
        at=at,
        operation=PAY_REFUND,
        payload=payload,
        reason=reason,
        approval_id=approval_id,
    )


def _asked_before(
    actor: Actor, approval_id: UUID, account_id: UUID, deposit_id: UUID, iban: str
) -> bool:
    """This person has asked for just this under the id. Raises InputDiffers for anything else.

    A sealed number is never the same twice, so the numbers themselves are compared.
    """
    before = approvals_queries.asked_before(
        approval_id=approval_id,
        actor=actor,
        operation=PAY_REFUND,
        payload={"account": str(account_id), "deposit": str(deposit_id)},
    )
    if before is None:
        return False
    sealed = bytes.fromhex(str(before.payload["iban"]))
    if secrets.unseal(sealed, context=IBAN_SEAL) != iban.encode():
        raise InputDiffers(operation=PAY_REFUND)
    audit.note(account_id=account_id, approval=approval_id, again=True)
    return True


def refund_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Money:
    """What runs once the second person agrees; returns the amount, which went to the fils.

    Raises DepositUnknown, WrongState; Broken when the sum is not the one that was asked for.
    """
    return _pay(
        actor=actor,
        at=at,
        account_id=UUID(str(payload["account"])),
        deposit_id=UUID(str(payload["deposit"])),
        amount=Money(int(payload["fils"])),
        iban=bytes.fromhex(str(payload["iban"])),
        approval_id=approval_id,
    )


@audit.audited("deposits.pay_refund", subject="deposit_id")
def _pay(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    deposit_id: UUID,
    amount: Money,
    iban: bytes,
    approval_id: UUID,
) -> Money:
    ledger.lock_accounts([account_id])
    deposit = _payable(account_id, deposit_id)
    if deposit.refund != amount:
        raise Broken(f"the refund of deposit {deposit_id} is not the one that was asked for")
    paid_on = local_day(at)
    entry = rules.entry(deposit, "refunded", debit=REFUND, credit=BANK, amount=amount, day=paid_on)
    ledger.post(actor=actor, at=at, entries=[entry])
    store.refunded(deposit, on=paid_on, iban=iban)
    events.refunded(account_id=account_id, deposit_id=deposit_id, fils=amount.fils, at=at)
    audit.note(account_id=account_id, approval=approval_id, amount_fils=amount.fils)
    return amount


def _payable(account_id: UUID, deposit_id: UUID) -> Deposit:
    deposit = queries.deposit(account_id=account_id, deposit_id=deposit_id)
    if deposit is None:
        raise DepositUnknown()
    DEPOSIT_LIFE.require(deposit.state, DepositState.REFUNDED)
    return deposit


def tier_of(payload: Payload) -> int:
    """A large refund is for a revenue manager."""
    return int(int(payload["fils"]) >= rules.policy().refund_large.fils)


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """To whom how much goes, and to which account at a bank."""
    account_id, deposit_id = UUID(str(payload["account"])), UUID(str(payload["deposit"]))
    deposit = queries.deposit(account_id=account_id, deposit_id=deposit_id)
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    holder = None
    if deposit is not None and deposit.customer_id is not None:
        holder = customers.by_id(
            actor=actor, at=at, purpose=Purpose.CUSTOMER_SERVICE, customer_id=deposit.customer_id
        )
    return Proposal(
        text_ar="رد تأمين إلى صاحبه",
        text_en="Pay a deposit back to its holder",
        details=(
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("الحساب", "Account", ref.number if ref else None),
            Detail("المرجع", "Reference", deposit.reference if deposit and not ref else None),
            Detail("صاحب التأمين (عربي)", "Holder (Arabic)", holder.name_ar if holder else None),
            Detail("صاحب التأمين (لاتيني)", "Holder (Latin)", holder.name_en if holder else None),
            Detail("الآيبان", "IBAN", str(payload["shown"])),
            Detail("مستحق منذ", "Owed since", deposit.ended_on if deposit else None),
        ),
    )


def register() -> None:
    """Called when Django starts."""
    approvals.register(
        PAY_REFUND,
        refund_approved,
        roles=CHECKERS,
        makers=ROLES,
        tier_of=tier_of,
        in_words=in_words,
    )
