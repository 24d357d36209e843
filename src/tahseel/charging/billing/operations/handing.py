"""Handing an account over as one act: who leaves is billed and settled, who comes is secured.

Whoever stops being liable gets the final bill and the settlement of a move-out, by the same way;
nobody stands between the two, so supply goes on and no day is without a debtor. An act is known by
the id of its intent: the same again answers what was done the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import NewDeposit
from tahseel.charging.billing.operations import closing
from tahseel.charging.billing.values import FinalRead, MovedOut
from tahseel.kernel import idempotency
from tahseel.kernel.actor import Actor
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply import rules as supply_rules
from tahseel.registry.supply.values import Capacity, LiabilitySpan
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit


@dataclass(frozen=True, slots=True)
class _Handing:
    """What both ways of handing an account over are given; see `hand_over`."""

    actor: Actor
    at: datetime
    intent_id: UUID
    account_id: UUID
    to_customer_id: UUID
    on_day: date
    reads: Sequence[FinalRead]
    deposit: NewDeposit | None
    waiver: str

    def before(self) -> LiabilitySpan | None:
        """Who is liable on the last day before."""
        return supply_queries.liability_on(
            account_id=self.account_id, day=self.on_day - timedelta(days=1)
        )

    def request(self) -> dict[str, object]:
        """The input by which the same act is known again."""
        return {
            "account": str(self.account_id),
            "to": str(self.to_customer_id),
            "on_day": self.on_day.isoformat(),
            "reads": closing.plain(self.reads),
            "deposit": [str(self.deposit.id), self.deposit.amount.fils] if self.deposit else None,
            "waiver": self.waiver.strip(),
        }


@audit.audited("billing.hand_over", subject="account_id")
def hand_over(
    *,
    actor: Actor,
    at: datetime,
    intent_id: UUID,
    account_id: UUID,
    to_customer_id: UUID,
    on_day: date,
    capacity: Capacity,
    agreement: str = "",
    reads: Sequence[FinalRead] = (),
    deposit: NewDeposit | None = None,
    waiver: str = "",
) -> MovedOut | None:
    """Hand an account from one payer to the next; `on_day` is the first day of the next one.

    The one who leaves is billed up to that day by the dials as read, his deposits meet what he
    owes, and the rest of them is owed back; of the next one the deposit is taken that a move-in
    asks for. None where the same customer only goes on in another capacity: then nobody leaves.

    Raises NotAllowed, InputDiffers, what `move_out`, `supply.transfer` and `deposits.secure` raise;
    then nothing is changed.
    """
    require(actor, *closing.ROLES)
    handing = _Handing(
        actor, at, intent_id, account_id, to_customer_id, on_day, reads, deposit, waiver
    )

    def transfer() -> None:
        supply.transfer(
            actor=actor, at=at, account_id=account_id, to_customer_id=to_customer_id,
            on_day=on_day, capacity=capacity, agreement=agreement,
        )  # fmt: skip

    def act() -> MovedOut | None:
        span = handing.before()
        if span is None or span.customer_id is None:
            raise supply.NobodyToMoveOut()
        return _close(handing, span.customer_id, capacity, transfer)

    more = {"capacity": str(capacity), "agreement": agreement}
    return _once(handing, "billing.hand_over", act, more)


@audit.audited("billing.pass_title", subject="account_id")
def pass_title(
    *,
    actor: Actor,
    at: datetime,
    intent_id: UUID,
    account_id: UUID,
    to_customer_id: UUID,
    on_day: date,
    deed: str,
    takes_back: bool = False,
    reads: Sequence[FinalRead] = (),
    deposit: NewDeposit | None = None,
    waiver: str = "",
) -> MovedOut | None:
    """Pass ownership by its deed; where the owner before was liable, he is billed and settled.

    None where nobody leaves: a tenant stays and stays liable, a vacancy owes nothing. Raises
    NotAllowed, InputDiffers, what `supply.transfer_ownership` raises, and where somebody leaves
    what `move_out` and `deposits.secure` raise; then nothing is changed.
    """
    require(actor, *closing.ROLES)
    handing = _Handing(
        actor, at, intent_id, account_id, to_customer_id, on_day, reads, deposit, waiver
    )

    def transfer() -> None:
        supply.transfer_ownership(
            actor=actor, at=at, account_id=account_id, to_customer_id=to_customer_id,
            on_day=on_day, deed=deed, takes_back=takes_back,
        )  # fmt: skip

    def act() -> MovedOut | None:
        span = handing.before()
        capacity = supply_rules.follows_title(span.capacity) if span else None
        if span is not None and span.customer_id is not None and capacity is not None:
            return _close(handing, span.customer_id, capacity, transfer)
        _only(handing, transfer)
        return None

    more = {"deed": deed, "takes_back": takes_back}
    return _once(handing, "billing.pass_title", act, more)


def _close(
    handing: _Handing, leaving: UUID, capacity: Capacity, transfer: Callable[[], None]
) -> MovedOut | None:
    """The one who leaves is billed and settled, then the next one's deposit is taken."""
    if leaving == handing.to_customer_id:
        _only(handing, transfer)
        return None
    done = closing.close(
        actor=handing.actor,
        at=handing.at,
        account_id=handing.account_id,
        leaving=leaving,
        on_day=handing.on_day,
        reads=handing.reads,
        leave=transfer,
    )
    deposits.secure(
        actor=handing.actor,
        at=handing.at,
        account_id=handing.account_id,
        customer_id=handing.to_customer_id,
        from_day=handing.on_day,
        capacity=capacity,
        deposit=handing.deposit,
        waiver=handing.waiver,
    )
    return done


def _only(handing: _Handing, transfer: Callable[[], None]) -> None:
    """Nobody leaves: what was read all the same is kept."""
    closing.keep(
        actor=handing.actor,
        at=handing.at,
        account_id=handing.account_id,
        on_day=handing.on_day,
        reads=handing.reads,
    )
    transfer()


def _once(
    handing: _Handing,
    operation: str,
    act: Callable[[], MovedOut | None],
    more: Mapping[str, object],
) -> MovedOut | None:
    """What was done, now or the first time."""

    def kept() -> Mapping[str, Any]:
        done = act()
        return {"done": done.as_dict() if done else None}

    outcome = idempotency.once(
        intent_id=handing.intent_id,
        operation=operation,
        request={**handing.request(), **more},
        at=handing.at,
        act=kept,
    )
    done = outcome["done"]
    return MovedOut.from_dict(done) if done else None
