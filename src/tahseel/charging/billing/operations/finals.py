"""Final bills: priced for the days up to the end of a liability, checked, and issued or held.

One that a check holds is not issued; the deposit of whoever left waits with it. Once nothing of
the account is held any more, what waits is netted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import checking, events, parting, queries, rest, rules, terms, writing
from tahseel.charging.billing.operations import running, withholding
from tahseel.charging.billing.values import Held, HeldState, PricedBill
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import BillingMonth, Period, local_day
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import BillableAccount
from tahseel.trust.audit import operations as audit


class Final(NamedTuple):
    """The last of the final bills of some days; None where there is none, or it is held."""

    bill: PricedBill | None
    held: bool = False


def bill(*, actor: Actor, at: datetime, account_id: UUID, days: Period) -> Final:
    """Bill the days before a move-out, to each who was liable, unless a check holds them back."""
    bills = priced(account_id=account_id, days=days)
    month = BillingMonth.of(days.start)
    _, held = running.looked_at(bills, month)
    if held:
        run_id = derived_id(bills[-1].id, "final")
        withholding.write(held, month=month, run_id=run_id, at=at, by=actor.id, days=days)
        return Final(None, held=True)
    issue(bills, run_id=derived_id(bills[-1].id, "final"), actor=actor, at=at)
    return Final(bills[-1])


def priced(*, account_id: UUID, days: Period) -> list[PricedBill]:
    """What the final bills of some days would be, with the next free numbers."""
    month = BillingMonth.of(days.start)
    [account] = supply.billable_accounts(month=month, account_ids=[account_id])
    account = rules.until_day(rules.from_day_on(account, days.start), days.end)
    used = readings.measured(month=month, period=days, account_ids=[account_id])
    first = queries.next_sequence(account_id=account_id, month=month)
    return [
        rules.numbered(one, account_number=account.number, sequence=first + number)
        for number, one in enumerate(pieces(account, used, month))
    ]


def pieces(
    account: BillableAccount, used: Sequence[Determinant], month: BillingMonth
) -> list[PricedBill]:
    """The bills of each payer of the account's days, the last of them with sequence 0."""
    measured = rest.measured(month=month, accounts=[account])
    ids = [account.account_id]
    before = queries.last_sequences(month=month, account_ids=ids).get(account.account_id, 0)
    return rules.price_pieces(
        parting.pieces(account, used, measured),
        month=month,
        book=rules.policy().book,
        before=before,
        terms=terms.of_each(
            month=month, account_ids=[account.account_id], book=rules.policy().book
        ),
    )


def issue(bills: Sequence[PricedBill], *, run_id: UUID, actor: Actor, at: datetime) -> None:
    """Write bills that no run writes, and announce them."""
    month, book = bills[0].month, rules.policy().book
    writing.write(bills, run_id=run_id, issued_on=local_day(at), book=book, actor=actor, at=at)
    total = sum(one.total.fils for one in bills)
    events.announce_issued(run_id=run_id, month=month, bills=len(bills), total_fils=total, at=at)
    prices = [price for one in bills for price in one.prices()]
    events.announce_prices(month=month, prices=prices, at=at)


def settle_waiting(*, actor: Actor, at: datetime, account_id: UUID) -> None:
    """Net the deposits that wait on an account, unless something of it is still held back."""
    if queries.held_back(account_id=account_id):
        return
    for customer_id in deposits_queries.waiting(account_id=account_id):
        deposits.settle_waited(
            actor=actor, at=at, account_id=account_id, customer_id=customer_id,
            on_day=local_day(at),
        )  # fmt: skip


def look_again(held: Held, *, actor: Actor, at: datetime) -> None:
    """A held final bill by what is known now: issued, held anew, or left as it is."""
    assert held.days is not None, "asked of final bills only"
    bills = priced(account_id=held.account_id, days=held.days)
    if checking.digest_of(bills) == held.digest:
        return
    _, odd = running.looked_at(bills, held.month)
    state = HeldState.OVERTAKEN if odd else HeldState.CLEARED
    withholding.end_final(held, state, at=at, by=actor.id)
    audit.record(
        actor=actor, action="billing.end_held_final", subject=str(held.id), at=at,
        facts={"account": str(held.account_id), "state": str(state)},
    )  # fmt: skip
    if odd:
        withholding.write(odd, month=held.month, run_id=held.id, at=at, by=actor.id, days=held.days)
        return
    issue(bills, run_id=held.id, actor=actor, at=at)
    settle_waiting(actor=actor, at=at, account_id=held.account_id)


def look_at_all(*, actor: Actor, at: datetime) -> int:
    """The night's look: held final bills, and deposits that wait for nothing any more.

    Returns how many final bills are held no more. One that cannot be priced stays held.
    """
    ended = 0
    for held in queries.held_finals():
        with transaction.atomic():
            ledger.lock_accounts([held.account_id])
            ended += _tried(held, actor, at)
    for account_id in deposits_queries.accounts_waiting():
        with transaction.atomic():
            ledger.lock_accounts([account_id])
            settle_waiting(actor=actor, at=at, account_id=account_id)
    return ended


def _tried(held: Held, actor: Actor, at: datetime) -> int:
    try:
        with transaction.atomic():
            look_again(held, actor=actor, at=at)
    except Refusal:
        return 0
    seen = queries.held(account_id=held.account_id, held_id=held.id)
    return int(seen is not None and seen.state is not HeldState.HELD)
