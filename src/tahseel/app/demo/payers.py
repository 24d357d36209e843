"""How they pay: promptly, late, in part, or no longer; decided by the seed, month by month."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tahseel.app.demo.values import Chance, at_hour
from tahseel.books.payments.values import Received
from tahseel.kernel.money import Money

TENDERS = {"knet": "knet", "cash": "cash", "terminal": "knet_terminal", "transfer": "bank_transfer"}


@dataclass
class Payer:
    """One account's habit and the bills it still has before it, oldest first."""

    account_id: UUID
    customer_id: UUID
    habit: str
    stops_after: int
    random: random.Random
    open: list[Owed] = field(default_factory=list)


@dataclass
class Owed:
    """A bill to be paid on a day, or never (`on` is None)."""

    claim_id: UUID
    amount: int
    on: date | None
    part: int


def make_payers(
    *,
    accounts: Iterable[tuple[UUID, UUID, bool]],
    stopping: Collection[UUID],
    chance: Chance,
    data: Mapping[str, Any],
) -> dict[UUID, Payer]:
    """One payer an account; accounts are (account id, customer id, is a government body).

    stopping: customers who surely stop paying, so that even a small country has somebody held.
    """
    payers = {}
    for account_id, customer_id, public in accounts:
        own = chance.generator(f"payer/{account_id}")
        shares = data["public_payers" if public else "payers"]
        habits = ("prompt", "late", "partly", "stops")
        habit = own.choices(habits, [shares[name] for name in habits])[0]
        habit = "stops" if customer_id in stopping else habit
        payers[account_id] = Payer(account_id, customer_id, habit, own.randint(1, 14), own)
    return payers


def take_bill(payer: Payer, *, claim_id: UUID, amount: Money, issued_on: date, number: int) -> None:
    """Decide, once, when and how far a bill will be paid. `number` counts the account's bills."""
    days, part = _habit(payer, number)
    on = issued_on + timedelta(days=days) if days is not None else None
    payer.open.append(Owed(claim_id, amount.fils, on, part))


def _habit(payer: Payer, number: int) -> tuple[int | None, int]:
    """(days after issue or None, part in hundredths)."""
    draw = payer.random
    if payer.habit == "stops" and number > payer.stops_after:
        return None, 0
    if payer.habit == "late":
        return draw.randint(35, 95), 100
    if payer.habit == "partly":
        return draw.randint(10, 60), draw.choice((40, 50, 60, 100))
    return draw.randint(2, 27), 100


def payments_between(
    payers: Sequence[Payer],
    *,
    start: date,
    end: date,
    chance: Chance,
    data: Mapping[str, Any],
) -> list[Received]:
    """What comes in on the days from `start` up to, not including, `end`, in the order of days."""
    found = []
    shares = data["tenders"]
    for payer in payers:
        for owed in [o for o in payer.open if o.on is not None and start <= o.on < end]:
            payer.open.remove(owed)
            amount = owed.amount * owed.part // 100
            assert owed.on is not None
            if amount > 0:
                at = at_hour(owed.on, payer.random.randint(7, 20), payer.random.randint(0, 59))
                tender = payer.random.choices(tuple(TENDERS), [shares[name] for name in TENDERS])[0]
                found.append(
                    Received(
                        id=chance.new_id("payment", at),
                        account_id=payer.account_id,
                        customer_id=payer.customer_id,
                        amount=Money(amount),
                        tender=TENDERS[tender],
                        received_at=at,
                        business_date=owed.on,
                        claim_ids=(owed.claim_id,),
                    )
                )
    return sorted(found, key=lambda one: (one.received_at, one.id))
