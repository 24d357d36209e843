"""What happens to a customer afterwards: proof of identity, doubt, death, another number."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.customers import events, rules
from tahseel.registry.customers.models import Customer
from tahseel.registry.customers.opening import customer_view, open_civil_id
from tahseel.registry.customers.operations.registering import sealed_mobile
from tahseel.registry.customers.values import (
    NATURAL_KINDS,
    CustomerView,
    Evidence,
    IdentityState,
)
from tahseel.trust.audit.operations import audited, note


class CustomerUnknown(NotFound):
    """No such customer."""

    code = "customer_unknown"
    text_ar = "العميل غير موجود"
    text_en = "There is no such customer"


class DeathImpossible(Refusal):
    """The day lies in the future or before the birth, or the customer is not a person."""

    code = "death_impossible"
    text_ar = "تاريخ الوفاة {died_on} غير ممكن"
    text_en = "{died_on} cannot be the day of this death"


@audited("customers.verify_identity", subject="customer_id")
def verify_identity(
    *, actor: Actor, at: datetime, customer_id: UUID, evidence: Evidence, reference: str
) -> CustomerView:
    """Record that the identity was proved, by what, and under which reference of the proof."""
    customer = locked(customer_id)
    customer.identity = rules.IDENTITY.require(
        IdentityState(customer.identity), IdentityState.VERIFIED
    )
    customer.evidence = evidence
    customer.evidence_reference = reference
    customer.identity_verified_at = at
    customer.identity_verified_by = actor.id
    customer.save()
    note(evidence=str(evidence), reference=reference)
    events.verified(customer_id=customer_id, evidence=evidence, at=at)
    return customer_view(customer)


@audited("customers.doubt_identity", subject="customer_id")
def doubt_identity(*, actor: Actor, at: datetime, customer_id: UUID, reason: str) -> CustomerView:
    """Take the proof of an identity back; the evidence stays on record."""
    customer = locked(customer_id)
    customer.identity = rules.IDENTITY.require(
        IdentityState(customer.identity), IdentityState.DOUBTED
    )
    customer.save(update_fields=["identity"])
    note(reason=reason)
    events.doubted(customer_id=customer_id, at=at)
    return customer_view(customer)


@audited("customers.record_death", subject="customer_id")
def record_death(
    *, actor: Actor, at: datetime, customer_id: UUID, died_on: date, source: str
) -> CustomerView:
    """Record a person's death from a named source. Raises DeathImpossible, CustomerUnknown."""
    customer = locked(customer_id)
    civil_id = open_civil_id(customer)
    possible = rules.can_have_died(civil_id, died_on, local_day(at))
    if customer.kind not in NATURAL_KINDS or not possible:
        raise DeathImpossible(died_on=died_on.isoformat())
    customer.died_on = died_on
    customer.death_source = source
    customer.save(update_fields=["died_on", "death_source"])
    note(died_on=died_on.isoformat(), source=source)
    events.died(customer_id=customer_id, died_on=died_on, at=at)
    return customer_view(customer)


@audited("customers.change_mobile", subject="customer_id")
def change_mobile(*, actor: Actor, at: datetime, customer_id: UUID, mobile: str) -> CustomerView:
    """Replace the mobile number. Raises MobileInvalid, CustomerUnknown."""
    customer = locked(customer_id)
    customer.mobile_cipher, customer.mobile_index = sealed_mobile(mobile)
    customer.save(update_fields=["mobile_cipher", "mobile_index"])
    return customer_view(customer)


def locked(customer_id: UUID) -> Customer:
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise CustomerUnknown()
    return customer
