"""The fee and the deposit: quoted from dated data, claimed under the account's own id, found paid.

Until there is supply the fee is money received in advance: it becomes revenue with energising.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.deposits import rules as deposits
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import RECEIVABLE, Entry
from tahseel.channels.services import rules
from tahseel.channels.services.models import Application
from tahseel.channels.services.opening import application_of, stored_quotation
from tahseel.channels.services.operations.applying import require_still_liable
from tahseel.channels.services.operations.moving import capacity_of, locked, move, require_duty
from tahseel.channels.services.operations.settling import ADVANCE, SOURCE
from tahseel.channels.services.values import FEE, Quotation, State
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.kernel.actor import Actor
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import queries as customers
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.audit.operations import audited, note


class NoFeeBook(Refusal):
    """No book of fees is in force, or it asks nothing for this service."""

    code = "no_fee_book"
    text_ar = "لا توجد رسوم سارية لهذه الخدمة في {day}"
    text_en = "No fees are in force for this service on {day}"


@audited("services.quote", subject="application_id")
def quote(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Quote the fee by the book in force and open the claim under which it is paid.

    Raises ApplicationUnknown, NotAllowed, WrongState, NoFeeBook, and AccountNotYours where whoever
    wants more load is no more liable for the account.
    """
    require_duty(actor, "study")
    row = locked(application_id)
    rules.GETTING_SUPPLY.require(State(row.state), State.QUOTED)
    require_still_liable(row, at)
    quotation = _quotation(row, at)
    row.quotation = stored_quotation(quotation)
    row.claim_id = derived_id(row.id, "claim")
    _book(row, quotation, actor, at)
    facts = {"amount_fils": quotation.total.fils, "valid_until": str(quotation.valid_until)}
    move(row, State.QUOTED, step="quoted", actor=actor, at=at, facts=facts)
    note(amount_fils=quotation.total.fils, claim=str(row.claim_id))
    return application_of(row)


@audited("services.confirm_paid", subject="application_id")
def confirm_paid(*, actor: Actor, at: datetime, application_id: UUID) -> bool:
    """Go on to the inspection when the claim is closed; True when this call did it."""
    return go_on_when_paid(locked(application_id), actor, at)


def go_on_when_paid(row: Application, actor: Actor, at: datetime) -> bool:
    """Bring a locked application that is quoted on to the inspection when its claim is closed."""
    claim = claims.claim(row.account_id, row.claim_id) if row.claim_id else None
    if State(row.state) is not State.QUOTED or claim is None or claim.open.fils:
        return False
    facts = {"amount_fils": claim.amount.fils}
    move(row, State.PAID, step="paid", actor=actor, at=at, facts=facts)
    return True


def _quotation(row: Application, at: datetime) -> Quotation:
    day, data = local_day(at), rules.catalogue()
    turn = rules.turn(State.QUOTED, data)
    last = rules.last_day(turn, entered=day, calendar=working_calendar())
    found = rules.quote(
        books=data.fee_books,
        service=row.service,
        load_kw=row.added_kw or row.load_kw,
        services=[Service(service) for service in row.services],
        day=day,
        valid_until=last or day,
    )
    if found is None or not found.total:
        raise NoFeeBook(day=day.isoformat())
    deposit = _deposit(row)
    if not deposit:
        return found
    return replace(found, lines=(*found.lines, rules.deposit_line(deposit, data.deposit_names)))


def _deposit(row: Application) -> Money:
    """What whoever will be liable leaves as security for the account that is to be opened."""
    if supply.accounts(account_ids=[row.account_id]):
        return ZERO
    return deposits.wanted_at_move_in(
        capacity=capacity_of(row),
        unit=premises.kinds(unit_ids=[row.unit_id])[row.unit_id],
        customer=customers.kinds(customer_ids=[row.applicant_id])[row.applicant_id],
    )


def _book(row: Application, quotation: Quotation, actor: Actor, at: datetime) -> None:
    assert row.claim_id is not None
    day = local_day(at)
    entry = Entry(
        id=derived_id(row.id, "entry", "fee"),
        account_id=row.account_id,
        debit=RECEIVABLE,
        credit=ADVANCE,
        amount=quotation.total,
        business_date=day,
        source=SOURCE,
        source_id=row.id,
    )
    ledger.post(actor=actor, at=at, entries=[entry])
    claim = NewClaim(
        account_id=row.account_id,
        id=row.claim_id,
        reference=row.reference,
        kind=FEE,
        opened_on=day,
        due_date=quotation.valid_until,
        amount=quotation.total,
        customer_id=row.applicant_id,
    )
    claim_operations.open_claims(actor=actor, at=at, claims=[claim])
