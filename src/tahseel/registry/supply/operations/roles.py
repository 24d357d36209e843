"""Dated roles on an account, apart from being liable: owner, tenant, payer, occupant, proxy ..."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.registry.supply import chain, settled
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.operations.linking import AccountUnknown, refusing, require_alive
from tahseel.registry.supply.values import PLAIN_ROLES, NewParty, Part, PayerChange, Role
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class RoleNeedsMore(Refusal):
    """A proxy and an heir are recorded with their documents, by operations of their own."""

    code = "role_needs_more"
    text_ar = "الوكيل والوارث يُسجَّلان بمستنداتهما"
    text_en = "A proxy and an heir are recorded with their documents"


class ProxyUndocumented(Refusal):
    """A power of attorney has a number and an end, and is for somebody else."""

    code = "proxy_undocumented"
    text_ar = "الوكالة تحتاج إلى رقم ومدة وموكِّل غير الوكيل"
    text_en = "A power of attorney needs a number, a term and a principal who is not the proxy"


class PrincipalHasNoPart(Refusal):
    """Nobody can act on an account for somebody who has nothing to do with it."""

    code = "principal_has_no_part"
    text_ar = "الموكِّل لا صفة له على هذا الحساب في {day}"
    text_en = "The principal has no part in this account on {day}"


class PartyNotOpen(NotFound):
    """The account has no such role that could end on the day."""

    code = "party_not_open"
    text_ar = "لا توجد صفة قائمة يمكن إنهاؤها في {day}"
    text_en = "There is no open role that could end on {day}"


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
    """Record an owner, tenant, payer, beneficiary or occupant over a span of days.

    Raises PartyOverlap (the same role twice, or a second tenant or payer on the same days),
    RoleNeedsMore, AccountUnknown, DeadCustomer.
    """
    require_duty(actor, "supply.name_party")
    if role not in PLAIN_ROLES:
        raise RoleNeedsMore()
    _require_account(account_id)
    require_alive(customer_id, from_day)
    party_id = chain.party_id(account_id, customer_id, role, from_day)
    party = NewParty(party_id, customer_id, role, from_day, until_day, agreement, takes_back)
    with refusing():
        chain.add_party(account_id, party)
    if role is Role.PAYER:
        change = PayerChange(account_id, Part.PAYER, customer_id, from_day, until_day)
        settled.change(actor=actor, at=at, change=change)
    note(customer=str(customer_id), role=str(role), from_day=from_day.isoformat())


@audited("supply.authorise_proxy", subject="account_id")
def authorise_proxy(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    customer_id: UUID,
    principal_id: UUID,
    document: str,
    from_day: date,
    until_day: date,
) -> None:
    """Let a customer act for another on an account while a power of attorney lasts.

    Raises ProxyUndocumented, PrincipalHasNoPart, PartyOverlap, AccountUnknown, DeadCustomer.
    """
    require_duty(actor, "supply.authorise_proxy")
    if not document.strip() or until_day <= from_day or customer_id == principal_id:
        raise ProxyUndocumented()
    _require_account(account_id)
    require_alive(customer_id, from_day)
    require_alive(principal_id, from_day)
    if not _has_part(account_id, principal_id, from_day):
        raise PrincipalHasNoPart(day=from_day.isoformat())
    party = NewParty(
        id=chain.party_id(account_id, customer_id, Role.PROXY, from_day),
        customer_id=customer_id,
        role=Role.PROXY,
        from_day=from_day,
        until_day=until_day,
        agreement=document.strip(),
        principal_id=principal_id,
    )
    with refusing():
        chain.add_party(account_id, party)
    note(
        customer=str(customer_id),
        principal=str(principal_id),
        document=party.agreement,
        until_day=until_day.isoformat(),
    )


@audited("supply.end_party", subject="account_id")
def end_party(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    party_id: UUID,
    on_day: date,
    reason: str = "",
) -> None:
    """End a role; `on_day` is the first day without it. A revoked proxy ends before its term.

    Raises PartyNotOpen.
    """
    require_duty(actor, "supply.end_party")
    party = Party.objects.select_for_update().filter(pk=party_id, account_id=account_id).first()
    if party is None or party.from_day >= on_day or (party.until_day or date.max) <= on_day:
        raise PartyNotOpen(day=on_day.isoformat())
    if Role(party.role) is Role.PAYER:
        change = PayerChange(account_id, Part.PAYER, None, on_day, party.until_day)
        settled.change(actor=actor, at=at, change=change)
    party.until_day = on_day
    party.save(update_fields=["until_day"])
    note(party=str(party_id), role=party.role, on_day=on_day.isoformat(), reason=reason)


def _require_account(account_id: UUID) -> None:
    if not Account.objects.filter(pk=account_id).exists():
        raise AccountUnknown()


def _has_part(account_id: UUID, customer_id: UUID, day: date) -> bool:
    """The customer is liable, or has a role of his own, on the day."""
    rows = (
        Liability.objects.filter(account_id=account_id, customer_id=customer_id),
        Party.objects.filter(account_id=account_id, customer_id=customer_id).exclude(
            role=Role.PROXY
        ),
    )
    return any(
        found.filter(from_day__lte=day).exclude(until_day__lte=day).exists() for found in rows
    )
