"""Writing agreements: accounts opened and closed, people moving in and out.

Every change of payer goes through `_succeed`, which adds one link to the account's chain of
liability; the constraints of the table hold that chain together whatever else happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import chain, events, rules
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.values import (
    YIELDING,
    AccountRef,
    Capacity,
    NewAccount,
    NewLiability,
    NewParty,
    Role,
    Vacancy,
)
from tahseel.trust.audit.operations import audited, note

BATCH_MAX = 500_000


class AccountUnknown(NotFound):
    """No such account."""

    code = "account_unknown"
    text_ar = "الحساب غير موجود"
    text_en = "There is no such account"


class AccountClosed(Refusal):
    """The account was closed."""

    code = "account_closed"
    text_ar = "الحساب مغلق منذ {closed_on}"
    text_en = "The account was closed on {closed_on}"
    http_status = 409


class AccountNumberInvalid(Refusal):
    """The number's length or check digit is wrong."""

    code = "account_number_invalid"
    text_ar = "الرقم {number} ليس رقم حساب: {reason}"
    text_en = "{number} is not an account number: {reason}"


class AccountRefused(Refusal):
    """The account breaks a rule: a number twice, an unknown unit or customer, a gap."""

    code = "account_refused"
    text_ar = "بيانات الحساب مخالفة للقاعدة: {rule}"
    text_en = "The account breaks a rule: {rule}"
    http_status = 409


class UnitTaken(Refusal):
    """The unit has an account on these days."""

    code = "unit_taken"
    text_ar = "للوحدة حساب قائم في هذه الفترة"
    text_en = "The unit already has an account on these days"
    http_status = 409


class SecondPayer(Refusal):
    """Somebody else is liable on these days and has not moved out."""

    code = "second_payer"
    text_ar = "يوجد مستهلك آخر مسؤول عن الحساب منذ {from_day}"
    text_en = "Another customer has been liable for the account since {from_day}"
    http_status = 409


class LiabilityOverlap(Refusal):
    """The day lies before the last change of payer."""

    code = "liability_overlap"
    text_ar = "المسؤولية عن الحساب مسجلة لفترة متداخلة"
    text_en = "Liability for the account is already recorded for some of these days"
    http_status = 409


class NobodyToMoveOut(Refusal):
    """No occupant is liable."""

    code = "nobody_to_move_out"
    text_ar = "لا يوجد شاغل مسؤول عن الحساب"
    text_en = "No occupant is liable for the account"


class DeadCustomer(Refusal):
    """The dead take on no new liability."""

    code = "dead_customer"
    text_ar = "العميل متوفى منذ {died_on}"
    text_en = "The customer died on {died_on}"


class PartyOverlap(Refusal):
    """The same role twice, or a second tenant, on the same days."""

    code = "party_overlap"
    text_ar = "الصفة مسجلة لفترة متداخلة"
    text_en = "The role is already held on some of these days"
    http_status = 409


