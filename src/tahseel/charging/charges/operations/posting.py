"""A charge goes into the books: its entry, and its claim or the claims that it lowers.

A credit lowers what its own customer owes on the account, the oldest due first and never a disputed
part; more than that stands to the account's credit where the catalogue says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims import rules as claims_rules
from tahseel.books.claims.values import Claim, NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.charging.charges import events, rules
from tahseel.charging.charges.values import (
    CLAIM,
    LIFE,
    Beyond,
    Carrier,
    Charge,
    ChargeKind,
    ChargeState,
    Sign,
    When,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef

SOURCE = "charge"


class NobodyToCharge(Refusal):
    """Nobody is liable for the account today."""

    code = "charge_nobody_liable"
    text_ar = "لا يوجد مسؤول عن السداد للحساب {account} في {day}"
    text_en = "Nobody is liable for account {account} on {day}"


class CreditBeyondOwed(Refusal):
    """The credit is more than its customer owes, and the catalogue gives no more than that."""

    code = "credit_beyond_owed"
    text_ar = "الخصم {amount} يتجاوز المستحق غير المعترض عليه ({owed})"
    text_en = "The credit of {amount} is more than what is owed and undisputed ({owed})"


def customer_of(ref: AccountRef, day: date) -> UUID:
    """Who is liable for an account on a day. Raises NobodyToCharge."""
    found = supply.payers(account_ids=[ref.id], day=day).get(ref.id)
    if found is None:
        raise NobodyToCharge(account=ref.number, day=day.isoformat())
    return found


def require_owed(known: ChargeKind, account_id: UUID, customer_id: UUID, fils: Money) -> None:
    """Raises CreditBeyondOwed for a credit given at once that may not leave anything over."""
    if known.sign is not Sign.CREDIT or known.when is not When.AT_ONCE:
        return
    owed = _owed(account_id, customer_id)
    total = Money(sum(claim.payable.fils for claim in owed))
    if known.beyond is Beyond.REFUSE and fils > total:
        raise CreditBeyondOwed(amount=fils.dinars(), owed=total.dinars())


def keep(charge: Charge) -> None:
    """The row of what was agreed to, before anything becomes of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into charges_charge (account_id, id, reference, kind, sign, cause, amount,"
            " evidence, customer_id, state, asked_by, agreed_by, agreed_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                charge.account_id,
                charge.id,
                charge.reference,
                charge.kind,
                str(charge.sign),
                charge.cause,
                charge.amount.fils,
                charge.evidence,
                charge.customer_id,
                str(charge.state),
                charge.asked_by,
                charge.agreed_by,
                charge.agreed_at,
            ],
        )


def post(charge: Charge, *, actor: Actor, at: datetime, carrier: Carrier | None = None) -> Charge:
    """Put a waiting charge into the books, with the bill that carries it or by itself.

    The account is locked. Raises CreditBeyondOwed.
    """
    LIFE.require(charge.state, ChargeState.POSTED)
    known = rules.kind(charge.kind)
    day = carrier.issued_on if carrier else local_day(at)
    due = carrier.due_on if carrier else day + timedelta(days=rules.catalogue().due_days)
    done = replace(
        charge,
        state=ChargeState.POSTED,
        posted_on=day,
        due_on=due if charge.sign is Sign.CHARGE else None,
        bill_id=carrier.bill_id if carrier else None,
    )
    if charge.sign is Sign.CHARGE:
        _claim(done, known, actor, at)
    else:
        require_owed(known, charge.account_id, charge.customer_id, charge.amount)
        done = _give(done, known, actor, at)
    update(done)
    events.posted(done, at=at)
    return done


def _claim(charge: Charge, known: ChargeKind, actor: Actor, at: datetime) -> None:
    assert charge.posted_on is not None, "set by post()"
    assert charge.due_on is not None, "a charge has its due day"
    [entry] = entries(charge, known, ZERO)
    ledger.post(actor=actor, at=at, entries=[entry])
    owed = NewClaim(
        account_id=charge.account_id,
        id=charge.id,
        reference=charge.reference,
        kind=CLAIM,
        opened_on=charge.posted_on,
        due_date=charge.due_on,
        amount=charge.amount,
        customer_id=charge.customer_id,
    )
    claims.open_claims(actor=actor, at=at, claims=[owed])


def _give(charge: Charge, known: ChargeKind, actor: Actor, at: datetime) -> Charge:
    owed = _owed(charge.account_id, charge.customer_id)
    met = Money(min(charge.amount.fils, sum(claim.payable.fils for claim in owed)))
    done = replace(charge, met=met)
    posted = [*entries(done, known, met)]
    ledger.post(actor=actor, at=at, entries=posted)
    claims.keep_credit(at=at, moves=[(entry, charge.customer_id) for entry in posted])
    if met:
        applied = claims.apply_payment(
            actor=actor,
            at=at,
            account_id=charge.account_id,
            payment_id=charge.id,
            amount=met,
            quoted=[claim.id for claim in owed],
        )
        if applied.unapplied or {one.claim_id for one in applied.allocations} - {
            claim.id for claim in owed
        }:
            raise Broken(f"credit {charge.reference} met another claim")
    return done


def entries(charge: Charge, known: ChargeKind, met: Money) -> Iterator[Entry]:
    """What a charge posts; of a credit what met claims, and what stands to the account's credit."""
    assert charge.posted_on is not None, "posted on a day"
    halves = [("entry", RECEIVABLE, known.ledger, charge.amount)]
    if charge.sign is Sign.CREDIT:
        halves = [
            ("entry", known.ledger, RECEIVABLE, met),
            ("credited", known.ledger, CREDIT, charge.amount - met),
        ]
    for name, debit, credit, amount in halves:
        if amount:
            yield Entry(
                id=derived_id(charge.id, name),
                account_id=charge.account_id,
                debit=debit,
                credit=credit,
                amount=amount,
                business_date=charge.posted_on,
                source=SOURCE,
                source_id=charge.id,
            )


def _owed(account_id: UUID, customer_id: UUID) -> list[Claim]:
    """What a customer owes on the account, the oldest due first."""
    own = [one for one in claims_queries.open_claims(account_id) if one.customer_id == customer_id]
    return sorted(own, key=claims_rules.age)


def update(charge: Charge) -> None:
    """What became of a charge; the rest of its row never changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update charges_charge set state = %s, posted_on = %s, due_on = %s, bill_id = %s,"
            " met = %s, reversed_at = %s, reason = %s where account_id = %s and id = %s",
            [
                str(charge.state),
                charge.posted_on,
                charge.due_on,
                charge.bill_id,
                None if charge.met is None else charge.met.fils,
                charge.reversed_at,
                charge.reason,
                charge.account_id,
                charge.id,
            ],
        )
