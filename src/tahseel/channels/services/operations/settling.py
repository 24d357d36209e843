"""What becomes of a fee when an application ends: revenue with supply, else given back or kept.

The account of a new place exists from energising on only. What is given back before is no credit on
it, where nobody would ever meet it, but owed to the applicant.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.channels.services.models import Application
from tahseel.channels.services.opening import quotation_of
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply

SOURCE = "service"
ADVANCE = "connection.advance"
REVENUE = "connection.revenue"


def earn(row: Application, actor: Actor, at: datetime) -> None:
    """The service is rendered: the fee is revenue, and a deposit that came with it secures."""
    if row.quotation is None:
        return
    quotation = quotation_of(row.quotation)
    fee = quotation.total - quotation.deposit
    ledger.post(actor=actor, at=at, entries=[_entry(row, "earned", REVENUE, fee, at)])
    if quotation.deposit:
        held = _money(row, "deposit", quotation.deposit, at)
        deposits.hold(actor=actor, at=at, deposit=held, held_in=ADVANCE)


def release(row: Application, actor: Actor, at: datetime) -> Money:
    """The application ends without supply; returns what is given back.

    What is open of the claim is met by a credit note. Of a fee paid in full the refundable lines
    are given back and the others are revenue; of a part payment all of it is given back: as credit
    on the account where one is open, else to the applicant's bank.
    """
    if row.quotation is None or row.claim_id is None:
        return ZERO
    quotation = quotation_of(row.quotation)
    claim = claims.claim(row.account_id, row.claim_id)
    assert claim is not None, "a quotation has its claim"
    paid = claim.amount - claim.open
    back = quotation.refundable if not claim.open else paid
    if claim.open:
        note = _entry(row, "credit-note", RECEIVABLE, claim.open, at)
        ledger.post(actor=actor, at=at, entries=[note])
        claim_operations.apply_payment(
            actor=actor,
            at=at,
            account_id=row.account_id,
            payment_id=note.id,
            amount=claim.open,
            quoted=[claim.id],
        )
    if kept := paid - back:
        ledger.post(actor=actor, at=at, entries=[_entry(row, "kept", REVENUE, kept, at)])
    if back:
        _give_back(row, back, actor, at)
    return back


def give_back_late(row: Application, actor: Actor, at: datetime) -> Money:
    """Owe back what was paid after the end, where no account is open; returns how much that is."""
    late = claims.credited([row.account_id]).get(row.account_id, {})
    if not late or supply.accounts(account_ids=[row.account_id]):
        return ZERO
    earlier = deposits_queries.deposits(account_ids=[row.account_id]).get(row.account_id, [])
    for place, (customer_id, fils) in enumerate(late.items(), len(earlier)):
        owed = _money(row, f"late-{place}", Money(fils), at)
        owed = replace(owed, customer_id=customer_id)
        deposits.owe_back(actor=actor, at=at, deposit=owed, held_in=CREDIT)
    return Money(sum(late.values()))


def _give_back(row: Application, back: Money, actor: Actor, at: datetime) -> None:
    if supply.accounts(account_ids=[row.account_id]):
        entry = _entry(row, "given-back", CREDIT, back, at)
        ledger.post(actor=actor, at=at, entries=[entry])
        claim_operations.keep_credit(at=at, moves=[(entry, row.applicant_id)])
        claim_operations.use_credit(actor=actor, at=at, account_ids=[row.account_id])
    else:
        owed = _money(row, "given-back", back, at)
        deposits.owe_back(actor=actor, at=at, deposit=owed, held_in=ADVANCE)


def _money(row: Application, name: str, amount: Money, at: datetime) -> NewDeposit:
    return NewDeposit(
        account_id=row.account_id,
        id=derived_id(row.id, name),
        customer_id=row.applicant_id,
        kind=DepositKind.CASH,
        amount=amount,
        taken_on=local_day(at),
        reference=row.reference,
    )


def _entry(row: Application, name: str, credit: str, amount: Money, at: datetime) -> Entry:
    return Entry(
        id=derived_id(row.id, "entry", name),
        account_id=row.account_id,
        debit=ADVANCE,
        credit=credit,
        amount=amount,
        business_date=local_day(at),
        source=SOURCE,
        source_id=row.id,
    )
