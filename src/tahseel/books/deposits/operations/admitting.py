"""Somebody comes with his deposit: one act, so nobody lives there unsecured by an oversight."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.books.deposits import queries
from tahseel.books.deposits.operations.taking import ROLES, require_lasting, take
from tahseel.books.deposits.values import NewDeposit
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import local_day
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

WAIVING_ROLES = ("office_head", "revenue_manager")


class DepositMissing(Refusal):
    """Less is deposited than the country asks for, and nobody who may has waived it."""

    code = "deposit_missing"
    text_ar = "التأمين المطلوب {wanted} والمقدم {given} دينار"
    text_en = "A deposit of KD {wanted} is wanted and KD {given} is given"


@audit.audited("deposits.admit", subject="account_id")
def admit(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    from_day: date,
    capacity: Capacity = Capacity.TENANT,
    agreement: str = "",
    deposit: NewDeposit | None = None,
    waiver: str = "",
) -> None:
    """Move a customer in and take the deposit that goes with his place and capacity.

    waiver: why less is taken; only heads of offices and revenue managers may. Raises
    DepositMissing, GuaranteeExpired, NotAllowed, and what `supply.move_in` and `take` raise; then
    nothing is changed.
    """
    wanted, given = _require_enough(
        actor=actor, at=at, account_id=account_id, customer_id=customer_id, from_day=from_day,
        capacity=capacity, deposit=deposit, waiver=waiver,
    )  # fmt: skip
    supply.move_in(
        actor=actor,
        at=at,
        account_id=account_id,
        customer_id=customer_id,
        from_day=from_day,
        capacity=capacity,
        agreement=agreement,
    )
    if deposit is not None:
        take(actor=actor, at=at, deposit=deposit)
    audit.note(wanted_fils=wanted.fils, given_fils=given.fils, waiver=waiver.strip())


@audit.audited("deposits.secure", subject="account_id")
def secure(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    from_day: date,
    capacity: Capacity,
    deposit: NewDeposit | None = None,
    waiver: str = "",
) -> None:
    """Take the deposit of whoever an account is handed to, as much as at a move-in.

    Raises as `admit`, and nothing of the agreement.
    """
    wanted, given = _require_enough(
        actor=actor, at=at, account_id=account_id, customer_id=customer_id, from_day=from_day,
        capacity=capacity, deposit=deposit, waiver=waiver,
    )  # fmt: skip
    if deposit is not None:
        take(actor=actor, at=at, deposit=deposit)
    audit.note(wanted_fils=wanted.fils, given_fils=given.fils, waiver=waiver.strip())


def _require_enough(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    from_day: date,
    capacity: Capacity,
    deposit: NewDeposit | None,
    waiver: str,
) -> tuple[Money, Money]:
    """What is wanted and what is given, where that is enough or somebody who may waives it."""
    require(actor, *ROLES)
    if deposit is not None and (deposit.account_id, deposit.customer_id) != (
        account_id,
        customer_id,
    ):
        raise ValueError("the deposit is for the account and by the customer")
    wanted = queries.wanted_at_move_in(
        account_id=account_id, customer_id=customer_id, capacity=capacity
    )
    if deposit is not None:
        require_lasting(deposit, max(from_day, local_day(at)))
    given = deposit.amount if deposit else ZERO
    if given < wanted:
        if not waiver.strip():
            raise DepositMissing(wanted=wanted.dinars(), given=given.dinars())
        require(actor, *WAIVING_ROLES)
    return wanted, given
