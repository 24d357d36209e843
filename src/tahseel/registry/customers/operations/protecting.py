"""Protected status: whose supply must not be cut, by which paper, and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import idempotency
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.registry.customers import events, rules
from tahseel.registry.customers.models import Protection
from tahseel.registry.customers.opening import protection_view
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.values import NATURAL_KINDS, ProtectionKind, ProtectionView
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class ProtectionImpossible(Refusal):
    """No evidence, days that cannot be or are too many, or not a person."""

    code = "protection_impossible"
    text_ar = "لا تسجل الحماية إلا لشخص، بمستند مؤيد، ولمدة لا تتجاوز {days_max} يوماً"
    text_en = "A protection is of a person, with its paper, and for at most {days_max} days"


class ProtectionUnknown(NotFound):
    """No such protection, or it has ended."""

    code = "protection_unknown"
    text_ar = "لا توجد حماية سارية بهذا الرقم"
    text_en = "There is no such protection, or it has ended"


@audited("customers.protect", subject="customer_id")
def protect(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the id that the caller made
    customer_id: UUID,
    kind: ProtectionKind,
    from_day: date,
    until_day: date,
    evidence: str,
) -> ProtectionView:
    """Protect a person's supply from one day up to, not including, another. The same id and input
    change nothing. Raises ProtectionImpossible, CustomerUnknown.
    """
    require_duty(actor, "customers.protect")
    customer = locked(customer_id)
    days = (until_day - from_day).days
    if (
        customer.kind not in NATURAL_KINDS
        or not evidence.strip()
        or not 0 < days <= rules.PROTECTION_DAYS_MAX
    ):
        raise ProtectionImpossible(days_max=rules.PROTECTION_DAYS_MAX)

    def act() -> dict[str, Any]:
        Protection.objects.create(
            id=id, customer=customer, kind=kind, from_day=from_day, until_day=until_day,
            evidence=evidence.strip(), recorded_at=at, recorded_by=actor.id,
        )  # fmt: skip
        events.protected(customer_id=customer_id, at=at)
        return {"id": str(id)}

    request = {
        "customer": str(customer_id), "kind": str(kind), "evidence": evidence,
        "days": [from_day.isoformat(), until_day.isoformat()],
    }  # fmt: skip
    idempotency.once(intent_id=id, operation="customers.protect", request=request, at=at, act=act)
    note(protection=id, kind=str(kind), until=until_day.isoformat())
    return protection_view(Protection.objects.get(pk=id))


@audited("customers.end_protection", subject="protection_id")
def end_protection(
    *, actor: Actor, at: datetime, protection_id: UUID, reason: str
) -> ProtectionView:
    """End a protection before its day. Raises ProtectionUnknown."""
    require_duty(actor, "customers.end_protection")
    rows = Protection.objects.select_for_update()
    found = rows.filter(pk=protection_id, ended_at__isnull=True).first()
    if found is None:
        raise ProtectionUnknown()
    found.ended_at, found.ended_reason = at, reason
    found.save(update_fields=["ended_at", "ended_reason"])
    note(customer=found.customer_id, reason=reason)
    events.protected(customer_id=found.customer_id, at=at)
    return protection_view(found)
