"""Certificates of productive factories and farms: recorded, withdrawn, looked over every day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.premises import certificates, events, queries, watching
from tahseel.registry.premises.models import Certificate, CertificateStep
from tahseel.registry.premises.operations import settled
from tahseel.registry.premises.operations.adding import CertificateDoesNotFit, standing_unit
from tahseel.registry.premises.values import (
    CertificateReview,
    CertificateView,
    PriceCause,
    PriceChange,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

TOLD_LATE_DAYS_MAX = 31  # of what ended earlier nobody is told any more
REVIEWED_MAX = 20_000


class CertificateUnknown(NotFound):
    """No such certificate."""

    code = "certificate_unknown"
    text_ar = "الشهادة غير مسجلة"
    text_en = "There is no such certificate"


class CertificateInvalid(Refusal):
    """The number has not the kind's form, or the days are not possible."""

    code = "certificate_invalid"
    text_ar = "رقم الشهادة {number} أو مدة سريانها غير صحيحة"
    text_en = "The certificate's number {number} or its validity is not possible"


class CertificateOverlap(Refusal):
    """The unit has a certificate on these days, or the number stands for another unit."""

    code = "certificate_overlap"
    text_ar = "للوحدة شهادة في هذه المدة، أو الرقم {number} مسجل لوحدة أخرى"
    text_en = "The unit has a certificate on these days, or {number} belongs to another unit"
    http_status = 409


@audited("premises.record_certificate", subject="unit_id")
def record_certificate(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_id: UUID,
    kind: str,
    number: str,
    valid_from: date,
    valid_until: date | None,
) -> CertificateView:
    """Put a certificate on record; while it is valid the unit is productive.

    Days of months that are determined or billed are `propose_certificate`'s: two people's.
    Raises UnitUnknown, UnitGone, CertificateDoesNotFit (its sector on the first day is another),
    CertificateInvalid, CertificateOverlap, PastNeedsSecondPerson.
    """
    require_duty(actor, "premises.record_certificate")
    view = CertificateView(id, unit_id, kind, number, valid_from, valid_until)
    check_certificate(view)
    settled.require_alone(
        actor=actor, at=at, change=_change(view), agreed_by="premises.certify_past"
    )
    return put_on_record(actor=actor, at=at, view=view)


def check_certificate(view: CertificateView) -> None:
    """The unit stands, and kind, number and days are possible for it; the unit stays locked."""
    standing_unit(view.unit_id)
    known = certificates.policy().kinds.get(view.kind)
    sector = queries.sector_on(unit_id=view.unit_id, day=view.valid_from)
    if known is None or sector is None or sector.sector != known.sector:
        raise CertificateDoesNotFit(sector=str(sector.sector) if sector else "")
    if not certificates.believable(known, view.number, view.valid_from, view.valid_until):
        raise CertificateInvalid(number=view.number)


def require_free(view: CertificateView) -> None:
    """What the constraints would refuse, before anybody is asked. Raises CertificateOverlap."""
    beside = Certificate.objects.filter(unit_id=view.unit_id)
    beside = beside.exclude(valid_until__lte=view.valid_from)
    if view.valid_until is not None:
        beside = beside.filter(valid_from__lt=view.valid_until)
    elsewhere = Certificate.objects.filter(kind=view.kind, number=view.number)
    elsewhere = elsewhere.exclude(unit_id=view.unit_id)
    if beside.exists() or elsewhere.exists():
        raise CertificateOverlap(number=view.number)


def put_on_record(*, actor: Actor, at: datetime, view: CertificateView) -> CertificateView:
    """Write a checked certificate, announce it, and tell whoever billed its days."""
    try:
        with transaction.atomic():
            Certificate.objects.create(
                id=view.id, unit_id=view.unit_id, kind=view.kind, number=view.number,
                valid_from=view.valid_from, valid_until=view.valid_until, recorded_at=at,
            )  # fmt: skip
    except bulk.BROKEN_RULES as broken:
        raise CertificateOverlap(number=view.number) from broken
    note(
        certificate=str(view.id), kind=view.kind, number=view.number,
        valid_from=view.valid_from.isoformat(),
    )  # fmt: skip
    events.certificate_recorded(certificate=view, at=at)
    watching.tell(actor=actor, at=at, change=_change(view))
    return view


def _change(view: CertificateView) -> PriceChange:
    return PriceChange(
        cause=PriceCause.CERTIFICATE,
        unit_id=view.unit_id,
        from_day=view.valid_from,
        until_day=view.valid_until,
    )


