"""When the liable customer has died: the estate is liable until the heirs divide it.

The dead owe what they used; what is used after the death is owed by what they left. The account
stays with the same customer, now as an estate, so nothing is asked of a person who is no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import chain, events, rules, settled
from tahseel.registry.supply.models import Account, Liability
from tahseel.registry.supply.operations.linking import (
    AccountUnknown,
    LiabilityOverlap,
    open_tail,
    refusing,
    require_alive,
)
from tahseel.registry.supply.values import Capacity, Heir, NewParty, Part, PayerChange, Role
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

CHUNK = 50_000


class StillAlive(Refusal):
    """Only the dead leave an estate."""

    code = "still_alive"
    text_ar = "لم تُسجَّل وفاة المسؤول عن الحساب"
    text_en = "No death of the liable customer is recorded"


class EstateUnknown(Refusal):
    """The account is not, and was not, liable as this person's estate."""

    code = "estate_unknown"
    text_ar = "لا توجد تركة لهذا المتوفى على الحساب"
    text_en = "The account is not part of an estate of this person"


class HeirSharesWrong(Refusal):
    """The shares of a deed make one whole, each above nothing, each heir once."""

    code = "heir_shares_wrong"
    text_ar = "أنصبة الورثة {parts} من {whole} لا تساوي التركة كاملة"
    text_en = "The heirs' shares, {parts} of {whole}, do not make the whole estate"


@audited("supply.open_estate", subject="account_id")
def open_estate(*, actor: Actor, at: datetime, account_id: UUID) -> date:
    """Make the estate of the liable customer liable from the day of death; returns that day.

    A death that became known late counts from the last change of the account, because history is
    not rewritten. Raises StillAlive, LiabilityOverlap, AccountUnknown, AccountClosed.
    """
    require_duty(actor, "supply.open_estate")
    account, tail = open_tail(account_id)
    who = tail.customer_id
    died_on = customers.deaths(customer_ids=[who]).get(who) if who else None
    if who is None or died_on is None:
        raise StillAlive()
    if Capacity(tail.capacity) is Capacity.ESTATE:
        raise LiabilityOverlap(customer_id=str(who), from_day=tail.from_day.isoformat())
    from_day = max(died_on, tail.from_day)
    link = chain.link(account.id, from_day, who, Capacity.ESTATE, agreement=tail.agreement)
    chain.end_tenancy(account, who, from_day)
    with refusing():
        chain.add_link(account, link, chain.end_link(tail, from_day))
    events.payer_changed(account_id=account.id, customer_id=who, from_day=from_day, at=at)
    settled.change(actor=actor, at=at, change=PayerChange(account.id, Part.ESTATE, who, from_day))
    note(customer=str(who), from_day=from_day.isoformat())
    return from_day


@audited("supply.open_estates", subject="")
def open_estates(*, actor: Actor, at: datetime) -> int:
    """Open the estate on every account whose liable customer is dead; returns how many."""
    require_duty(actor, "supply.open_estates")
    count = 0
    for account_id in _held_by_the_dead():
        open_estate(actor=actor, at=at, account_id=account_id)
        count += 1
    note(count=count)
    return count


@audited("supply.record_heirs", subject="account_id")
def record_heirs(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    deceased_id: UUID,
    deed: str,
    from_day: date,
    heirs: Sequence[Heir],
    whole: int,
) -> None:
    """Record the heirs of an estate with their shares, as the deed of succession names them.

    The estate stays liable until the account is transferred to one of them, or sold. Raises
    EstateUnknown, HeirSharesWrong, DeadCustomer, PartyOverlap, AccountUnknown.
    """
    require_duty(actor, "supply.record_heirs")
    if not Account.objects.filter(pk=account_id).exists():
        raise AccountUnknown()
    estate = Liability.objects.filter(
        account_id=account_id, customer_id=deceased_id, capacity=Capacity.ESTATE
    ).exclude(until_day__lte=from_day)
    if not deed.strip() or not estate.filter(from_day__lte=from_day).exists():
        raise EstateUnknown()
    if not rules.shares_make_one(heirs, whole):
        raise HeirSharesWrong(parts=sum(heir.parts for heir in heirs), whole=whole)
    for heir in heirs:
        require_alive(heir.customer_id, from_day)
    with refusing():
        for heir in heirs:
            party_id = chain.party_id(account_id, heir.customer_id, Role.HEIR, from_day)
            party = NewParty(
                id=party_id,
                customer_id=heir.customer_id,
                role=Role.HEIR,
                from_day=from_day,
                agreement=deed.strip(),
                principal_id=deceased_id,
                share=(heir.parts, whole),
            )
            chain.add_party(account_id, party)
    note(
        deceased=str(deceased_id),
        deed=deed.strip(),
        heirs=len(heirs),
        whole=whole,
        from_day=from_day.isoformat(),
    )


def _held_by_the_dead() -> list[UUID]:
    """Open accounts whose liable customer is dead and which are not yet an estate's, in order."""
    rows = Liability.objects.filter(
        until_day=None, customer_id__isnull=False, account__closed_on=None
    ).exclude(capacity=Capacity.ESTATE)
    held = list(rows.order_by("account_id").values_list("account_id", "customer_id"))
    found = []
    for start in range(0, len(held), CHUNK):
        chunk = held[start : start + CHUNK]
        dead = customers.deaths(customer_ids={who for _, who in chunk})
        found += [account_id for account_id, who in chunk if who in dead]
    return found