_REFUSAL_OF: dict[str, type[Refusal]] = {
    "supply_account_no_overlap": UnitTaken,
    "supply_liability_no_overlap": LiabilityOverlap,
    "supply_liability_one_end": LiabilityOverlap,
    "supply_liability_one_start": LiabilityOverlap,
    "supply_party_no_overlap": PartyOverlap,
    "supply_party_one_tenant": PartyOverlap,
}


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

    Raises UnitTaken, AccountNumberInvalid, AccountRefused, DeadCustomer.
    """
    if payer_id is None:
        capacity = Capacity.VACANT
    first = NewLiability(
        chain.link_id(id, opened_on), opened_on, payer_id, capacity, vacancy, agreement
    )
    new = NewAccount(id, unit_id, opened_on, (first,), chain.parties_of(id, first), number)
    _require_alive(payer_id, opened_on)
    if number is not None:
        _require_number(number)
    _require_free(unit_id, opened_on)
    numbers = _stored([new])
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
    a SHA-256 of the rows. Raises LiabilityOverlap, UnitTaken, PartyOverlap, AccountRefused.
    """
    if len(accounts) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} accounts a batch")
    numbers = _stored(accounts)
    digest = input_hash({"accounts": list(accounts)}).hex()
    note(count=len(accounts), digest=digest)
    events.batch_opened(batch=batch, count=len(accounts), digest=digest, at=at)
    return numbers


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
    account, tail = _open_tail(account_id)
    _require_alive(customer_id, from_day)
    if Capacity(tail.capacity) not in YIELDING:
        raise SecondPayer(customer_id=str(tail.customer_id), from_day=tail.from_day.isoformat())
    link = NewLiability(
        chain.link_id(account.id, from_day), from_day, customer_id, capacity, None, agreement
    )
    _succeed(account, tail, link, at)


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
    account, tail = _open_tail(account_id)
    if tail.customer_id is None or Capacity(tail.capacity) in YIELDING:
        raise NobodyToMoveOut()
    landlord = chain.landlord(account, on_day, leaving=tail.customer_id)
    link = NewLiability(
        chain.link_id(account.id, on_day),
        on_day,
        landlord,
        Capacity.LANDLORD if landlord else Capacity.VACANT,
        None if landlord else vacancy,
    )
    chain.end_tenancy(account, tail.customer_id, on_day)
    _succeed(account, tail, link, at)


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

    Raises NobodyToMoveOut, LiabilityOverlap, DeadCustomer, AccountUnknown, AccountClosed.
    """
    account, tail = _open_tail(account_id)
    if tail.customer_id is None:
        raise NobodyToMoveOut()
    _require_alive(to_customer_id, on_day)
    chain.end_tenancy(account, tail.customer_id, on_day)
    link = NewLiability(
        chain.link_id(account.id, on_day), on_day, to_customer_id, capacity, None, agreement
    )
    _succeed(account, tail, link, at)


@audited("supply.name_party", subject="account_id")
def name_party(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    role: Role,
    from_day: date,
    until_day: date | None = None,
    agreement: str = "",
    takes_back: bool = False,
) -> None:
    """Record an owner, tenant or beneficiary over a span of days.

    Raises PartyOverlap (the same role twice, or a second tenant on the same days), AccountUnknown.
    """
    if not Account.objects.filter(pk=account_id).exists():
        raise AccountUnknown()
    party_id = chain.party_id(account_id, customer_id, role, from_day)
    party = NewParty(party_id, customer_id, role, from_day, until_day, agreement, takes_back)
    with _refusing():
        chain.add_party(account_id, party)
    note(customer=str(customer_id), role=str(role), from_day=from_day.isoformat())


@audited("supply.close_account", subject="account_id")
def close_account(*, actor: Actor, at: datetime, account_id: UUID, closed_on: date) -> None:
    """Close an account; `closed_on` is the first day without it. Its unit is free from then on.

    Raises LiabilityOverlap when the last change is not before, AccountUnknown, AccountClosed.
    """
    account, tail = _open_tail(account_id)
    _require_after(tail, closed_on)
    if account.opened_on >= closed_on:
        raise LiabilityOverlap(customer_id="", from_day=account.opened_on.isoformat())
    chain.end_link(tail, closed_on)
    Party.objects.filter(account=account, until_day=None, from_day__lt=closed_on).update(
        until_day=closed_on
    )
    account.closed_on = closed_on
    account.save(update_fields=["closed_on"])
    events.closed(account_id=account_id, closed_on=closed_on, at=at)
    note(closed_on=closed_on.isoformat())


def _open_tail(account_id: UUID) -> tuple[Account, Liability]:
    """The account, locked, with its last link."""
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise AccountUnknown()
    if account.closed_on is not None:
        raise AccountClosed(closed_on=account.closed_on.isoformat())
    return account, Liability.objects.filter(account=account).latest("from_day")


def _succeed(account: Account, tail: Liability, link: NewLiability, at: datetime) -> None:
    """End the last link where the new one begins. A yielding link of no length is replaced."""
    _require_after(tail, link.from_day)
    with _refusing():
        chain.add_link(account, link, chain.end_link(tail, link.from_day))
    events.payer_changed(
        account_id=account.id, customer_id=link.customer_id, from_day=link.from_day, at=at
    )
    note(
        before=str(tail.customer_id or ""),
        after=str(link.customer_id or ""),
        capacity=str(link.capacity),
        from_day=link.from_day.isoformat(),
    )


def _require_after(tail: Liability, day: date) -> None:
    if tail.from_day < day or (tail.from_day == day and Capacity(tail.capacity) in YIELDING):
        return
    raise LiabilityOverlap(
        customer_id=str(tail.customer_id or ""), from_day=tail.from_day.isoformat()
    )


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
    with _refusing():
        chain.store(accounts, numbers)
    return numbers


@contextmanager
def _refusing() -> Iterator[None]:
    """A broken constraint becomes the refusal it stands for."""
    try:
        with transaction.atomic():
            yield
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        rule = bulk.rule_broken(broken)
        raise _REFUSAL_OF.get(rule, AccountRefused)(rule=rule) from broken


def _require_alive(customer_id: UUID | None, from_day: date) -> None:
    if customer_id is None:
        return
    died_on = customers.deaths(customer_ids=[customer_id]).get(customer_id)
    if died_on is not None and died_on <= from_day:
        raise DeadCustomer(died_on=died_on.isoformat())


def _require_number(number: str) -> None:
    try:
        rules.check_account_number(number)
    except ValueError as wrong:
        raise AccountNumberInvalid(number=number, reason=str(wrong)) from None


def _require_free(unit_id: UUID, opened_on: date) -> None:
    """Looked up first for a clear answer; the exclusion constraint settles a race."""
    others = Account.objects.filter(unit_id=unit_id).exclude(closed_on__lte=opened_on)
    other = others.first()
    if other is not None:
        raise UnitTaken(number=other.number, opened_on=other.opened_on.isoformat())
