"""Adding a link to an account's chain of liability: what every change of payer has in common.

Every change goes through `succeed`; the constraints of the table hold the chain together whatever
else happens, and `refusing` tells a broken one as the refusal that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.operations import require_standing
from tahseel.registry.supply import chain, events, settled, stops
from tahseel.registry.supply.models import Account, Liability
from tahseel.registry.supply.values import YIELDING, Capacity, NewLiability, Part, PayerChange
from tahseel.trust.audit.operations import note


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


class LiabilityOverlap(Refusal):
    """The day lies before the last change of payer."""

    code = "liability_overlap"
    text_ar = "المسؤولية عن الحساب مسجلة لفترة متداخلة"
    text_en = "Liability for the account is already recorded for some of these days"
    http_status = 409


class DeadCustomer(Refusal):
    """The dead take on no new liability."""

    code = "dead_customer"
    text_ar = "العميل متوفى منذ {died_on}"
    text_en = "The customer died on {died_on}"


class PartyOverlap(Refusal):
    """The same role twice, or a second tenant or payer, on the same days."""

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
    "supply_party_one_payer": PartyOverlap,
}


def open_tail(account_id: UUID) -> tuple[Account, Liability]:
    """The account, locked, with its last link."""
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise AccountUnknown()
    if account.closed_on is not None:
        raise AccountClosed(closed_on=account.closed_on.isoformat())
    return account, Liability.objects.filter(account=account).latest("from_day")


def succeed(
    account: Account, tail: Liability, link: NewLiability, *, actor: Actor, at: datetime
) -> None:
    """End the last link where the new one begins. A yielding link of no length is replaced."""
    require_after(tail, link.from_day)
    with refusing():
        chain.add_link(account, link, chain.end_link(tail, link.from_day))
    stops.follow_payer(account=account, vacant=link.customer_id is None, actor=actor, at=at)
    events.payer_changed(
        account_id=account.id, customer_id=link.customer_id, from_day=link.from_day, at=at
    )
    change = PayerChange(account.id, Part.LIABLE, link.customer_id, link.from_day)
    settled.change(actor=actor, at=at, change=change)
    note(
        before=str(tail.customer_id or ""),
        after=str(link.customer_id or ""),
        capacity=str(link.capacity),
        from_day=link.from_day.isoformat(),
    )


def require_after(tail: Liability, day: date) -> None:
    if tail.from_day < day or (tail.from_day == day and Capacity(tail.capacity) in YIELDING):
        return
    raise LiabilityOverlap(
        customer_id=str(tail.customer_id or ""), from_day=tail.from_day.isoformat()
    )


@contextmanager
def refusing() -> Iterator[None]:
    """A broken constraint becomes the refusal it stands for."""
    try:
        with transaction.atomic():
            yield
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        rule = bulk.rule_broken(broken)
        raise _REFUSAL_OF.get(rule, AccountRefused)(rule=rule) from broken


def require_alive(customer_id: UUID | None, from_day: date) -> None:
    """Raises DeadCustomer, MergedRecord."""
    if customer_id is None:
        return
    require_standing(customer_ids=[customer_id])
    died_on = customers.deaths(customer_ids=[customer_id]).get(customer_id)
    if died_on is not None and died_on <= from_day:
        raise DeadCustomer(died_on=died_on.isoformat())
