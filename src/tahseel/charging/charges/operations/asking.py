"""A charge or credit is asked for with its evidence, and stands once a second person agrees."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.ledger import operations as ledger
from tahseel.charging.charges import queries, rules
from tahseel.charging.charges.operations import posting
from tahseel.charging.charges.values import (
    POST,
    Charge,
    ChargeKind,
    ChargeState,
    When,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

EVIDENCE_MAX = 500


class AccountUnknown(NotFound):
    """No account has this id."""

    code = "charge_account_unknown"
    text_ar = "لا يوجد حساب بهذا الرقم"
    text_en = "There is no such account"


class AccountClosed(Refusal):
    """Nothing new is charged on an account that is closed."""

    code = "charge_account_closed"
    text_ar = "الحساب {account} مغلق منذ {day}"
    text_en = "Account {account} has been closed since {day}"
    http_status = 409


class NotByHand(Refusal):
    """The amount of this kind is computed where it belongs, never typed."""

    code = "charge_not_by_hand"
    text_ar = "مبلغ «{kind}» يُحسب ولا يُدخل يدوياً"
    text_en = "The amount of a {kind} is computed, and not entered by hand"


class AmountOutOfLimits(Refusal):
    """The amount is not one that the catalogue allows."""

    code = "charge_amount_out_of_limits"
    text_ar = "المبلغ {amount} خارج الحدود من {least} إلى {most}"
    text_en = "{amount} is outside the limits from {least} to {most}"


class EvidenceMissing(Refusal):
    """Whoever asks names what proves it."""

    code = "charge_evidence_missing"
    text_ar = "يجب ذكر المستند المؤيد"
    text_en = "Name the evidence"


class CauseUnclear(Refusal):
    """The cause is empty or too long to be compared."""

    code = "charge_cause_unclear"
    text_ar = "يجب ذكر سبب الرسم برقم مستنده (بحد أقصى {length} حرفاً)"
    text_en = "Name the cause by the number of its paper (at most {length} letters)"


class ChargedBefore(Refusal):
    """The account was charged or credited for this very cause."""

    code = "charged_before"
    text_ar = "سُجل هذا السبب سابقاً على الحساب ({reference}، {amount})"
    text_en = "The account has been charged for this cause before ({reference}, {amount})"
    http_status = 409


class ChargeWaits(Refusal):
    """The same is asked for, and nobody has decided yet."""

    code = "charge_waits"
    text_ar = "الطلب نفسه بانتظار الاعتماد منذ {since}"
    text_en = "The same has been waiting for an approval since {since}"
    http_status = 409


@audit.audited("charges.ask", subject="account_id")
def ask(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    kind: str,
    cause: str,
    amount: Money | None,
    evidence: str,
    computed: bool = False,
) -> UUID:
    """Ask for a charge or credit; returns the approval's id. amount: None where it is fixed.

    computed: the caller worked the amount out. The same again under the same id answers the same.
    Raises NotAllowed, KindUnknown, NotByHand, AccountUnknown, AccountClosed, AmountOutOfLimits,
    CauseUnclear, EvidenceMissing, ChargedBefore, ChargeWaits, NobodyToCharge, CreditBeyondOwed,
    InputDiffers.
    """
    known = rules.kind(kind)
    require(actor, *known.asks)
    if not known.by_hand and not computed:
        raise NotByHand(kind=known.name_en)
    fils = _amount(known, amount)
    reason, why = rules.same_cause(cause), evidence.strip()
    payload = {"account": str(account_id), "kind": kind, "cause": reason, "fils": fils.fils}
    payload["evidence"] = why
    ledger.lock_accounts([account_id])
    if approvals_queries.asked_before(
        approval_id=approval_id, actor=actor, operation=POST, payload=payload
    ):
        audit.note(approval=approval_id, again=True)
        return approval_id
    ref = _open(account_id)
    _clear(reason, why)
    _once(account_id, kind, reason, at)
    customer = posting.customer_of(ref, local_day(at))
    posting.require_owed(known, account_id, customer, fils)
    audit.note(kind=kind, cause=reason, fils=fils.fils)
    return approvals.submit(
        actor=actor, at=at, operation=POST, payload=payload, reason=why, approval_id=approval_id
    )


def _amount(known: ChargeKind, amount: Money | None) -> Money:
    fils = known.least if amount is None and known.fixed else amount
    if fils is None or fils.fils <= 0 or not known.least <= fils <= known.most:
        raise AmountOutOfLimits(
            amount=fils.dinars() if fils else "-",
            least=known.least.dinars(),
            most=known.most.dinars(),
        )
    return fils


def _open(account_id: UUID) -> AccountRef:
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    if ref is None:
        raise AccountUnknown()
    if ref.closed_on is not None:
        raise AccountClosed(account=ref.number, day=ref.closed_on.isoformat())
    return ref


def _clear(cause: str, evidence: str) -> None:
    if not cause or len(cause) > rules.CAUSE_MAX:
        raise CauseUnclear(length=rules.CAUSE_MAX)
    if not evidence or len(evidence) > EVIDENCE_MAX:
        raise EvidenceMissing()


def _once(account_id: UUID, kind: str, cause: str, at: datetime) -> None:
    stands = queries.standing(account_id=account_id, kind=kind, cause=cause)
    if stands is not None:
        raise ChargedBefore(reference=stands.reference, amount=stands.amount.dinars())
    for one in queries.asked(as_of=at):
        if one.reverses is None and (one.account_id, one.kind, one.cause) == (
            account_id, kind, cause,
        ):  # fmt: skip
            raise ChargeWaits(since=one.asked_at.date().isoformat())


def agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Charge:
    """What runs once the second person agrees."""
    asked = approvals_queries.by_id(approval_id)
    return _agree(
        actor=actor,
        at=at,
        account_id=UUID(str(payload["account"])),
        approval_id=approval_id,
        payload=payload,
        maker=asked.maker_id,
    )


@audit.audited("charges.agree", subject="account_id")
def _agree(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    approval_id: UUID,
    payload: Payload,
    maker: str,
) -> Charge:
    """Raises AccountClosed, ChargedBefore, NobodyToCharge, CreditBeyondOwed."""
    ledger.lock_accounts([account_id])
    ref, known = _open(account_id), rules.kind(str(payload["kind"]))
    cause = str(payload["cause"])
    stands = queries.standing(account_id=account_id, kind=known.code, cause=cause)
    if stands is not None:
        raise ChargedBefore(reference=stands.reference, amount=stands.amount.dinars())
    charge = Charge(
        account_id=account_id,
        id=approval_id,
        reference=rules.reference(ref.number, approval_id),
        kind=known.code,
        sign=known.sign,
        cause=cause,
        amount=Money(int(payload["fils"])),
        evidence=str(payload["evidence"]),
        customer_id=posting.customer_of(ref, local_day(at)),
        state=ChargeState.WAITING,
        asked_by=maker,
        agreed_by=actor.id,
        agreed_at=at,
    )
    posting.keep(charge)
    audit.note(charge=charge.reference, kind=charge.kind, fils=charge.amount.fils)
    if known.when is When.AT_ONCE:
        return posting.post(charge, actor=actor, at=at)
    return charge


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which account, what for, how much."""
    account_id = UUID(str(payload["account"]))
    known = rules.kind(str(payload["kind"]))
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    credit = known.sign == "credit"
    return Proposal(
        text_ar=f"{'قيد دائن' if credit else 'قيد رسم'}: {known.name_ar}",
        text_en=f"{'Credit' if credit else 'Charge'}: {known.name_en}",
        details=(
            Detail("الحساب", "Account", ref.number if ref else None),
            Detail(known.cause_ar, known.cause_en, str(payload["cause"])),
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("المستند المؤيد", "Evidence", str(payload["evidence"])),
        ),
    )


def tier_of(payload: Payload) -> int:
    """By value, and at least what the kind asks for."""
    return rules.tier(str(payload["kind"]), Money(int(payload["fils"])))


def register() -> None:
    """Called when the product is assembled, after the catalogue is installed."""
    tiers = rules.catalogue().tiers
    makers = {role for one in rules.catalogue().kinds.values() for role in one.asks}
    approvals.register(
        POST,
        agreed,
        roles={n: one.approves for n, one in enumerate(tiers)},
        makers=sorted(makers),
        tier_of=tier_of,
        in_words=in_words,
    )
