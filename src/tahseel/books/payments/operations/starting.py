"""Setting out to pay: what is owed is looked up, shared out over accounts, and a page begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims import rules as claims_rules
from tahseel.books.claims.values import Allocation, Claim
from tahseel.books.payments import facilities, rules, store
from tahseel.books.payments.gateways.interface import Purchase
from tahseel.books.payments.values import (
    INTENT,
    IntentState,
    MessageKind,
    PaymentIntent,
    Share,
    Started,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.idempotency import once
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit

ACCOUNTS_MAX = 200
CLAIMS_MAX = 2_000


class NothingToPay(Refusal):
    """No open, undisputed claim is among what was named."""

    code = "nothing_to_pay"
    text_ar = "لا توجد مبالغ مستحقة للدفع"
    text_en = "There is nothing to pay"


class AmountRefused(Refusal):
    """The amount is not above zero, or more than is open and not meant as an advance."""

    code = "payment_amount_refused"
    text_ar = "المبلغ غير مقبول؛ المستحق {open_fils} فلس"
    text_en = "This amount cannot be paid; {open_fils} fils are open"


@audit.audited("payments.start", subject="id")
def start(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the contract's word
    amount: Money,
    gateway: str,
    account_ids: Sequence[UUID] = (),
    claims: Sequence[tuple[UUID, UUID]] = (),
    hold_reference: str | None = None,
    advance_customer_id: UUID | None = None,
    language: str = "ar",
) -> Started:
    """Begin a payment of open claims and say where the customer goes to pay.

    claims: (account id, claim id) of the claims a bill or a hold quotes: only these count and they
    are settled first. Without them, all open claims of `account_ids`. `advance_customer_id` allows
    more than is open: the rest becomes that customer's unapplied credit on the first account.
    The same id with the same input returns the first outcome. Anybody may pay for anybody; what is
    owed is never told by a refusal to somebody who did not name a claim or an account.

    Raises NothingToPay, AmountRefused, PurchaseInvalid, NotFound (gateway), InputDiffers.
    """
    request = {
        "amount_fils": amount.fils,
        "gateway": gateway,
        "account_ids": [str(account_id) for account_id in account_ids],
        "claims": [[str(account_id), str(claim_id)] for account_id, claim_id in claims],
        "hold_reference": hold_reference,
        "advance": str(advance_customer_id or ""),
        "language": language,
    }

    def act() -> Mapping[str, str]:
        shares = _shares(amount, account_ids, claims, advance_customer_id)
        return _begin(_intent(id, at, amount, gateway, shares, hold_reference), language)

    outcome = once(intent_id=id, operation="payments.start", request=request, at=at, act=act)
    paid_for = {*account_ids, *(account_id for account_id, _ in claims)}
    audit.note(
        amount_fils=amount.fils,
        gateway=gateway,
        hold_reference=hold_reference,
        accounts=sorted(str(account_id) for account_id in paid_for),
    )
    return Started(id, outcome["track_id"], outcome["redirect_url"])


def _shares(
    amount: Money,
    account_ids: Sequence[UUID],
    claims: Sequence[tuple[UUID, UUID]],
    advance_customer_id: UUID | None,
) -> tuple[Share, ...]:
    """How the amount falls on accounts. Raises NothingToPay, AmountRefused."""
    accounts = list(dict.fromkeys([*account_ids, *(account_id for account_id, _ in claims)]))
    if not accounts or len(accounts) > ACCOUNTS_MAX or len(claims) > CLAIMS_MAX:
        raise NothingToPay(accounts=len(accounts))
    counted = _counted(accounts, [claim_id for _, claim_id in claims])
    if not counted and advance_customer_id is None:
        raise NothingToPay(accounts=len(accounts))
    if amount.fils <= 0:
        raise AmountRefused(open_fils=_open_fils(counted), asked_fils=amount.fils)
    parts, left = claims_rules.allocate(
        claims=counted, amount=amount, quoted=[claim_id for _, claim_id in claims]
    )
    if left and advance_customer_id is None:
        raise AmountRefused(open_fils=_open_fils(counted), asked_fils=amount.fils)
    shares = _by_account(parts, {claim.id: claim for claim in counted})
    if left and advance_customer_id is not None:
        _add_advance(shares, accounts[0], advance_customer_id, left)
    return tuple(shares[account_id] for account_id in sorted(shares))


def _counted(accounts: Sequence[UUID], quoted: Sequence[UUID]) -> list[Claim]:
    """Claims with something payable: the quoted ones, or all when none is quoted."""
    found = claims_queries.open_by_account(accounts)
    return [
        claim
        for claims in found.values()
        for claim in claims.values()
        if claim.payable.fils > 0 and (not quoted or claim.id in quoted)
    ]


def _open_fils(claims: Sequence[Claim]) -> int:
    return sum(claim.payable.fils for claim in claims)


def _by_account(parts: Sequence[Allocation], known: Mapping[UUID, Claim]) -> dict[UUID, Share]:
    shares: dict[UUID, Share] = {}
    for part in parts:
        claim = known[part.claim_id]
        old = shares.get(claim.account_id, Share(claim.account_id, claim.customer_id, Money(0), ()))
        shares[claim.account_id] = Share(
            claim.account_id,
            old.customer_id,
            old.amount + part.amount,
            (*old.claim_ids, claim.id),
        )
    return shares


def _add_advance(
    shares: dict[UUID, Share], account_id: UUID, customer_id: UUID, rest: Money
) -> None:
    old = shares.get(account_id, Share(account_id, customer_id, Money(0), ()))
    shares[account_id] = Share(account_id, old.customer_id, old.amount + rest, old.claim_ids)


def _intent(  # noqa: PLR0917 - a row's worth of facts
    intent_id: UUID,
    at: datetime,
    amount: Money,
    gateway: str,
    shares: tuple[Share, ...],
    hold_reference: str | None,
) -> PaymentIntent:
    return PaymentIntent(
        id=intent_id,
        track_id=rules.track_id_of(intent_id),
        gateway=gateway,
        amount=amount,
        state=INTENT.require(INTENT.initial, IntentState.SENT),
        shares=shares,
        created_at=at,
        expires_at=at + facilities.installed().policy.page_open,
        hold_reference=hold_reference,
    )


def _begin(intent: PaymentIntent, language: str) -> Mapping[str, str]:
    """Store the intent and the request; making the address sends nothing yet."""
    place = facilities.installed()
    begun = facilities.gateway(intent.gateway).begin(
        Purchase(
            track_id=intent.track_id,
            amount=intent.amount,
            language=language,
            response_url=place.response_url(intent.gateway),
            error_url=place.error_url(intent.gateway),
            note=intent.hold_reference or "",
        )
    )
    at = intent.created_at
    store.insert_intent(intent, next_inquiry_at=at + place.policy.pause_open)
    store.add_step(intent.id, step="created", at=at, amount_fils=intent.amount.fils)
    store.add_step(intent.id, step="sent", at=at, gateway=intent.gateway)
    store.keep_message(
        kind=MessageKind.BEGIN,
        track_id=intent.track_id,
        intent_id=intent.id,
        at=at,
        content=f"{begun.redirect_url}\n{begun.request}".encode(),
    )
    return {"track_id": intent.track_id, "redirect_url": begun.redirect_url}
