"""Opening claims, meeting them with payments, undoing a payment, disputing a part.

Every operation first takes the account's one lock (the ledger's balance row), so two payments of
one account queue behind each other. Billing opens, payments close, collections disputes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.claims import columns, events, opening, queries, rules
from tahseel.books.claims.values import (
    Allocation,
    Applied,
    Claim,
    NewClaim,
    PaymentPart,
    Reopened,
)
from tahseel.books.ledger import operations as ledger
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit

CLAIMS_MAX = 500_000
Opened = columns.Opened
open_columns = columns.open_columns

_CLAIM = {
    "account_id": "uuid",
    "id": "uuid",
    "reference": "text",
    "kind": "text",
    "opened_on": "date",
    "due_date": "date",
    "amount": "int8",
    "open": "int8",
    "disputed": "int8",
    "customer_id": "uuid",
}
_APPLICATION = {
    "account_id": "uuid",
    "payment_id": "uuid",
    "amount": "int8",
    "unapplied": "int8",
    "input_hash": "bytea",
    "recorded_at": "timestamptz",
}
_ALLOCATION = {
    "account_id": "uuid",
    "id": "uuid",
    "payment_id": "uuid",
    "claim_id": "uuid",
    "position": "int4",
    "amount": "int8",
    "closes": "bool",
    "reverses": "uuid",
    "recorded_at": "timestamptz",
}


class ClaimDiffers(Refusal):
    """A claim's id is taken by another claim of the account."""

    code = "claim_differs"
    text_ar = "المطالبة {claim} مسجلة سابقاً ببيانات مختلفة"
    text_en = "Claim {claim} was opened before with other contents"
    http_status = 409


class PaymentDiffers(Refusal):
    """A payment was applied to the account before, with another amount or other claims."""

    code = "payment_differs"
    text_ar = "الدفعة {payment} طُبقت سابقاً ببيانات مختلفة"
    text_en = "Payment {payment} was applied before with other contents"
    http_status = 409


class AlreadyReopened(Refusal):
    """A payment is undone once."""

    code = "payment_already_undone"
    text_ar = "الدفعة {payment} أُلغي أثرها سابقاً"
    text_en = "Payment {payment} was undone before"
    http_status = 409


class DisputeTooLarge(Refusal):
    """More is disputed than is open, or less than nothing."""

    code = "dispute_too_large"
    text_ar = "المبلغ المعترض عليه يتجاوز المبلغ القائم ({open_fils} فلس)"
    text_en = "No more than what is open can be disputed ({open_fils} fils)"


@audit.audited("claims.open", subject="claims")
def open_claims(
    *, actor: Actor, at: datetime, claims: Sequence[NewClaim], batch: str | None = None
) -> int:
    """Open claims of any number of accounts; returns how many were new.

    The same claim again changes nothing. With `batch`, for histories that are taken on, one event
    tells of all of them; else each account has its own. Raises ClaimDiffers.
    """
    if len(claims) > CLAIMS_MAX:
        raise ValueError(f"at most {CLAIMS_MAX} claims at once")
    ledger.lock_accounts({claim.account_id for claim in claims})
    known = queries.claims_by_key([(claim.account_id, claim.id) for claim in claims])
    fresh: dict[tuple[UUID, UUID], NewClaim] = {}
    for claim in claims:
        key = (claim.account_id, claim.id)
        stored = known.get(key) or fresh.get(key)
        if stored is None:
            fresh[key] = claim
        elif _identity(stored) != _identity(claim):
            raise ClaimDiffers(claim=str(claim.id))
    _copy_claims(fresh.values())
    opened = [(c.account_id, c.customer_id, c.id, c.amount.fils) for c in fresh.values()]
    fils = sum(row[-1] for row in opened)
    if batch is None:
        events.announce(name=events.OPENED, claims=opened, at=at)
    else:
        events.batch_opened(batch=batch, count=len(fresh), fils=fils, at=at)
    audit.note(opened=len(fresh), amount_fils=fils)
    return len(fresh)


@audit.audited("claims.open_lines", subject="batch")
def open_lines(*, actor: Actor, at: datetime, batch: str, claims: bulk.Lines) -> int:
    """Open new claims whose rows the database makes; their entries were posted before.

    claims: account_id, id, reference, kind, opened_on, due_date, amount, customer_id.
    """
    count, fils = opening.insert(claims)
    events.batch_opened(batch=batch, count=count, fils=fils, at=at)
    audit.note(opened=count, amount_fils=fils)
    return count


