"""Papers by which customers without a civil id are known: recorded, withdrawn, found again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.kernel import idempotency, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.customers import events, rules
from tahseel.registry.customers.models import Document
from tahseel.registry.customers.opening import document_view
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.values import (
    DOCUMENT_INDEX,
    DOCUMENT_SEAL,
    CustomerKind,
    DocumentView,
    NewDocument,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

ISSUER_MAX = 40
NUMBER_MAX = 40


class DocumentInvalid(Refusal):
    """No number or issuer, days that cannot be, or a paper that this kind of customer never has."""

    code = "document_invalid"
    text_ar = "بيانات المستند ({document}) غير صحيحة أو لا تناسب هذه الفئة من العملاء"
    text_en = "The document ({document}) is not valid, or not one of such a customer"


class DocumentExpired(Refusal):
    """A paper counts up to its last day only."""

    code = "document_expired"
    text_ar = "انتهت صلاحية المستند في {expires_on}"
    text_en = "The document expired on {expires_on}"


class DocumentTaken(Refusal):
    """The same paper is on record already."""

    code = "document_taken"
    text_ar = "هذا المستند مسجل من قبل"
    text_en = "This document is on record already"
    http_status = 409


class DocumentUnknown(NotFound):
    """No such document, or it is withdrawn."""

    code = "document_unknown"
    text_ar = "المستند غير موجود"
    text_en = "There is no such document"


class DocumentNeeded(Refusal):
    """Who has no civil id by the law is verified by a document that counts."""

    code = "document_needed"
    text_ar = "لا توثق هوية هذه الفئة من العملاء ({kind}) إلا بمستند ساري مسجل"
    text_en = "A customer of this kind ({kind}) is verified only by a valid document on record"


@audited("customers.add_document", subject="customer_id")
def add_document(
    *, actor: Actor, at: datetime, customer_id: UUID, document: NewDocument
) -> DocumentView:
    """Put a paper on record; the same id with the same input changes nothing.

    Raises DocumentInvalid, DocumentExpired, DocumentTaken, CustomerUnknown.
    """
    require_duty(actor, "customers.add_document")
    customer = locked(customer_id)
    row = document_row(document, customer_id, CustomerKind(customer.kind), actor, at)
    if document.expires_on is not None and document.expires_on <= local_day(at):
        raise DocumentExpired(expires_on=document.expires_on.isoformat())

    def act() -> dict[str, Any]:
        live = Document.objects.filter(withdrawn_at__isnull=True)
        same = ("kind", "issuer", "number_index")
        if live.filter(**{name: row[name] for name in same}).exists():
            raise DocumentTaken()
        Document.objects.create(**row)
        events.documented(customer_id=customer_id, kind=document.kind, at=at)
        return {"id": str(document.id)}

    request = {
        "customer": str(customer_id), "kind": str(document.kind), "issuer": document.issuer,
        "number": document.number, "days": [str(document.issued_on), str(document.expires_on)],
    }  # fmt: skip
    idempotency.once(
        intent_id=document.id, operation="customers.add_document", request=request, at=at, act=act
    )
    note(document=document.id, kind=str(document.kind), issuer=row["issuer"])
    return document_view(Document.objects.get(pk=document.id))


@audited("customers.withdraw_document", subject="document_id")
def withdraw_document(
    *, actor: Actor, at: datetime, document_id: UUID, reason: str
) -> DocumentView:
    """Stop counting a paper that was lost, replaced or false. Raises DocumentUnknown."""
    require_duty(actor, "customers.withdraw_document")
    rows = Document.objects.select_for_update()
    document = rows.filter(pk=document_id, withdrawn_at__isnull=True).first()
    if document is None:
        raise DocumentUnknown()
    document.withdrawn_at, document.withdrawal_reason = at, reason
    document.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    note(customer=document.customer_id, reason=reason)
    return document_view(document)


def document_row(
    document: NewDocument, customer_id: UUID, kind: CustomerKind, actor: Actor, at: datetime
) -> dict[str, Any]:
    """The row of a paper, sealed. Raises DocumentInvalid."""
    number, issuer = rules.plain_number(document.number), document.issuer.strip().upper()
    if (
        not (0 < len(number) <= NUMBER_MAX and 0 < len(issuer) <= ISSUER_MAX)
        or not rules.fits_document(kind, document.kind)
        or not rules.possible_days(document.issued_on, document.expires_on, local_day(at))
    ):
        raise DocumentInvalid(document=str(document.kind))
    return {
        "id": document.id,
        "customer_id": customer_id,
        "kind": str(document.kind),
        "issuer": issuer,
        "number_cipher": secrets.seal(number.encode(), context=DOCUMENT_SEAL),
        "number_index": secrets.blind_index(number, purpose=DOCUMENT_INDEX),
        "issued_on": document.issued_on,
        "expires_on": document.expires_on,
        "reference": document.reference,
        "recorded_at": at,
        "recorded_by": actor.id,
        "withdrawn_at": None,
        "withdrawal_reason": "",
    }


def has_document(customer_id: UUID, at: datetime) -> bool:
    """True when a paper that counts on the day of the instant is on record."""
    live = Document.objects.filter(customer_id=customer_id, withdrawn_at__isnull=True)
    return any(document_view(row).counts_on(local_day(at)) for row in live)
