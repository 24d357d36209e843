"""What an applicant is told of an application by text message; it names no amount and no debt."""

from __future__ import annotations

from datetime import date, datetime

from tahseel.channels.services import rules
from tahseel.channels.services.models import Application
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.ids import derived_id
from tahseel.registry.customers import queries as customers
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import NewNotice

KIND = "application"


def tell(row: Application, code: str, *, day: date, actor: Actor, at: datetime) -> bool:
    """Tell the applicant once; False for the dead, and where no mobile number is known."""
    dead = customers.deaths(customer_ids=[row.applicant_id])
    known = customers.contact(
        actor=actor, at=at, purpose=Purpose.CUSTOMER_SERVICE, customer_id=row.applicant_id
    )
    if row.applicant_id in dead or known is None or not known.mobile:
        return False
    message = rules.catalogue().messages[code]
    facts = {"reference": row.reference, "day": day.isoformat()}
    told = NewNotice(
        id=derived_id(row.id, "message", code, at.isoformat()),
        kind=KIND,
        channel=message.channel,
        recipient_customer_id=row.applicant_id,
        subject=f"{message.subject_ar} | {message.subject_en}",
        body_ar=message.body_ar.format_map(facts),
        body_en=message.body_en.format_map(facts),
        address=known.mobile,
        reference=row.reference,
        language=known.language,
    )
    notices.issue_many(actor=actor, at=at, notices=[told])
    return True