@audited("premises.withdraw_certificate", subject="certificate_id")
def withdraw_certificate(
    *, actor: Actor, at: datetime, certificate_id: UUID, on_day: date, reason: str
) -> CertificateView:
    """End a certificate before its term; `on_day` is the first day without it.

    Raises CertificateUnknown; CertificateInvalid when it is not valid on the day before;
    PastNeedsSecondPerson for days of months that are determined or billed.
    """
    require_duty(actor, "premises.withdraw_certificate")
    row = check_withdrawal(certificate_id=certificate_id, on_day=on_day, reason=reason)
    settled.require_alone(
        actor=actor, at=at, change=_lost(row, on_day), agreed_by="premises.withdraw_past"
    )
    return end(actor=actor, at=at, row=row, on_day=on_day, reason=reason)


def check_withdrawal(*, certificate_id: UUID, on_day: date, reason: str) -> Certificate:
    """The certificate, locked. Raises CertificateUnknown, CertificateInvalid."""
    row = Certificate.objects.select_for_update().filter(pk=certificate_id).first()
    if row is None:
        raise CertificateUnknown()
    if not reason or on_day <= row.valid_from or on_day >= (row.valid_until or date.max):
        raise CertificateInvalid(number=row.number)
    return row


def end(
    *, actor: Actor, at: datetime, row: Certificate, on_day: date, reason: str
) -> CertificateView:
    """Write what was checked, announce it, and tell whoever billed the days it is lost on."""
    change = _lost(row, on_day)
    row.valid_until, row.withdrawn = on_day, reason
    row.save(update_fields=["valid_until", "withdrawn"])
    view = queries.certificate_view(row)
    note(unit=str(row.unit_id), number=row.number, on_day=on_day.isoformat(), reason=reason)
    events.certificate_ended(certificate=view, at=at)
    watching.tell(actor=actor, at=at, change=change)
    return view


def _lost(row: Certificate, on_day: date) -> PriceChange:
    return PriceChange(
        cause=PriceCause.CERTIFICATE,
        unit_id=row.unit_id,
        from_day=on_day,
        until_day=row.valid_until,
    )


_DUE = """
select c.id, c.unit_id, c.kind, c.number, c.valid_from, c.valid_until, c.withdrawn
from premises_certificate c
join premises_unit u on u.id = c.unit_id and u.ended_on is null
where c.valid_until > %(after)s and c.valid_until <= %(until)s
  and not exists (
    select 1 from premises_certificate_step s where s.certificate_id = c.id and s.step = %(step)s
  )
  and not exists (
    select 1 from premises_certificate n
    where n.unit_id = c.unit_id and n.valid_from >= c.valid_until
      and n.valid_from <= greatest(c.valid_until, %(day)s)
  )
order by c.valid_until, c.id limit %(most)s
"""


@audited("premises.review_certificates", subject="day")
def review_certificates(*, actor: Actor, at: datetime, day: date) -> CertificateReview:
    """Which certificates are about to end, and which ended, without a successor; told once each.

    The price needs no such work: it follows the days. This is for telling people.
    """
    require_duty(actor, "premises.review_certificates")
    policy = certificates.policy()
    expiring = _due("warned", day, day + timedelta(days=policy.warn_days), day)
    fallen = _due("expired", day - timedelta(days=TOLD_LATE_DAYS_MAX), day, day)
    _remember("warned", expiring, day, at)
    _remember("expired", fallen, day, at)
    for certificate in expiring:
        events.certificate_expiring(certificate=certificate, at=at)
    for certificate in fallen:
        events.certificate_ended(certificate=certificate, at=at)
    note(expiring=len(expiring), fallen=len(fallen))
    return CertificateReview(policy, tuple(expiring), tuple(fallen))


def _due(step: str, after: date, until: date, day: date) -> list[CertificateView]:
    facts: dict[str, Any] = {
        "step": step,
        "after": after,
        "until": until,
        "day": day,
        "most": REVIEWED_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, facts)
        return [CertificateView(*row) for row in cursor.fetchall()]


def _remember(step: str, of: Sequence[CertificateView], day: date, at: datetime) -> None:
    CertificateStep.objects.bulk_create(_steps(step, of, day, at))


def _steps(
    step: str, of: Iterable[CertificateView], day: date, at: datetime
) -> Iterable[CertificateStep]:
    for certificate in of:
        yield CertificateStep(
            id=derived_id(certificate.id, step),
            certificate_id=certificate.id,
            step=step,
            on_day=day,
            recorded_at=at,
        )
