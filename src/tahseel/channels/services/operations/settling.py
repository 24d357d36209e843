"""What becomes of a fee when an application ends: revenue with supply, else given back or kept."""

from __future__ import annotations

from datetime import datetime

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.channels.services.models import Application
from tahseel.channels.services.opening import quotation_of
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day

SOURCE = "service"
ADVANCE = "connection.advance"
REVENUE = "connection.revenue"


def earn(row: Application, actor: Actor, at: datetime) -> None:
    """The service is rendered: the fee is revenue."""
    if row.quotation is None:
        return
    total = quotation_of(row.quotation).total
    ledger.post(actor=actor, at=at, entries=[_entry(row, "earned", REVENUE, total, at)])


def release(row: Application, actor: Actor, at: datetime) -> Money:
    """The application ends without supply; returns what became the applicant's credit.

    What is open of the claim is met by a credit note. Of a fee paid in full the refundable lines
    become credit on the account and the others revenue; of a part payment all of it is credit.
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
    entries = [("given-back", CREDIT, back), ("kept", REVENUE, paid - back)]
    posted = [_entry(row, name, to, amount, at) for name, to, amount in entries if amount]
    if posted:
        ledger.post(actor=actor, at=at, entries=posted)
    return back


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
