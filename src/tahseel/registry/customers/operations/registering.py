"""Registering customers, one by one or a batch with one COPY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk, idempotency, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import CivilId
from tahseel.registry.customers import events, finding, rules
from tahseel.registry.customers.models import Customer
from tahseel.registry.customers.opening import customer_view
from tahseel.registry.customers.operations.documenting import (
    DocumentNeeded,
    DocumentTaken,
    document_row,
)
from tahseel.registry.customers.operations.locking import require_standing
from tahseel.registry.customers.values import (
    CIVIL_ID_INDEX,
    CIVIL_ID_SEAL,
    MOBILE_INDEX,
    MOBILE_SEAL,
    CustomerKind,
    CustomerView,
    IdentityState,
    NewCustomer,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

BATCH_MAX = 500_000


class CivilIdInvalid(Refusal):
    """The digits are not a civil id; only the last four are ever told."""

    code = "civil_id_invalid"
    text_ar = "الرقم المدني المنتهي بـ {last_four} غير صحيح"
    text_en = "The civil id ending in {last_four} is not valid"


class CivilIdTaken(Refusal):
    """Another customer already has this civil id."""

    code = "civil_id_taken"
    text_ar = "الرقم المدني المنتهي بـ {last_four} مسجل لعميل آخر"
    text_en = "The civil id ending in {last_four} belongs to another customer"
    http_status = 409


class CivilIdRequired(Refusal):
    """Citizens and residents are registered by their civil id."""

    code = "civil_id_required"
    text_ar = "الرقم المدني مطلوب لهذه الفئة من العملاء ({kind})"
    text_en = "A customer of this kind ({kind}) needs a civil id"


class CivilIdNotExpected(Refusal):
    """Companies, bodies and unknown debtors have none."""

    code = "civil_id_not_expected"
    text_ar = "لا يسجل رقم مدني لهذه الفئة من العملاء ({kind})"
    text_en = "A customer of this kind ({kind}) has no civil id"


class MobileInvalid(Refusal):
    """Not a mobile number of this country."""

    code = "mobile_invalid"
    text_ar = "رقم الهاتف النقال غير صحيح"
    text_en = "This is not a mobile number of this country"


class NameMissing(Refusal):
    """Neither an Arabic nor an English name."""

    code = "name_missing"
    text_ar = "اسم العميل مطلوب"
    text_en = "The customer's name is missing"


class ParentInvalid(Refusal):
    """The parent does not exist or is not of the same kind."""

    code = "parent_invalid"
    text_ar = "الجهة الرئيسية غير موجودة أو من فئة مختلفة"
    text_en = "The parent body does not exist or is of another kind"


class RegistrationTaken(Refusal):
    """Another company or body already has this registration number."""

    code = "registration_taken"
    text_ar = "رقم القيد {registration_number} مسجل لجهة أخرى"
    text_en = "Registration number {registration_number} belongs to another customer"
    http_status = 409


class CustomerRefused(Refusal):
    """A row of a batch breaks a rule of the table."""

    code = "customer_refused"
    text_ar = "بيانات أحد العملاء مخالفة للقاعدة {rule}"
    text_en = "A customer of the batch breaks the rule {rule}"


@audited("customers.register", subject="id")
def register(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    kind: CustomerKind,
    civil_id: CivilId | str | None,
    name_ar: str,
    name_en: str,
    mobile: str | None = None,
    language: str = "ar",
    registration_number: str | None = None,
    parent_id: UUID | None = None,
) -> CustomerView:
    """Register one customer, not yet verified. The same id with the same input changes nothing.

    `civil_id` may be what a person typed. Raises CivilIdInvalid, CivilIdTaken, CivilIdRequired,
    CivilIdNotExpected, MobileInvalid, NameMissing, ParentInvalid, MergedRecord, RegistrationTaken.
    """
    require_duty(actor, "customers.register")
    checked = checked_civil_id(kind, civil_id)
    new = NewCustomer(
        id, kind, name_ar.strip(), name_en.strip(), checked, registration_number, mobile,
        language, parent_id,
    )  # fmt: skip
    row = _row(new, actor, at)
    _require_parent(kind, parent_id)

    def act() -> Mapping[str, Any]:
        _require_free(new, row)
        Customer.objects.create(**row)
        finding.keep_words([row["search_skeleton"]])
        events.registered(customer_id=id, kind=kind, at=at)
        return {"id": str(id)}

    idempotency.once(
        intent_id=id, operation="customers.register", request=_request(new), at=at, act=act
    )
    note(kind=str(kind))
    return customer_view(Customer.objects.get(pk=id))


@audited("customers.register_many", subject="batch")
def register_many(
    *, actor: Actor, at: datetime, batch: str, customers: Sequence[NewCustomer]
) -> int:
    """Register many customers with one COPY; all of them or, on a refusal, none.

    `batch` names the batch in the log, which keeps the count and a SHA-256 of the rows. Parents
    stand before their children. Raises what `register` raises, for the first bad row.
    """
    require_duty(actor, "customers.register_many")
    if len(customers) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} customers a batch")
    for new in customers:
        checked_civil_id(new.kind, new.civil_id)
        if new.evidence and not new.documents and not new.civil_id:
            _require_no_document(new.kind)
    rows = [_row(new, actor, at) for new in customers]
    papers = [
        document_row(document, new.id, new.kind, actor, at)
        for new in customers
        for document in new.documents
    ]
    _copy(rows, papers)
    digest = idempotency.input_hash({"rows": [_request(new) for new in customers]}).hex()
    note(count=len(rows), digest=digest)
    events.batch_registered(batch=batch, count=len(rows), digest=digest, at=at)
    return len(rows)


def checked_civil_id(kind: CustomerKind, given: CivilId | str | None) -> CivilId | None:
    if given is None:
        if rules.needs_civil_id(kind):
            raise CivilIdRequired(kind=str(kind))
        return None
    if not rules.may_have_civil_id(kind):
        raise CivilIdNotExpected(kind=str(kind))
    try:
        return rules.checked_civil_id(given)
    except ValueError as wrong:
        raise CivilIdInvalid(last_four=rules.last_four(given), reason=str(wrong)) from None


def _require_parent(kind: CustomerKind, parent_id: UUID | None) -> None:
    if parent_id is None:
        return
    if not Customer.objects.filter(pk=parent_id, kind=str(kind)).exists():
        raise ParentInvalid(kind=str(kind))
    require_standing(customer_ids=[parent_id])


def _require_free(new: NewCustomer, row: Mapping[str, Any]) -> None:
    """Looked up first for a clear answer; the unique indexes settle a race."""
    index = row["civil_id_index"]
    if index is not None and Customer.objects.filter(civil_id_index=index).exists():
        raise CivilIdTaken(last_four=rules.last_four(new.civil_id or ""))
    number = new.registration_number
    if number and Customer.objects.filter(registration_number=number).exists():
        raise RegistrationTaken(registration_number=number)


def _row(new: NewCustomer, actor: Actor, at: datetime) -> dict[str, Any]:
    if not (new.name_ar or new.name_en):
        raise NameMissing()
    found_by = rules.search_fields(new.name_ar, new.name_en)
    digits = new.civil_id.digits if new.civil_id else None
    mobile_cipher, mobile_index = sealed_mobile(new.mobile) if new.mobile else (None, None)
    verified = new.evidence is not None
    return {
        "id": new.id,
        "kind": str(new.kind),
        "civil_id_cipher": secrets.seal(digits.encode(), context=CIVIL_ID_SEAL) if digits else None,
        "civil_id_index": secrets.blind_index(digits, purpose=CIVIL_ID_INDEX) if digits else None,
        "registration_number": new.registration_number,
        "name_ar": new.name_ar,
        "name_en": new.name_en,
        "search_ar": found_by.key_ar,
        "search_en": found_by.key_en,
        "search_skeleton": found_by.sounds,
        "search_tail": found_by.tail,
        "mobile_cipher": mobile_cipher,
        "mobile_index": mobile_index,
        "language": new.language,
        "identity": str(IdentityState.VERIFIED if verified else IdentityState.UNVERIFIED),
        "evidence": str(new.evidence) if new.evidence else None,
        "evidence_reference": new.evidence_reference,
        "identity_verified_at": at if verified else None,
        "identity_verified_by": actor.id if verified else "",
        "died_on": new.died_on,
        "death_source": "",
        "parent_id": new.parent_id,
        "registered_at": at,
    }


_TYPES = {
    "id": "uuid", "parent_id": "uuid", "died_on": "date", "civil_id_cipher": "bytea",
    "civil_id_index": "bytea", "mobile_cipher": "bytea", "mobile_index": "bytea",
    "identity_verified_at": "timestamptz", "registered_at": "timestamptz", "customer_id": "uuid",
    "number_cipher": "bytea", "number_index": "bytea", "issued_on": "date", "expires_on": "date",
    "recorded_at": "timestamptz", "withdrawn_at": "timestamptz",
}  # fmt: skip


def _copy(rows: Sequence[Mapping[str, Any]], papers: Sequence[Mapping[str, Any]]) -> None:
    """One COPY a table; a broken constraint becomes the refusal it stands for, without the row."""
    if not rows:
        return
    try:
        with transaction.atomic():
            _copy_table("customers_customer", rows)
            _copy_table("customers_document", papers)
            bulk.settle_constraints()
            finding.keep_words(row["search_skeleton"] for row in rows)
    except bulk.BROKEN_RULES as broken:
        raise _named(bulk.rule_broken(broken)) from broken


def _copy_table(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        columns = {column: _TYPES.get(column, "text") for column in rows[0]}
        bulk.copy_rows(table=table, columns=columns, rows=(tuple(row.values()) for row in rows))


def _require_no_document(kind: CustomerKind) -> None:
    if rules.needs_document(kind):
        raise DocumentNeeded(kind=str(kind))


def _named(rule: str) -> Refusal:
    if "civil_id_index" in rule:
        return CivilIdTaken(last_four="")
    if "registration_number" in rule:
        return RegistrationTaken(registration_number="")
    if "document_once" in rule:
        return DocumentTaken()
    if "parent_id" in rule:
        return ParentInvalid(kind="")
    return CustomerRefused(rule=rule)


def sealed_mobile(text: str) -> tuple[bytes, bytes]:
    try:
        number = rules.full_mobile(text)
    except ValueError:
        raise MobileInvalid() from None
    sealed = secrets.seal(number.encode(), context=MOBILE_SEAL)
    return sealed, secrets.blind_index(number, purpose=MOBILE_INDEX)


def _request(new: NewCustomer) -> dict[str, Any]:
    return {
        "id": str(new.id),
        "kind": str(new.kind),
        "civil_id": new.civil_id.digits if new.civil_id else None,
        "names": [new.name_ar, new.name_en],
        "registration_number": new.registration_number,
        "mobile": new.mobile,
        "language": new.language,
        "parent": str(new.parent_id) if new.parent_id else None,
        "evidence": [str(new.evidence), new.evidence_reference],
        "died_on": new.died_on.isoformat() if new.died_on else None,
        **({"documents": [str(paper.id) for paper in new.documents]} if new.documents else {}),
    }
