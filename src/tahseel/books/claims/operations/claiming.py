"""Opening claims, and disputing a part of one.

Every operation first takes the account's one lock (the ledger's balance row), so two payments of
one account queue behind each other. Billing opens, payments close, collections disputes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.claims import events, opening, queries, rules
from tahseel.books.claims.operations import crediting
from tahseel.books.claims.values import Claim, NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit

CLAIMS_MAX = 500_000

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

_DISPUTE = {
    "account_id": "uuid",
    "claim_id": "uuid",
    "disputed": "int8",
    "recorded_at": "timestamptz",
}


class ClaimDiffers(Refusal):
    """A claim's id is taken by another claim of the account."""

    code = "claim_differs"
    text_ar = "المطالبة {claim} مسجلة سابقاً ببيانات مختلفة"
    text_en = "Claim {claim} was opened before with other contents"
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
    tells of all of them; else each account has its own, and what its customer has to his credit
    meets what he owes from now on. Raises ClaimDiffers.
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
    if batch is None and fresh and rules.credit_policy().at_once:
        days = {account_id: claim.opened_on for (account_id, _), claim in fresh.items()}
        crediting.use_credit(actor=actor, at=at, account_ids=days, days=days)
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
    _keep_disputes({(account_id, claim_id): amount}, at)
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
    _keep_disputes(disputes, at)
    changed = [(k[0], claims[k].customer_id, k[1], m.fils) for k, m in disputes.items()]
    events.announce(name=events.DISPUTED, claims=changed, at=at)
    audit.note(disputed_fils=sum(amount.fils for amount in disputes.values()))
    return len(disputes)


def _keep_disputes(disputes: Mapping[tuple[UUID, UUID], Money], at: datetime) -> None:
    rows = [(*key, amount.fils, at) for key, amount in disputes.items()]
    bulk.append_rows(table="claims_dispute", columns=_DISPUTE, rows=rows)


def _identity(claim: NewClaim | Claim) -> tuple[object, ...]:
    return (
        claim.reference,
        claim.kind,
        claim.opened_on,
        claim.due_date,
        claim.amount,
        claim.customer_id,
    )


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
