"""Owners: title that passes with its deed, and landlords who agree to take supply back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.supply import chain, rules
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.operations.linking import (
    PartyOverlap,
    open_tail,
    refusing,
    require_alive,
    succeed,
)
from tahseel.registry.supply.values import Capacity, NewParty, Role
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

ACCOUNTS_MAX = 5_000


class DeedMissing(Refusal):
    """Ownership passes with a title deed, an agreement is a paper with a number."""

    code = "deed_missing"
    text_ar = "يجب ذكر رقم وثيقة الملكية أو الاتفاقية"
    text_en = "The number of the title deed or of the agreement must be given"


class NotTheOwner(Refusal):
    """Only who owns the place can agree to take its supply back."""

    code = "not_the_owner"
    text_ar = "العميل ليس مالكاً مسجلاً على الحساب {account} في {day}"
    text_en = "The customer is no recorded owner on account {account} on {day}"


@audited("supply.transfer_ownership", subject="account_id")
def transfer_ownership(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    to_customer_id: UUID,
    on_day: date,
    deed: str,
    takes_back: bool = False,
) -> None:
    """Pass ownership by its title deed, and with it the liability where the owner had it.

    A tenant stays, and stays liable; a vacancy stays a vacancy unless the new owner agrees to take
    supply back. Raises DeedMissing, LiabilityOverlap, PartyOverlap, DeadCustomer, AccountUnknown,
    AccountClosed.
    """
    require_duty(actor, "supply.transfer_ownership")
    if not deed.strip():
        raise DeedMissing()
    account, tail = open_tail(account_id)
    require_alive(to_customer_id, on_day)
    owners = Party.objects.filter(account=account, role=Role.OWNER)
    if owners.filter(from_day__gte=on_day).exists():
        raise PartyOverlap(rule="a later owner is recorded")
    chain.end_owners(account, on_day)
    if Capacity(tail.capacity) is Capacity.ESTATE and tail.customer_id:
        chain.end_heirs(account, tail.customer_id, on_day)
    _own(account, to_customer_id, on_day, deed.strip(), takes_back=takes_back)
    capacity = rules.follows_title(Capacity(tail.capacity))
    if capacity is None and tail.customer_id is None and takes_back:
        capacity = Capacity.LANDLORD
    if capacity is not None:
        _follow(account, tail, to_customer_id, on_day, capacity, actor=actor, at=at)
    note(owner=str(to_customer_id), deed=deed.strip(), on_day=on_day.isoformat())


@audited("supply.agree_landlord", subject="owner_id")
def agree_landlord(
    *,
    actor: Actor,
    at: datetime,
    account_ids: Sequence[UUID],
    owner_id: UUID,
    agreement: str,
    from_day: date,
) -> None:
    """Record that an owner takes supply back whenever a tenant of his leaves, on many accounts.

    What stands vacant falls to him from that day. All or none. Raises DeedMissing, NotTheOwner,
    PartyOverlap, LiabilityOverlap, DeadCustomer, AccountUnknown, AccountClosed.
    """
    require_duty(actor, "supply.agree_landlord")
    if len(account_ids) > ACCOUNTS_MAX:
        raise ValueError(f"at most {ACCOUNTS_MAX} accounts an agreement")
    if not agreement.strip():
        raise DeedMissing()
    require_alive(owner_id, from_day)
    for account_id in sorted(account_ids):
        account, tail = open_tail(account_id)
        _require_owner(account, owner_id, from_day)
        _agree(account, owner_id, from_day, agreement.strip())
        if tail.customer_id is None:
            _follow(account, tail, owner_id, from_day, Capacity.LANDLORD, actor=actor, at=at)
    note(accounts=len(account_ids), agreement=agreement.strip(), from_day=from_day.isoformat())


def _agree(account: Account, owner_id: UUID, from_day: date, paper: str) -> None:
    """His role goes on with the agreement; one that begins that day has it from the start."""
    same_day = Party.objects.filter(
        account=account, customer_id=owner_id, role=Role.OWNER, from_day=from_day
    )
    if same_day.update(takes_back=True, agreement=paper):
        return
    his = Party.objects.filter(account=account, customer_id=owner_id, role=Role.OWNER)
    his.filter(from_day__lt=from_day).exclude(until_day__lte=from_day).update(until_day=from_day)
    _own(account, owner_id, from_day, paper, takes_back=True)


def _own(account: Account, owner_id: UUID, from_day: date, paper: str, *, takes_back: bool) -> None:
    party = NewParty(
        id=chain.party_id(account.id, owner_id, Role.OWNER, from_day),
        customer_id=owner_id,
        role=Role.OWNER,
        from_day=from_day,
        agreement=paper,
        takes_back=takes_back,
    )
    with refusing():
        chain.add_party(account.id, party)


def _follow(
    account: Account,
    tail: Liability,
    customer_id: UUID,
    day: date,
    capacity: Capacity,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    link = chain.link(account.id, day, customer_id, capacity)
    succeed(account, tail, link, actor=actor, at=at)


def _require_owner(account: Account, owner_id: UUID, day: date) -> None:
    owned = Party.objects.filter(
        account=account, customer_id=owner_id, role=Role.OWNER, from_day__lte=day
    )
    if not owned.exclude(until_day__lte=day).exists():
        raise NotTheOwner(account=account.number, day=day.isoformat())