@audit.audited("claims.apply_payment", subject="payment_id")
def apply_payment(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    payment_id: UUID,
    amount: Money,
    quoted: Sequence[UUID] = (),
) -> Applied:
    """Meet an account's claims with a payment: quoted ones first, then the oldest due.

    A disputed part is left alone. The same payment again returns its first outcome. The caller
    posts the ledger entries, in the same transaction. Raises PaymentDiffers.
    """
    [applied] = _apply([PaymentPart(account_id, payment_id, amount, tuple(quoted))], at)
    return applied


@audit.audited("claims.apply_many", subject="payments")
def apply_many(*, actor: Actor, at: datetime, payments: Sequence[PaymentPart]) -> list[Applied]:
    """The same for many payments at once, in the order given; results in the same order."""
    applied = _apply(payments, at)
    audit.note(applied_fils=sum(one.applied.fils for one in applied))
    return applied


@audit.audited("claims.reopen", subject="payment_id")
def reopen(*, actor: Actor, at: datetime, account_id: UUID, payment_id: UUID) -> Reopened:
    """Undo what a payment did to an account's claims, exactly and once.

    The caller reverses the ledger entries, in the same transaction. Raises NotFound,
    AlreadyReopened.
    """
    audit.note(account_id=account_id)
    ledger.lock_accounts([account_id])
    application = queries.application(account_id=account_id, payment_id=payment_id)
    if application is None:
        raise NotFound(payment=str(payment_id))
    if application.reopened:
        raise AlreadyReopened(payment=str(payment_id))
    parts = queries.allocations(account_id, payment_id)
    claims = queries.claims_by_key([(account_id, part.claim_id) for part in parts])
    again = [rules.reopened(claims[account_id, p.claim_id], p.amount) for p in parts]
    _update_claims(again)
    back = [_reversal(account_id, payment_id, n, part, at) for n, part in enumerate(parts)]
    bulk.copy_rows(table="claims_allocation", columns=_ALLOCATION, rows=back)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into claims_reopening (account_id, payment_id, recorded_at)"
            " values (%s, %s, %s)",
            [account_id, payment_id, at],
        )
    changed = [(account_id, claim.customer_id, claim.id, claim.open.fils) for claim in again]
    events.announce(name=events.REOPENED, claims=changed, at=at)
    return Reopened(
        account_id=account_id,
        payment_id=payment_id,
        claims=tuple(claim.id for claim in again),
        amount=rules.total(part.amount for part in parts),
        unapplied=application.unapplied,
    )


@audit.audited("claims.dispute", subject="claim_id")
def dispute(
    *, actor: Actor, at: datetime, account_id: UUID, claim_id: UUID, amount: Money
) -> Claim:
    """Set the disputed part of a claim; zero ends the dispute.

    Raises NotFound, DisputeTooLarge.
    """
    ledger.lock_accounts([account_id])
    claim = queries.claim(account_id, claim_id)
    if claim is None:
        raise NotFound(claim=str(claim_id))
    if not 0 <= amount.fils <= claim.open.fils:
        raise DisputeTooLarge(open_fils=claim.open.fils)
    with connection.cursor() as cursor:
        cursor.execute(
            "update claims_claim set disputed = %s where account_id = %s and id = %s",
            [amount.fils, account_id, claim_id],
        )
    changed = [(account_id, claim.customer_id, claim_id, amount.fils)]
    events.announce(name=events.DISPUTED, claims=changed, at=at)
    audit.note(account_id=account_id, disputed_fils=amount.fils)
    after = queries.claim(account_id, claim_id)
    assert after is not None
    return after


@audit.audited("claims.dispute_many", subject="disputes")
def dispute_many(*, actor: Actor, at: datetime, disputes: Mapping[tuple[UUID, UUID], Money]) -> int:
    """Set the disputed parts of many claims, by (account, claim), all or none; how many there are.

    Raises NotFound, DisputeTooLarge.
    """
    ledger.lock_accounts({account_id for account_id, _ in disputes})
    claims = queries.claims_by_key(list(disputes))
    if missing := set(disputes) - set(claims):
        raise NotFound(claim=str(min(missing)[1]))
    for key, amount in disputes.items():
        if not 0 <= amount.fils <= claims[key].open.fils:
            raise DisputeTooLarge(open_fils=claims[key].open.fils)
    with connection.cursor() as cursor:
        cursor.execute(
            "update claims_claim c set disputed = d.fils"
            " from unnest(%s::uuid[], %s::uuid[], %s::bigint[]) as d (account_id, id, fils)"
            " where c.account_id = d.account_id and c.id = d.id",
            [
                bulk.uuid_array(account_id for account_id, _ in disputes),
                bulk.uuid_array(claim_id for _, claim_id in disputes),
                [amount.fils for amount in disputes.values()],
            ],
        )
    changed = [(k[0], claims[k].customer_id, k[1], m.fils) for k, m in disputes.items()]
    events.announce(name=events.DISPUTED, claims=changed, at=at)
    audit.note(disputed_fils=sum(amount.fils for amount in disputes.values()))
    return len(disputes)


