"""Moving in, moving out, and handing an account from one payer to the next."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.supply import chain
from tahseel.registry.supply.operations.linking import open_tail, require_alive, succeed
from tahseel.registry.supply.values import YIELDING, Capacity, Vacancy
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited


class SecondPayer(Refusal):
    """Somebody else is liable on these days and has not moved out."""

    code = "second_payer"
    text_ar = "يوجد مستهلك آخر مسؤول عن الحساب منذ {from_day}"
    text_en = "Another customer has been liable for the account since {from_day}"
    http_status = 409


class NobodyToMoveOut(Refusal):
    """No occupant is liable."""

    code = "nobody_to_move_out"
    text_ar = "لا يوجد شاغل مسؤول عن الحساب"
    text_en = "No occupant is liable for the account"


@audited("supply.move_in", subject="account_id")
def move_in(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    from_day: date,
    capacity: Capacity = Capacity.TENANT,
    agreement: str = "",
) -> None:
    """Make a customer liable from a day on, where nobody is or the landlord stands in.

    Raises SecondPayer when somebody else is liable, LiabilityOverlap when the day lies before the
    last change, AccountUnknown, AccountClosed, DeadCustomer.
    """
    require_duty(actor, "supply.move_in")
    account, tail = open_tail(account_id)
    require_alive(customer_id, from_day)
    if Capacity(tail.capacity) not in YIELDING:
        raise SecondPayer(customer_id=str(tail.customer_id), from_day=tail.from_day.isoformat())
    link = chain.link(account.id, from_day, customer_id, capacity, agreement=agreement)
    succeed(account, tail, link, actor=actor, at=at)


@audited("supply.move_out", subject="account_id")
def move_out(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    on_day: date,
    vacancy: Vacancy = Vacancy.NOT_OCCUPIED,
) -> None:
    """End the payer's liability; `on_day` is the first day without it.

    Supply falls to an owner who agreed to take it back, else the account is vacant for the given
    reason. Raises NobodyToMoveOut, LiabilityOverlap, AccountUnknown, AccountClosed.
    """
    require_duty(actor, "supply.move_out")
    account, tail = open_tail(account_id)
    if tail.customer_id is None or Capacity(tail.capacity) in YIELDING:
        raise NobodyToMoveOut()
    landlord = chain.landlord(account, on_day, leaving=tail.customer_id)
    link = chain.link(
        account.id,
        on_day,
        landlord,
        Capacity.LANDLORD if landlord else Capacity.VACANT,
        vacancy=None if landlord else vacancy,
    )
    chain.end_tenancy(account, tail.customer_id, on_day)
    succeed(account, tail, link, actor=actor, at=at)


@audited("supply.transfer", subject="account_id")
def transfer(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    to_customer_id: UUID,
    on_day: date,
    capacity: Capacity,
    agreement: str = "",
) -> None:
    """Hand an account from one payer to the next without a day between.

    An estate is handed to an heir, or to whoever bought from the heirs; their roles end with it.

    Raises NobodyToMoveOut, LiabilityOverlap, DeadCustomer, AccountUnknown, AccountClosed.
    """
    require_duty(actor, "supply.transfer")
    account, tail = open_tail(account_id)
    if tail.customer_id is None:
        raise NobodyToMoveOut()
    require_alive(to_customer_id, on_day)
    chain.end_tenancy(account, tail.customer_id, on_day)
    if Capacity(tail.capacity) is Capacity.ESTATE:
        chain.end_heirs(account, tail.customer_id, on_day)
    link = chain.link(account.id, on_day, to_customer_id, capacity, agreement=agreement)
    succeed(account, tail, link, actor=actor, at=at)
