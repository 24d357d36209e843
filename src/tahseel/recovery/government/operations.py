"""Concluding agreements with bodies, and ending them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.sql import prepared
from tahseel.recovery.government import queries
from tahseel.recovery.government.values import Agreement, NewAgreement
from tahseel.registry.customers import operations as customer_operations
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import audited, note

CONCLUDES = "revenue_manager"


class NoBody(Refusal):
    """Agreements of this sort are made with bodies alone."""

    code = "not_a_body"
    text_ar = "الطرف الآخر ليس جهة حكومية"
    text_en = "The other side is no government body"


class AgreementOverlap(Refusal):
    """Another one of its kind holds on some of the days, or its number is taken."""

    code = "agreement_overlap"
    text_ar = "توجد اتفاقية سارية من هذا النوع في هذه المدة، أو أن رقمها مستخدم"
    text_en = "An agreement of this kind holds on some of these days, or its number is taken"
    http_status = 409


class AgreementDays(Refusal):
    """It would end before it begins, or after it ended."""

    code = "agreement_days"
    text_ar = "تاريخ الانتهاء غير ممكن: {until_day}"
    text_en = "The agreement cannot end on {until_day}"


class AgreementAnnulled(Refusal):
    """It was set aside before: nothing more can be done to it."""

    code = "agreement_annulled"
    text_ar = "الاتفاقية ملغاة من قبل"
    text_en = "The agreement was annulled before"
    http_status = 409


class AnnulmentUnreasoned(Refusal):
    """Why an agreement never held is told by whoever says so."""

    code = "agreement_annulment_unreasoned"
    text_ar = "يجب ذكر سبب إلغاء الاتفاقية"
    text_en = "A reason is given for annulling an agreement"


_INSERT = """
insert into government_agreement (id, body_id, kind, number, subject_ar, subject_en, from_day,
  until_day, recorded_at, recorded_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@audited("government.conclude_agreement", subject="agreement")
def conclude_agreement(*, actor: Actor, at: datetime, agreement: NewAgreement) -> Agreement:
    """Put an agreement on record.

    Raises NoBody, MergedRecord, AgreementOverlap, AgreementDays, NotAllowed.
    """
    access.require(actor, CONCLUDES)
    kinds = customers.kinds(customer_ids=[agreement.body_id])
    if kinds.get(agreement.body_id) is not CustomerKind.GOVERNMENT:
        raise NoBody
    customer_operations.require_standing(customer_ids=[agreement.body_id])
    until = agreement.until_day
    if until is not None and until <= agreement.from_day:
        raise AgreementDays(until_day=until.isoformat())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _INSERT,
                [
                    agreement.id, agreement.body_id, str(agreement.kind), agreement.number.strip(),
                    agreement.subject_ar, agreement.subject_en, agreement.from_day, until, at,
                    actor.id,
                ],
            )  # fmt: skip
    except bulk.BROKEN_RULES as broken:
        raise AgreementOverlap from broken
    note(body=agreement.body_id, kind=str(agreement.kind), from_day=agreement.from_day.isoformat())
    return queries.agreement(agreement.id)


@audited("government.end_agreement", subject="agreement_id")
def end_agreement(*, actor: Actor, at: datetime, agreement_id: UUID, until_day: date) -> Agreement:
    """Let an agreement end before a day.

    Raises NotFound, AgreementAnnulled, AgreementDays, NotAllowed.
    """
    access.require(actor, CONCLUDES)
    found = _standing(agreement_id)
    until = found.until_day
    if until_day <= found.from_day or (until is not None and until_day > until):
        raise AgreementDays(until_day=until_day.isoformat())
    prepared(
        "update government_agreement set until_day = %s, ended_at = %s, ended_by = %s"
        " where id = %s",
        [until_day, at, actor.id, agreement_id],
    )
    note(body=found.body_id, until_day=until_day.isoformat())
    return queries.agreement(agreement_id)


@audited("government.annul_agreement", subject="agreement_id")
def annul_agreement(*, actor: Actor, at: datetime, agreement_id: UUID, reason: str) -> Agreement:
    """Set aside an agreement that should not be on record, as one that two records of a body have.

    It stays to be read, and holds on no day. Raises NotFound, AgreementAnnulled, NotAllowed,
    AnnulmentUnreasoned.
    """
    access.require(actor, CONCLUDES)
    if not reason.strip():
        raise AnnulmentUnreasoned()
    found = _standing(agreement_id)
    prepared(
        "update government_agreement set annulled_at = %s, annulled_by = %s,"
        " annulled_because = %s where id = %s",
        [at, actor.id, reason.strip(), agreement_id],
    )
    note(body=found.body_id, number=found.number, reason=reason.strip())
    return queries.agreement(agreement_id)


def _standing(agreement_id: UUID) -> Agreement:
    """The agreement, locked. Raises NotFound, AgreementAnnulled."""
    prepared("select from government_agreement where id = %s for update", [agreement_id])
    found = queries.agreement(agreement_id)
    if found.annulled:
        raise AgreementAnnulled()
    return found
