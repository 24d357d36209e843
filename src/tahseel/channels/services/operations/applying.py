"""An application comes in, from the counter or from the applicant's own screen, with its papers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tahseel.books.claims import queries as claims
from tahseel.channels.services import events, rules
from tahseel.channels.services.models import Application, Evidence
from tahseel.channels.services.opening import application_of
from tahseel.channels.services.operations.moving import (
    locked,
    missing_papers,
    require_applicant_or_counter,
    set_last_day,
    write_step,
)
from tahseel.channels.services.values import (
    EVIDENCE_SEAL,
    Ask,
    NewApplication,
    NewEvidence,
    ServiceDefinition,
    State,
)
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.kernel import bulk, idempotency, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id, reference_letters
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import operations as customer_operations
from tahseel.registry.customers import queries as customers
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import audited, note

EVIDENCE_BYTES_MAX = 5 * 1024 * 1024
EVIDENCE_MAX = 20
FILE_NAME_MAX = 120
TEMPORARY_DAYS_MAX = 366
REFERENCE_LETTERS = 8


class ServiceUnknown(NotFound):
    """The catalogue has no such service."""

    code = "service_unknown"
    text_ar = "الخدمة غير موجودة"
    text_en = "There is no such service"


class ApplicationIncomplete(Refusal):
    """Something that the service asks for is missing or out of bounds."""

    code = "application_incomplete"
    text_ar = "بيان ناقص أو غير مقبول في الطلب: {field}"
    text_en = "Something is missing or not acceptable in the application: {field}"


class PlaceUnknown(NotFound):
    """No place with this automatic number is on record; the counter can have it added."""

    code = "place_unknown"
    text_ar = "لا يوجد عقار مسجل بهذا الرقم الآلي، ويمكن للمكتب إضافته"
    text_en = "No place with this automatic number is on record; an office can have it added"


class PlaceHasAccount(Refusal):
    """The place has supply already; whose account it is concerns no applicant."""

    code = "place_has_account"
    text_ar = "للعقار حساب قائم"
    text_en = "The place has an open account"
    http_status = 409


class AccountNotYours(Refusal):
    """No open account of this number at the place, or one for which the applicant never stood."""

    code = "account_not_of_applicant"
    text_ar = "الحساب {account} ليس حساباً قائماً لمقدم الطلب"
    text_en = "Account {account} is not an open account of the applicant"


class NoLongerLiable(AccountNotYours):
    """The applicant was liable for the account, and is no more."""

    code = "applicant_no_longer_liable"
    text_ar = "لم يعد مقدم الطلب مسؤولاً عن الحساب {account} منذ {since}"
    text_en = "The applicant has no longer been liable for account {account} since {since}"


class AccountNotClear(Refusal):
    """What is overdue is paid first."""

    code = "account_not_clear"
    text_ar = "على الحساب مبالغ متأخرة يجب سدادها أولاً"
    text_en = "The account has overdue amounts, which are paid first"


class ApplicantDied(Refusal):
    """The dead ask for nothing."""

    code = "applicant_died"
    text_ar = "مقدم الطلب متوفى منذ {died_on}"
    text_en = "The applicant died on {died_on}"


class ApplicationOpen(Refusal):
    """The same is being dealt with."""

    code = "application_open"
    text_ar = "يوجد طلب قائم لهذه الخدمة في العقار نفسه"
    text_en = "An application for this service at this place is open already"
    http_status = 409


class EvidenceRefused(Refusal):
    """Not a file of a kind, size or purpose that is taken."""

    code = "evidence_refused"
    text_ar = "المستند غير مقبول: {reason}"
    text_en = "The document is not accepted: {reason}"


@audited("services.apply", subject="application")
def apply(
    *,
    actor: Actor,
    at: datetime,
    application: NewApplication,
    evidence: Sequence[NewEvidence] = (),
) -> ApplicationView:
    """Take an application in. The same id with the same input returns the first outcome.

    Raises NotAllowed, ServiceUnknown, ApplicationIncomplete, PlaceHasAccount, AccountNotYours,
    AccountNotClear, ApplicantDied, MergedRecord, ApplicationOpen, EvidenceRefused.
    """
    definition = rules.catalogue().services.get(application.service)
    if definition is None:
        raise ServiceUnknown()
    access.require_self_or(actor, application.applicant_id, *rules.catalogue().duties["apply"])

    def act() -> Mapping[str, Any]:
        _require_complete(definition, application, local_day(at))
        customer_operations.require_standing(customer_ids=[application.applicant_id])
        _require_alive(application.applicant_id)
        _require_place(definition, application, local_day(at))
        row = _store(definition, application, actor, at)
        for paper in evidence:
            _keep(row, definition, paper, actor, at)
        set_last_day(row, at)
        row.save(update_fields=["deadline"])
        return {"id": str(row.id)}

    idempotency.once(
        intent_id=application.id,
        operation="services.apply",
        request=_request(application, evidence),
        at=at,
        act=act,
    )
    row = Application.objects.get(pk=application.id)
    note(service=row.service, reference=row.reference, documents=len(evidence))
    return application_of(row)


@audited("services.add_evidence", subject="application_id")
def add_evidence(
    *, actor: Actor, at: datetime, application_id: UUID, evidence: NewEvidence
) -> None:
    """Add a paper while the application is open; the same file again changes nothing.

    With the last required one the office's turn begins.
    Raises ApplicationUnknown, NotAllowed, EvidenceRefused.
    """
    row = locked(application_id)
    require_applicant_or_counter(actor, row)
    if State(row.state) not in rules.OPEN:
        raise EvidenceRefused(reason="closed")
    incomplete = bool(missing_papers(row))
    _keep(row, rules.catalogue().services[row.service], evidence, actor, at)
    if incomplete and not missing_papers(row):
        set_last_day(row, at)
        row.save(update_fields=["deadline"])
    note(kind=evidence.kind, sha256=hashlib.sha256(evidence.body).hexdigest())


def _require_complete(definition: ServiceDefinition, new: NewApplication, today: date) -> None:
    temporary = Ask.UNTIL in definition.asks
    last = today + timedelta(days=TEMPORARY_DAYS_MAX)
    ends = new.until_day is not None and today < new.until_day <= last
    wants = set(new.services) if Ask.SERVICES in definition.asks else {Service.ELECTRICITY}
    right = {
        "load_kw": 1 <= new.load_kw <= rules.LOAD_KW_MAX,
        "services": bool(wants) and wants == set(new.services),
        "account": (new.account_id is not None) == (Ask.ACCOUNT in definition.asks),
        "until_day": ends if temporary else new.until_day is None,
        "purpose": bool(new.purpose.strip()) or Ask.PURPOSE not in definition.asks,
    }
    wrong = next((field for field, holds in right.items() if not holds), None)
    if wrong:
        raise ApplicationIncomplete(field=wrong)


def _require_alive(applicant_id: UUID) -> None:
    if applicant_id not in customers.kinds(customer_ids=[applicant_id]):
        raise ApplicationIncomplete(field="applicant")
    died_on = customers.deaths(customer_ids=[applicant_id]).get(applicant_id)
    if died_on is not None:
        raise ApplicantDied(died_on=died_on.isoformat())


def _require_place(definition: ServiceDefinition, new: NewApplication, today: date) -> None:
    if new.account_id is None:
        if not premises.area_of(unit_ids=[new.unit_id]):
            raise ApplicationIncomplete(field="place")
        if supply.accounts_of_units(unit_ids=[new.unit_id], day=today):
            raise PlaceHasAccount()
        return
    require_liable(new.account_id, new.applicant_id, unit_id=new.unit_id, day=today)
    if any(claim.is_overdue(today) for claim in claims.open_claims(new.account_id)):
        raise AccountNotClear()


def require_liable(account_id: UUID, applicant_id: UUID, *, unit_id: UUID, day: date) -> None:
    """Refuse who is not liable for the account of this place on a day, by its number and the day
    since when he is not, should he have been. Raises AccountNotYours, NoLongerLiable.
    """
    account = supply.accounts(account_ids=[account_id]).get(account_id)
    if account is None:
        raise AccountNotYours(account="")
    liable = supply.liable_customer(account_id=account_id, day=day)
    if account.unit_id == unit_id and liable == applicant_id:
        return
    chain = supply.liabilities(account_ids=[account_id]).get(account_id, [])
    own = [span.until_day for span in chain if span.customer_id == applicant_id]
    over = [until for until in own if until is not None and until <= day]
    if account.unit_id != unit_id or not over:
        raise AccountNotYours(account=account.number)
    raise NoLongerLiable(account=account.number, since=max(over).isoformat())


def require_still_liable(row: Application, at: datetime) -> None:
    """Whoever wants more load is liable for the account today; a new one has nobody yet."""
    if supply.accounts(account_ids=[row.account_id]):
        require_liable(row.account_id, row.applicant_id, unit_id=row.unit_id, day=local_day(at))


def _store(
    definition: ServiceDefinition, new: NewApplication, actor: Actor, at: datetime
) -> Application:
    letters = reference_letters(new.id, purpose="services", count=REFERENCE_LETTERS)
    row = Application(
        id=new.id,
        reference=f"{definition.prefix}-{letters}",
        service=new.service,
        state=str(State.APPLIED),
        applicant_id=new.applicant_id,
        unit_id=new.unit_id,
        account_id=new.account_id or derived_id(new.id, "account"),
        services=sorted(str(service) for service in new.services),
        load_kw=new.load_kw,
        until_day=new.until_day,
        purpose=new.purpose.strip(),
        state_since=at,
        applied_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except bulk.BROKEN_RULES as broken:
        raise ApplicationOpen(rule=bulk.rule_broken(broken)) from broken
    write_step(row, step="applied", actor=actor, at=at, facts={"load_kw": new.load_kw})
    events.applied(application_id=row.id, service=row.service, customer_id=new.applicant_id, at=at)
    return row


def _keep(
    row: Application, definition: ServiceDefinition, paper: NewEvidence, actor: Actor, at: datetime
) -> None:
    digest = hashlib.sha256(paper.body).digest()
    media = rules.media_type(paper.body)
    held = Evidence.objects.filter(application=row)
    if definition.document(paper.kind) is None:
        raise EvidenceRefused(reason="kind")
    if media is None:
        raise EvidenceRefused(reason="PDF, JPEG, PNG")
    if len(paper.body) > EVIDENCE_BYTES_MAX or held.count() >= EVIDENCE_MAX:
        raise EvidenceRefused(reason=f"{EVIDENCE_BYTES_MAX // 1024 // 1024} MiB, {EVIDENCE_MAX}")
    if held.filter(kind=paper.kind, sha256=digest).exists():
        return
    Evidence.objects.create(
        id=paper.id,
        application=row,
        kind=paper.kind,
        file_name=paper.file_name.replace("/", "_").replace("\\", "_")[-FILE_NAME_MAX:],
        media_type=media,
        size=len(paper.body),
        sha256=digest,
        body_cipher=secrets.seal(paper.body, context=EVIDENCE_SEAL),
        added_at=at,
        added_by=actor.id,
    )


def _request(new: NewApplication, evidence: Sequence[NewEvidence]) -> dict[str, Any]:
    return {
        "service": new.service,
        "applicant": str(new.applicant_id),
        "unit": str(new.unit_id),
        "account": str(new.account_id or ""),
        "services": sorted(str(service) for service in new.services),
        "load_kw": new.load_kw,
        "until": new.until_day.isoformat() if new.until_day else "",
        "purpose": new.purpose,
        "papers": [[paper.kind, hashlib.sha256(paper.body).hexdigest()] for paper in evidence],
    }
