"""Opening accounts, one or many with their histories, and closing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.registry.customers.operations import require_standing
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.operations import UnitGone
from tahseel.registry.supply import chain, events, rules, stops, watching
from tahseel.registry.supply.models import Account, Party
from tahseel.registry.supply.operations.linking import (
    AccountRefused,
    LiabilityOverlap,
    UnitTaken,
    open_tail,
    refusing,
    require_after,
    require_alive,
)
from tahseel.registry.supply.values import (
    AccountRef,
    Capacity,
    NewAccount,
    Part,
    PayerChange,
    Vacancy,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

BATCH_MAX = 500_000


class AccountNumberInvalid(Refusal):
    """The number's length or check digit is wrong."""

    code = "account_number_invalid"
    text_ar = "الرقم {number} ليس رقم حساب: {reason}"
    text_en = "{number} is not an account number: {reason}"


@audited("supply.open_account", subject="id")
def open_account(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_id: UUID,
    opened_on: date,
    payer_id: UUID | None = None,
    capacity: Capacity = Capacity.OWNER,
    vacancy: Vacancy | None = None,
    agreement: str = "",
    number: str | None = None,
) -> AccountRef:
    """Open an account on a unit with its first payer, or vacant with a reason.

    Raises UnitTaken, UnitGone, AccountNumberInvalid, AccountRefused, DeadCustomer.
    """
    require_duty(actor, "supply.open_account")
    if payer_id is None:
        capacity = Capacity.VACANT
    first = chain.link(id, opened_on, payer_id, capacity, vacancy=vacancy, agreement=agreement)
    new = NewAccount(id, unit_id, opened_on, (first,), chain.parties_of(id, first), number)
    require_alive(payer_id, opened_on)
    if number is not None:
        _require_number(number)
    _require_free(unit_id, opened_on)
    numbers = _stored([new])
    if payer_id is None:
        account = Account.objects.get(pk=id)
        stops.follow_payer(account=account, vacant=True, actor=actor, at=at)
    events.opened(account_id=id, number=numbers[id], opened_on=opened_on, at=at)
    events.payer_changed(account_id=id, customer_id=payer_id, from_day=opened_on, at=at)
    note(number=numbers[id], payer=str(payer_id or ""), capacity=str(capacity))
    return AccountRef(id, numbers[id], unit_id, opened_on, None)


@audited("supply.open_many", subject="batch")
def open_many(
    *, actor: Actor, at: datetime, batch: str, accounts: Sequence[NewAccount]
) -> dict[UUID, str]:
    """Open many accounts with their histories by COPY, all or none; returns id -> number.

    Numbers that are not given are drawn in the order of `accounts`. The log keeps the count and
    a SHA-256 of the rows. Raises LiabilityOverlap, UnitTaken, PartyOverlap, AccountRefused,
    MergedRecord.
    """
    require_duty(actor, "supply.open_many")
    if len(accounts) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} accounts a batch")
    require_standing(customer_ids=_named(accounts))
    numbers = _stored(accounts)
    digest = input_hash({"accounts": list(accounts)}).hex()
    note(count=len(accounts), digest=digest)
    events.batch_opened(batch=batch, count=len(accounts), digest=digest, at=at)
    return numbers


@audited("supply.close_account", subject="account_id")
def close_account(*, actor: Actor, at: datetime, account_id: UUID, closed_on: date) -> None:
    """Close an account; `closed_on` is the first day without it. Its unit is free from then on.

    Raises LiabilityOverlap when the last change is not before, AccountUnknown, AccountClosed.
    """
    require_duty(actor, "supply.close_account")
    account, tail = open_tail(account_id)
    require_after(tail, closed_on)
    if account.opened_on >= closed_on:
        raise LiabilityOverlap(customer_id="", from_day=account.opened_on.isoformat())
    chain.end_link(tail, closed_on)
    Party.objects.filter(account=account, until_day=None, from_day__lt=closed_on).update(
        until_day=closed_on
    )
    account.closed_on = closed_on
    account.save(update_fields=["closed_on"])
    stops.follow_payer(account=account, vacant=False, actor=actor, at=at)
    events.closed(account_id=account_id, closed_on=closed_on, at=at)
    change = PayerChange(account_id, Part.LIABLE, None, closed_on)
    watching.tell(actor=actor, at=at, change=change)
    note(closed_on=closed_on.isoformat())


def _named(accounts: Sequence[NewAccount]) -> set[UUID]:
    """Everybody whom the histories of these accounts name."""
    named = {party.customer_id for account in accounts for party in account.parties}
    liable = (link.customer_id for account in accounts for link in account.liabilities)
    return named | {customer for customer in liable if customer is not None}


def _stored(accounts: Sequence[NewAccount]) -> dict[UUID, str]:
    """Check, number and store; returns id -> number."""
    for account in accounts:
        try:
            rules.chain(account)
            if account.number is not None:
                rules.check_account_number(account.number)
        except ValueError as wrong:
            raise AccountRefused(rule=str(wrong)) from None
    numbers = chain.draw_numbers(accounts)
    with refusing():
        chain.store(accounts, numbers)
    return numbers


def _require_number(number: str) -> None:
    try:
        rules.check_account_number(number)
    except ValueError as wrong:
        raise AccountNumberInvalid(number=number, reason=str(wrong)) from None


def _require_free(unit_id: UUID, opened_on: date) -> None:
    """Looked up first for a clear answer; the exclusion constraint settles a race."""
    ended = premises.ended_units(unit_ids=[unit_id]).get(unit_id)
    if ended is not None:
        raise UnitGone(ended_on=ended.isoformat())
    others = Account.objects.filter(unit_id=unit_id).exclude(closed_on__lte=opened_on)
    other = others.first()
    if other is not None:
        raise UnitTaken(number=other.number, opened_on=other.opened_on.isoformat())
