"""What is proved or doubted of a customer afterwards, and another number to reach one by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import events, rules
from tahseel.registry.customers.opening import customer_view
from tahseel.registry.customers.operations.documenting import DocumentNeeded, has_document
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.operations.registering import sealed_mobile
from tahseel.registry.customers.values import (
    CustomerKind,
    CustomerView,
    Evidence,
    IdentityState,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

LANGUAGES = ("ar", "en")


class LanguageUnknown(Refusal):
    """The house speaks Arabic and English."""

    code = "language_unknown"
    text_ar = "اللغة {language} غير متاحة"
    text_en = "There is no language {language} here"


@audited("customers.verify_identity", subject="customer_id")
def verify_identity(
    *, actor: Actor, at: datetime, customer_id: UUID, evidence: Evidence, reference: str
) -> CustomerView:
    """Record that the identity was proved, by what, and under which reference of the proof.

    Raises DocumentNeeded, WrongState, CustomerUnknown.
    """
    require_duty(actor, "customers.verify_identity")
    customer = locked(customer_id)
    by_document = rules.needs_document(CustomerKind(customer.kind)) and not customer.civil_id_index
    if by_document and not has_document(customer_id, at):
        raise DocumentNeeded(kind=customer.kind)
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
    require_duty(actor, "customers.doubt_identity")
    customer = locked(customer_id)
    customer.identity = rules.IDENTITY.require(
        IdentityState(customer.identity), IdentityState.DOUBTED
    )
    customer.save(update_fields=["identity"])
    note(reason=reason)
    events.doubted(customer_id=customer_id, at=at)
    return customer_view(customer)


@audited("customers.change_mobile", subject="customer_id")
def change_mobile(*, actor: Actor, at: datetime, customer_id: UUID, mobile: str) -> CustomerView:
    """Replace the mobile number. Raises MobileInvalid, CustomerUnknown."""
    require_duty(actor, "customers.change_mobile")
    customer = locked(customer_id)
    customer.mobile_cipher, customer.mobile_index = sealed_mobile(mobile)
    customer.save(update_fields=["mobile_cipher", "mobile_index"])
    return customer_view(customer)


@audited("customers.change_language", subject="customer_id")
def change_language(
    *, actor: Actor, at: datetime, customer_id: UUID, language: str
) -> CustomerView:
    """The language in which a customer wants to be told. Raises LanguageUnknown."""
    require_duty(actor, "customers.change_language")
    if language not in LANGUAGES:
        raise LanguageUnknown(language=language)
    customer = locked(customer_id)
    customer.language = language
    customer.save(update_fields=["language"])
    note(language=language)
    return customer_view(customer)