def _apply(payments: Sequence[PaymentPart], at: datetime) -> list[Applied]:
    """Lock, leave out what was applied before, allocate in order, write, announce."""
    ledger.lock_accounts({part.account_id for part in payments})
    books = _Books(payments)
    outcomes = [books.take(part, part.at or at) for part in payments]
    books.write()
    events.announce(name=events.CLOSED, claims=books.closed, at=at)
    return outcomes


class _Books:
    """Claims of the locked accounts while payments are applied to them one after the other."""

    def __init__(self, payments: Sequence[PaymentPart]) -> None:
        self._claims = queries.open_by_account({part.account_id for part in payments})
        self._known = queries.applied_before([(p.account_id, p.payment_id) for p in payments])
        self._touched: dict[tuple[UUID, UUID], Claim] = {}
        self._applications: list[tuple[object, ...]] = []
        self._allocations: list[tuple[object, ...]] = []
        self.closed: list[tuple[UUID, UUID, UUID, int]] = []

    def take(self, part: PaymentPart, at: datetime) -> Applied:
        key = (part.account_id, part.payment_id)
        digest = rules.input_hash(part)
        if key in self._known:
            first_digest, first = self._known[key]
            if first_digest != digest:
                raise PaymentDiffers(payment=str(part.payment_id))
            return first
        claims = self._claims.get(part.account_id, {})
        parts, left = rules.allocate(claims=claims.values(), amount=part.amount, quoted=part.quoted)
        for position, allocation in enumerate(parts):
            self._pay(claims, part, allocation, position, at)
        self._applications.append((*key, part.amount.fils, left.fils, digest, at))
        outcome = Applied(*key, tuple(parts), left, fresh=True)
        self._known[key] = (digest, Applied(*key, tuple(parts), left, fresh=False))
        return outcome

    def _pay(
        self,
        claims: dict[UUID, Claim],
        part: PaymentPart,
        allocation: Allocation,
        position: int,
        at: datetime,
    ) -> None:
        claim = rules.after(claims[allocation.claim_id], allocation, at)
        claims[claim.id] = claim
        self._touched[claim.account_id, claim.id] = claim
        if allocation.closed:
            del claims[claim.id]
            fils = claim.amount.fils
            self.closed.append((claim.account_id, claim.customer_id, claim.id, fils))
        self._allocations.append(
            (
                part.account_id,
                derived_id(part.payment_id, str(part.account_id), str(claim.id)),
                part.payment_id,
                claim.id,
                position,
                allocation.amount.fils,
                allocation.closed,
                None,
                at,
            )
        )

    def write(self) -> None:
        _update_claims(self._touched.values())
        bulk.copy_rows(table="claims_application", columns=_APPLICATION, rows=self._applications)
        bulk.copy_rows(table="claims_allocation", columns=_ALLOCATION, rows=self._allocations)


def _identity(claim: NewClaim | Claim) -> tuple[object, ...]:
    return (
        claim.reference,
        claim.kind,
        claim.opened_on,
        claim.due_date,
        claim.amount,
        claim.customer_id,
    )


def _reversal(
    account_id: UUID, payment_id: UUID, position: int, part: Allocation, at: datetime
) -> tuple[object, ...]:
    first = derived_id(payment_id, str(account_id), str(part.claim_id))
    back = derived_id(first, "reversed")
    fils = -part.amount.fils
    return account_id, back, payment_id, part.claim_id, position, fils, False, first, at


def _copy_claims(claims: Iterable[NewClaim]) -> None:
    rows = (
        (
            claim.account_id,
            claim.id,
            claim.reference,
            claim.kind,
            claim.opened_on,
            claim.due_date,
            claim.amount.fils,
            claim.amount.fils,
            0,
            claim.customer_id,
        )
        for claim in claims
    )
    bulk.copy_rows(table="claims_claim", columns=_CLAIM, rows=rows)


def _update_claims(claims: Iterable[Claim]) -> None:
    rows = [(c.account_id, c.id, c.open.fils, c.closed_at) for c in claims]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update claims_claim c set open = m.open, closed_at = m.closed_at"
            " from unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::timestamptz[])"
            " as m (account_id, id, open, closed_at)"
            " where c.account_id = m.account_id and c.id = m.id",
            [
                bulk.uuid_array(row[0] for row in rows),
                bulk.uuid_array(row[1] for row in rows),
                [row[2] for row in rows],
                [row[3] for row in rows],
            ],
        )
