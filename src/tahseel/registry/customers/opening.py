"""From a stored row to what may be shown: identifiers are opened here and leave masked."""

from __future__ import annotations

import json

from tahseel.kernel import secrets
from tahseel.kernel.ids import CivilId, civil_id_scheme
from tahseel.registry.customers import rules
from tahseel.registry.customers.models import Change, Contact, Customer, Document, Protection
from tahseel.registry.customers.values import (
    CHANGE_SEAL,
    CIVIL_ID_SEAL,
    CONTACT_SEAL,
    DOCUMENT_SEAL,
    MOBILE_SEAL,
    ContactKind,
    ContactView,
    CustomerKind,
    CustomerView,
    DocumentKind,
    DocumentView,
    Evidence,
    Happening,
    IdentityState,
    LifeEvent,
    Person,
    ProtectionKind,
    ProtectionView,
)


def open_civil_id(customer: Customer) -> CivilId | None:
    """The civil id in full; for checks and for letters, never for a screen."""
    cipher = customer.civil_id_cipher
    return (
        CivilId(secrets.unseal(bytes(cipher), context=CIVIL_ID_SEAL).decode()) if cipher else None
    )


def open_mobile(customer: Customer) -> str | None:
    """The mobile number in full, with its country code."""
    cipher = customer.mobile_cipher
    return secrets.unseal(bytes(cipher), context=MOBILE_SEAL).decode() if cipher else None


def customer_view(customer: Customer) -> CustomerView:
    """What a person may see of a customer."""
    civil_id, mobile = open_civil_id(customer), open_mobile(customer)
    return CustomerView(
        id=customer.id,
        kind=CustomerKind(customer.kind),
        civil_id_masked=civil_id.masked if civil_id else None,
        registration_number=customer.registration_number,
        name_ar=customer.name_ar,
        name_en=customer.name_en,
        mobile_masked=rules.masked_mobile(mobile) if mobile else None,
        language=customer.language,
        identity=IdentityState(customer.identity),
        evidence=Evidence(customer.evidence) if customer.evidence else None,
        verified_at=customer.identity_verified_at,
        died_on=customer.died_on,
        parent_id=customer.parent_id,
        departed_on=customer.departed_on,
        evidence_reference=customer.evidence_reference,
        merged_into_id=customer.merged_into_id,
    )


def document_view(document: Document) -> DocumentView:
    """A paper with its number masked."""
    number = secrets.unseal(bytes(document.number_cipher), context=DOCUMENT_SEAL).decode()
    return DocumentView(
        id=document.id,
        kind=DocumentKind(document.kind),
        issuer=document.issuer,
        number_masked=rules.masked_number(number),
        issued_on=document.issued_on,
        expires_on=document.expires_on,
        reference=document.reference,
        recorded_at=document.recorded_at,
        withdrawn_at=document.withdrawn_at,
    )


def protection_view(protection: Protection) -> ProtectionView:
    """A protected status."""
    return ProtectionView(
        id=protection.id,
        customer_id=protection.customer_id,
        kind=ProtectionKind(protection.kind),
        from_day=protection.from_day,
        until_day=protection.until_day,
        evidence=protection.evidence,
        recorded_by=protection.recorded_by,
        ended_at=protection.ended_at,
    )


def open_contact(contact: Contact) -> str:
    """A contact in full; for a message, never for a screen."""
    return secrets.unseal(bytes(contact.value_cipher), context=CONTACT_SEAL).decode()


def contact_view(contact: Contact) -> ContactView:
    """A contact, masked."""
    kind = ContactKind(contact.kind)
    return ContactView(
        id=contact.id,
        kind=kind,
        masked=rules.masked_contact(kind, open_contact(contact)),
        recorded_at=contact.recorded_at,
        verified_at=contact.verified_at,
        ended_at=contact.ended_at,
    )


def life_event(change: Change) -> LifeEvent:
    """A dated event; names as they stood, a civil id by its last four digits."""
    told = json.loads(secrets.unseal(bytes(change.sealed), context=CHANGE_SEAL))
    return LifeEvent(
        id=change.id,
        what=Happening(change.what),
        effective_on=change.effective_on,
        recorded_at=change.recorded_at,
        recorded_by=change.recorded_by,
        reason=change.reason,
        evidence=change.evidence,
        before=rules.masked(told["before"]),
        after=rules.masked(told["after"]),
    )


def former_civil_id(change: Change) -> str:
    """The digits that a correction replaced; empty for what replaced none."""
    told = json.loads(secrets.unseal(bytes(change.sealed), context=CHANGE_SEAL))
    return str(told["before"].get("civil_id", ""))


def person(customer: Customer) -> Person:
    """What a machine needs of a customer."""
    index, civil_id = customer.civil_id_index, open_civil_id(customer)
    proved = customer.identity == IdentityState.VERIFIED
    return Person(
        id=customer.id,
        kind=CustomerKind(customer.kind),
        civil_id_index=bytes(index) if index else None,
        name_ar=customer.name_ar,
        name_en=customer.name_en,
        language=customer.language,
        died_on=customer.died_on,
        parent_id=customer.parent_id,
        identity_verified_at=customer.identity_verified_at if proved else None,
        born_on=civil_id_scheme().birth_date(civil_id.digits) if civil_id else None,
    )
