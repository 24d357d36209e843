"""Money that stands under another liability already becomes a deposit, or is owed to its payer."""

from __future__ import annotations

from datetime import datetime

from tahseel.books.claims import operations as claims
from tahseel.books.deposits import events, queries, rules, store
from tahseel.books.deposits.operations.taking import fresh_of
from tahseel.books.deposits.values import DEPOSIT, REFUND, DepositState, NewDeposit, Settled
from tahseel.books.ledger import operations as ledger
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, NotFound
from tahseel.kernel.money import ZERO
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.audit import operations as audit


@audit.audited("deposits.hold", subject="deposit")
def hold(*, actor: Actor, at: datetime, deposit: NewDeposit, held_in: str) -> bool:
    """Money that came with something else, such as a fee paid in advance, secures an account now.

    held_in: the liability in which it stands. True when it was new. The caller has decided that it
    is a deposit. Raises DepositDiffers, NotFound (no such account).
    """
    if deposit.issuer or deposit.expires_on:
        raise Broken("only money is held")
    if deposit.account_id not in supply.accounts(account_ids=[deposit.account_id]):
        raise NotFound(account=str(deposit.account_id))
    ledger.lock_accounts([deposit.account_id])
    if not fresh_of([deposit]):
        return False
    entry = rules.entry(
        deposit,
        "taken",
        debit=held_in,
        credit=DEPOSIT,
        amount=deposit.amount,
        day=deposit.taken_on,
    )
    ledger.post(actor=actor, at=at, entries=[entry])
    store.insert([deposit], actor=actor, at=at)
    events.taken(
        account_id=deposit.account_id,
        deposit_id=deposit.id,
        kind=str(deposit.kind),
        fils=deposit.amount.fils,
        at=at,
    )
    audit.note(account_id=deposit.account_id, amount_fils=deposit.amount.fils)
    return True


@audit.audited("deposits.owe_back", subject="deposit")
def owe_back(*, actor: Actor, at: datetime, deposit: NewDeposit, held_in: str) -> bool:
    """Owe money back that never secured anything, such as the fee of a service that was not given.

    held_in: the liability in which it stands. It is paid like the refund of a deposit: to a bank,
    by two people. There need be no account open; `reference` says where it comes from. True when
    it was new. The caller has decided that it may be given back. Raises DepositDiffers.
    """
    if deposit.issuer or deposit.expires_on or not deposit.reference.strip():
        raise Broken("only money of a known origin is owed back")
    ledger.lock_accounts([deposit.account_id])
    if not fresh_of([deposit]):
        return False
    day = local_day(at)
    entry = rules.entry(
        deposit, "owed-back", debit=held_in, credit=REFUND, amount=deposit.amount, day=day
    )
    ledger.post(actor=actor, at=at, entries=[entry])
    if deposit.customer_id is not None:
        claims.keep_credit(at=at, moves=[(entry, deposit.customer_id)])
    store.insert([deposit], actor=actor, at=at)
    kept = queries.deposit(account_id=deposit.account_id, deposit_id=deposit.id)
    assert kept is not None, "it was just written"
    store.ended(kept, state=DepositState.REFUND_DUE, netted=ZERO, refund=deposit.amount, on=day)
    if deposit.customer_id is not None:
        outcome = Settled(refund=deposit.amount)
        events.settled(
            account_id=deposit.account_id, customer_id=deposit.customer_id, outcome=outcome, at=at
        )
    audit.note(
        account_id=deposit.account_id, amount_fils=deposit.amount.fils, source=deposit.reference
    )
    return True
