"""Money to an account's credit: whose it is, and that it meets what he owes from then on.

Credit is used when a claim opens and in the night, by the country's rule. What follows from the
account's lock cannot happen twice: where credit was used, there is none left or nothing to meet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.books.claims import events, owning, queries, rules
from tahseel.books.claims.operations import applying
from tahseel.books.claims.values import CREDIT_USED, Applied, PaymentPart
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

CHUNK = 1_000
IDS_IN_LEAF_MAX = 20


@audit.audited("claims.keep_credit_lines", subject="batch")
def keep_credit_lines(*, actor: Actor, at: datetime, batch: str, moves: bulk.Lines) -> int:
    """The same for money that is taken on: account_id, id, customer_id, amount, source."""
    count = bulk.insert_lines(
        table="claims_credit",
        columns=("account_id", "id", "customer_id", "amount", "source"),
        lines=moves,
        recorded_at=at,
    )
    audit.note(count=count)
    return count


def use_credit(
    *,
    actor: Actor,
    at: datetime,
    account_ids: Collection[UUID],
    days: Mapping[UUID, date] | None = None,
) -> int:
    """Meet what customers owe with what they have to their credit on the same account; in fils.

    The oldest first, by the country's rule; never a disputed part, nor another customer's claim,
    nor more than stands on the account: a merge that was taken back may leave more to one of two.
    days: the business day of an account's entries, else today's. Nothing is written, nor a leaf
    left, where no credit stands.
    """
    held = queries.credited(account_ids)
    if not held:
        return 0
    return _use(actor=actor, at=at, account_ids=sorted(held), days=days or {})


@audit.audited("claims.use_credit", subject="account_ids")
def _use(
    *, actor: Actor, at: datetime, account_ids: Sequence[UUID], days: Mapping[UUID, date]
) -> int:
    ledger.lock_accounts(account_ids)
    held, owed = queries.credited(account_ids), queries.open_by_account(account_ids)
    balances = ledger_queries.balances(account_ids)
    parts = []
    for account_id, customers in held.items():
        left = balances[account_id].credit.fils
        for customer_id, fils in customers.items():
            claims = rules.meets(owed.get(account_id, {}).values(), customer_id)
            if meets := min(fils, left, sum(claim.payable.fils for claim in claims)):
                left -= meets
                place = str(balances[account_id].version)
                use = derived_id(account_id, CREDIT_USED, str(customer_id), place)
                quoted = tuple(claim.id for claim in claims)
                parts.append((customer_id, PaymentPart(account_id, use, Money(meets), quoted)))
    if not parts:
        return 0
    done = applying.apply([part for _, part in parts], at)
    entries = [_entry(one, days.get(one.account_id, local_day(at))) for one in done]
    ledger.post_many(actor=actor, at=at, entries=entries)
    owning.keep_credit(
        at=at, moves=[(entry, who) for entry, (who, _) in zip(entries, parts, strict=True)]
    )
    met = [
        (one.account_id, customer_id, part.claim_id, part.amount.fils)
        for one, (customer_id, _) in zip(done, parts, strict=True)
        for part in one.allocations
    ]
    events.announce(name=events.CREDIT_USED, claims=met, at=at)
    fils = sum(one.applied.fils for one in done)
    audit.note(used=[entry.id for entry in entries[:IDS_IN_LEAF_MAX]], amount_fils=fils)
    return fils


def free_credit(
    *, actor: Actor, at: datetime, account_id: UUID, customer_id: UUID, amount: Money
) -> None:
    """Undo the newest uses of a customer's credit until so much of it is unapplied again.

    For whoever takes back what gave the credit, in the same transaction; the claims are owed again.
    Raises CreditBelowZero where there was less to undo: another customer's credit is not taken.
    """
    ledger.lock_accounts([account_id])
    left = amount - queries.credit_of(account_id=account_id, customer_id=customer_id)
    for use in queries.uses_of(account_id=account_id, customer_id=customer_id):
        if left.fils <= 0:
            return
        applying.reopen(actor=actor, at=at, account_id=account_id, payment_id=use.use_id)
        back = ledger.reverse(
            actor=actor,
            at=at,
            id=derived_id(use.entry_id, "freed"),
            account_id=account_id,
            entry_id=use.entry_id,
            business_date=local_day(at),
            source=CREDIT_USED,
            source_id=use.use_id,
        )
        owning.keep_credit(at=at, moves=[(back.entry, customer_id)])
        left = left - use.amount
    if left.fils > 0:
        raise ledger.CreditBelowZero(credit=-left.fils)


@audit.audited("claims.use_credits", subject="")
def use_credits(*, actor: Actor, at: datetime) -> int:
    """What is left to meet in the night: disputes that ended, money that was taken on; in fils.

    Only for jobs.
    """
    require(actor)
    found = queries.usable()
    chunks = (found[n : n + CHUNK] for n in range(0, len(found), CHUNK))
    fils = sum(use_credit(actor=actor, at=at, account_ids=chunk) for chunk in chunks)
    audit.note(amount_fils=fils)
    return fils


def _entry(one: Applied, day: date) -> Entry:
    return Entry(
        id=derived_id(one.payment_id, "entry"),
        account_id=one.account_id,
        debit=CREDIT,
        credit=RECEIVABLE,
        amount=one.applied,
        business_date=day,
        source=CREDIT_USED,
        source_id=one.payment_id,
    )
