"""Tells whoever is liable that a productivity certificate is about to end, or has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.registry.premises import operations as premises_operations
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import (
    CertificateKind,
    CertificateLetter,
    CertificatePolicy,
    CertificateView,
)
from tahseel.registry.supply import queries
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import NewNotice

NOTICE_KIND = "certificate"


@audited("supply.tell_of_certificates", subject="day")
def tell_of_certificates(*, actor: Actor, at: datetime, day: date) -> int:
    """Write to whoever is liable on the day, once before a certificate ends and once when it has.

    Returns how many letters. A unit without an account, or vacant, has nobody to be told.
    """
    require_duty(actor, "supply.tell_of_certificates")
    review = premises_operations.review_certificates(actor=actor, at=at, day=day)
    policy = review.policy
    told = [
        *_letters(policy, policy.warning, review.expiring, day),
        *_letters(policy, policy.fallback, review.fallen, day),
    ]
    if told:
        notices.issue_many(actor=actor, at=at, notices=told)
    note(expiring=len(review.expiring), fallen=len(review.fallen), letters=len(told))
    return len(told)


def _letters(
    policy: CertificatePolicy,
    letter: CertificateLetter,
    due: Sequence[CertificateView],
    day: date,
) -> Iterator[NewNotice]:
    units = {certificate.unit_id for certificate in due}
    accounts = queries.accounts_of_units(unit_ids=units, day=day)
    liable = queries.payers(account_ids=[ref.id for ref in accounts.values()], day=day)
    places = {
        language: premises.addresses(unit_ids=units, language=language) for language in ("ar", "en")
    }
    for certificate in due:
        account = accounts.get(certificate.unit_id)
        who = liable.get(account.id) if account else None
        if account is not None and who is not None:
            kind = policy.kinds[certificate.kind]
            facts = {
                language: {
                    **_facts(certificate, account, kind, language),
                    "address": found[certificate.unit_id],
                }
                for language, found in places.items()
            }
            yield _letter(certificate, account, who, letter, facts)


def _facts(
    certificate: CertificateView, account: AccountRef, kind: CertificateKind, language: str
) -> dict[str, str]:
    return {
        "name": kind.name(language),
        "issuer": kind.issuer(language),
        "number": certificate.number,
        "day": str(certificate.valid_until),
        "account": account.number,
    }


def _letter(
    certificate: CertificateView,
    account: AccountRef,
    who: UUID,
    letter: CertificateLetter,
    facts: dict[str, dict[str, str]],
) -> NewNotice:
    arabic, english = facts["ar"], facts["en"]
    subjects = (letter.subject_ar.format_map(arabic), letter.subject_en.format_map(english))
    return NewNotice(
        id=derived_id(certificate.id, letter.subject_en),
        kind=NOTICE_KIND,
        channel=letter.channel,
        recipient_customer_id=who,
        subject=" | ".join(subjects),
        body_ar=letter.body_ar.format_map(arabic),
        body_en=letter.body_en.format_map(english),
        address="",
        reference=account.number,
    )
