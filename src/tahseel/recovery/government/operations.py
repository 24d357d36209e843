"""Concluding agreements with bodies, and ending them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
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
    """Let an agreement end before a day. Raises NotFound, AgreementDays, NotAllowed."""
    access.require(actor, CONCLUDES)
    with connection.cursor() as cursor:
        cursor.execute(
            "select from_day, until_day, body_id from government_agreement where id = %s"
            " for update",
            [agreement_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound
        if until_day <= row[0] or (row[1] is not None and until_day > row[1]):
            raise AgreementDays(until_day=until_day.isoformat())
        cursor.execute(
            "update government_agreement set until_day = %s where id = %s",
            [until_day, agreement_id],
        )
    note(body=row[2], until_day=until_day.isoformat())
    return queries.agreement(agreement_id)
