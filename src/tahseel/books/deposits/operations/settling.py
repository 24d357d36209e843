"""The end of a deposit: it meets its owner's debts, and what is left is owed back to him."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Claim
from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.operations.taking import ROLES
from tahseel.books.deposits.values import (
    DEPOSIT,
    DEPOSIT_LIFE,
    REFUND,
    DemandState,
    Deposit,
    DepositKind,
    DepositState,
    Settled,
)
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import RECEIVABLE
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit


class SettlementWaits(Refusal):
    """A bill of the owner is held back; what it comes to is not known yet."""

    code = "deposit_settlement_waits"
    text_ar = "تسوية التأمين بانتظار إصدار فاتورة موقوفة لصاحبه"
    text_en = "The deposit is settled once a held bill of its owner is issued"
    http_status = 409


@audit.audited("deposits.wait", subject="account_id")
def wait(*, actor: Actor, at: datetime, account_id: UUID, customer_id: UUID) -> int:
    """Let a customer's deposits wait for a bill that is held back; returns how many wait.

    Until `settle_waited` they are netted by nobody. Raises NotAllowed.
    """
    require(actor, *ROLES)
    ledger.lock_accounts([account_id])
    count = store.waits(account_id=account_id, customer_id=customer_id, since=at)
    audit.note(customer=str(customer_id), deposits=count)
    return count


def settle_waited(
    *, actor: Actor, at: datetime, account_id: UUID, customer_id: UUID, on_day: date
) -> Settled:
    """Settle what has waited: the bill is out. As `settle`."""
    ledger.lock_accounts([account_id])
    store.waits(account_id=account_id, customer_id=customer_id, since=None)
    return settle(actor=actor, at=at, account_id=account_id, customer_id=customer_id, on_day=on_day)


@audit.audited("deposits.settle", subject="account_id")
def settle(
    *, actor: Actor, at: datetime, account_id: UUID, customer_id: UUID, on_day: date
) -> Settled:
    """Net a customer's deposits on an account against what he owes there, the oldest due first.

    Money that is left becomes a refund due; a guarantee is called from its bank when debt is left,
    else given back. A disputed part is left alone, and nobody else's debt is met.
    Raises NotAllowed, SettlementWaits.
    """
    require(actor, *ROLES)
    ledger.lock_accounts([account_id])
    held = queries.held_for_update(account_id=account_id, customer_id=customer_id)
    if any(one.waits_since for one in held):
        raise SettlementWaits()
    owed = [
        claim
        for claim in claims_queries.open_claims(account_id)
        if claim.customer_id == customer_id and claim.payable
    ]
    debt = Money(sum(claim.payable.fils for claim in owed))
    outcome = Settled(left=debt)
    for deposit in [one for one in held if one.kind is DepositKind.CASH]:
        met = min(deposit.amount, outcome.left)
        _use(deposit, met, owed, actor=actor, at=at, on_day=on_day)
        outcome = replace(
            outcome,
            netted=outcome.netted + met,
            refund=outcome.refund + deposit.amount - met,
            left=outcome.left - met,
        )
    outcome = _end_guarantees(held, outcome, on_day)
    store.overtake(account_ids=[account_id], at=at, by=actor.id)
    store.end_demands(account_id=account_id, state=DemandState.OVERTAKEN, on=on_day)
    if held:
        events.settled(account_id=account_id, customer_id=customer_id, outcome=outcome, at=at)
    return outcome


def _use(
    deposit: Deposit, met: Money, owed: Sequence[Claim], *, actor: Actor, at: datetime, on_day: date
) -> None:
    """Meet debts with a part of a deposit, owe the rest back, and end it."""
    back = deposit.amount - met
    entries = []
    if met:
        applied = claims.apply_payment(
            actor=actor,
            at=at,
            account_id=deposit.account_id,
            payment_id=derived_id(deposit.id, "netted"),
            amount=met,
            quoted=[claim.id for claim in owed],
        )
        if applied.unapplied:
            raise Broken(f"deposit {deposit.id} met less than was open")
        entries.append(
            rules.entry(deposit, "netted", debit=DEPOSIT, credit=RECEIVABLE, amount=met, day=on_day)
        )
    if back:
        entries.append(
            rules.entry(deposit, "owed-back", debit=DEPOSIT, credit=REFUND, amount=back, day=on_day)
        )
    ledger.post(actor=actor, at=at, entries=entries)
    state = DepositState.REFUND_DUE if back else DepositState.SETTLED
    DEPOSIT_LIFE.require(deposit.state, state)
    store.ended(deposit, state=state, netted=met, refund=back, on=on_day)


def _end_guarantees(held: Sequence[Deposit], outcome: Settled, on_day: date) -> Settled:
    """Call guarantees while debt is left, as far as they reach; give the others back."""
    left = outcome.left
    for deposit in [one for one in held if one.kind is DepositKind.GUARANTEE]:
        called = bool(left) and deposit.covers(on_day)
        state = DepositState.CALLED if called else DepositState.RELEASED
        DEPOSIT_LIFE.require(deposit.state, state)
        store.ended(deposit, state=state, netted=ZERO, refund=ZERO, on=on_day)
        if called:
            reached = min(left, deposit.amount)
            left -= reached
            outcome = replace(outcome, called=outcome.called + reached)
        else:
            outcome = replace(outcome, released=outcome.released + deposit.amount)
    return outcome
