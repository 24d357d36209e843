"""What happens in a life, and what the record of it had wrong: dated events with their evidence."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.customers import chronicle, events, finding, rules
from tahseel.registry.customers.opening import customer_view, open_civil_id
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.operations.registering import (
    NameMissing,
)
from tahseel.registry.customers.values import (
    NATURAL_KINDS,
    CustomerKind,
    CustomerView,
    Happening,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class DeathImpossible(Refusal):
    """The day lies in the future or before the birth, or the customer is not a person."""

    code = "death_impossible"
    text_ar = "تاريخ الوفاة {died_on} غير ممكن"
    text_en = "{died_on} cannot be the day of this death"


class DepartureImpossible(Refusal):
    """The day lies in the future, or this customer cannot leave the country for good."""

    code = "departure_impossible"
    text_ar = "تاريخ المغادرة النهائية {departed_on} غير ممكن"
    text_en = "{departed_on} cannot be the day of a departure for good"


class NotRecorded(Refusal):
    """Nothing of the kind is on record that could be taken back."""

    code = "event_not_recorded"
    text_ar = "لا توجد واقعة مسجلة من هذا النوع ({what})"
    text_en = "Nothing of this kind ({what}) is on record"
    http_status = 409


class NothingToCorrect(Refusal):
    """The record says so already."""

    code = "nothing_to_correct"
    text_ar = "البيانات المسجلة مطابقة لما أدخل"
    text_en = "The record says so already"
    http_status = 409


class ProofMissing(Refusal):
    """A correction names the paper that proves it, and why the record was wrong."""

    code = "correction_unproved"
    text_ar = "يجب ذكر سبب التصحيح والمستند المؤيد له"
    text_en = "A correction needs its reason and the paper that proves it"


@audited("customers.record_death", subject="customer_id")
def record_death(
    *, actor: Actor, at: datetime, customer_id: UUID, died_on: date, source: str
) -> CustomerView:
    """Record a person's death from a named source. Raises DeathImpossible, CustomerUnknown."""
    require_duty(actor, "customers.record_death")
    customer = locked(customer_id)
    civil_id = open_civil_id(customer)
    possible = rules.can_have_died(civil_id, died_on, local_day(at))
    if customer.kind not in NATURAL_KINDS or not possible:
        raise DeathImpossible(died_on=died_on.isoformat())
    before = customer.died_on
    customer.died_on = died_on
    customer.death_source = source
    customer.save(update_fields=["died_on", "death_source"])
    chronicle.keep(
        customer=customer, what=Happening.DIED, effective_on=died_on, actor=actor, at=at,
        evidence=source, before={"died_on": before.isoformat()} if before else None,
        after={"died_on": died_on.isoformat()},
    )  # fmt: skip
    note(died_on=died_on.isoformat(), source=source)
    events.died(customer_id=customer_id, died_on=died_on, at=at)
    return customer_view(customer)


@audited("customers.revoke_death", subject="customer_id")
def revoke_death(
    *, actor: Actor, at: datetime, customer_id: UUID, reason: str, evidence: str
) -> CustomerView:
    """Take a death back that was recorded of a living person. Raises NotRecorded, ProofMissing."""
    require_duty(actor, "customers.revoke_death")
    customer = locked(customer_id)
    require_proof(reason, evidence)
    if customer.died_on is None:
        raise NotRecorded(what=str(Happening.DIED))
    before = {"died_on": customer.died_on.isoformat()}
    customer.died_on, customer.death_source = None, ""
    customer.save(update_fields=["died_on", "death_source"])
    chronicle.keep(
        customer=customer, what=Happening.DEATH_REVOKED, effective_on=local_day(at), actor=actor,
        at=at, evidence=evidence, reason=reason, before=before,
    )  # fmt: skip
    note(reason=reason, evidence=evidence)
    events.death_revoked(customer_id=customer_id, at=at)
    return customer_view(customer)


@audited("customers.record_departure", subject="customer_id")
def record_departure(
    *, actor: Actor, at: datetime, customer_id: UUID, departed_on: date, source: str
) -> CustomerView:
    """Record that a person left the country for good; a citizen does not.

    Raises DepartureImpossible, CustomerUnknown.
    """
    require_duty(actor, "customers.record_departure")
    customer = locked(customer_id)
    leaves = customer.kind in NATURAL_KINDS and customer.kind != CustomerKind.CITIZEN
    alive = customer.died_on is None or departed_on <= customer.died_on
    if not leaves or not alive or departed_on > local_day(at):
        raise DepartureImpossible(departed_on=departed_on.isoformat())
    before = customer.departed_on
    customer.departed_on = departed_on
    customer.save(update_fields=["departed_on"])
    chronicle.keep(
        customer=customer, what=Happening.DEPARTED, effective_on=departed_on, actor=actor, at=at,
        evidence=source, before={"departed_on": before.isoformat()} if before else None,
        after={"departed_on": departed_on.isoformat()},
    )  # fmt: skip
    note(departed_on=departed_on.isoformat(), source=source)
    events.departed(customer_id=customer_id, departed_on=departed_on, at=at)
    return customer_view(customer)


@audited("customers.record_return", subject="customer_id")
def record_return(
    *, actor: Actor, at: datetime, customer_id: UUID, returned_on: date, source: str
) -> CustomerView:
    """Record that a person who had left is back. Raises NotRecorded, DepartureImpossible."""
    require_duty(actor, "customers.record_return")
    customer = locked(customer_id)
    if customer.departed_on is None:
        raise NotRecorded(what=str(Happening.DEPARTED))
    if not customer.departed_on <= returned_on <= local_day(at):
        raise DepartureImpossible(departed_on=returned_on.isoformat())
    before = {"departed_on": customer.departed_on.isoformat()}
    customer.departed_on = None
    customer.save(update_fields=["departed_on"])
    chronicle.keep(
        customer=customer, what=Happening.RETURNED, effective_on=returned_on, actor=actor, at=at,
        evidence=source, before=before,
    )  # fmt: skip
    note(returned_on=returned_on.isoformat(), source=source)
    events.returned(customer_id=customer_id, returned_on=returned_on, at=at)
    return customer_view(customer)


@audited("customers.correct_name", subject="customer_id")
def correct_name(
    *,
    actor: Actor,
    at: datetime,
    customer_id: UUID,
    name_ar: str,
    name_en: str,
    effective_on: date,
    reason: str,
    evidence: str,
) -> CustomerView:
    """Put a name right; the old one stays in the history. Raises ProofMissing, NameMissing,
    NothingToCorrect, CustomerUnknown.
    """
    require_duty(actor, "customers.correct_name")
    customer = locked(customer_id)
    require_proof(reason, evidence)
    names = {"name_ar": name_ar.strip(), "name_en": name_en.strip()}
    before = {"name_ar": customer.name_ar, "name_en": customer.name_en}
    if not any(names.values()):
        raise NameMissing()
    if names == before:
        raise NothingToCorrect()
    found_by = rules.search_fields(names["name_ar"], names["name_en"])
    customer.name_ar, customer.name_en = names["name_ar"], names["name_en"]
    customer.search_ar, customer.search_en = found_by.key_ar, found_by.key_en
    customer.search_skeleton, customer.search_tail = found_by.sounds, found_by.tail
    customer.save()
    finding.keep_words([found_by.sounds])
    chronicle.keep(
        customer=customer, what=Happening.NAME_CORRECTED, effective_on=effective_on, actor=actor,
        at=at, evidence=evidence, reason=reason, before=before, after=names,
    )  # fmt: skip
    note(reason=reason, evidence=evidence)
    events.name_corrected(customer_id=customer_id, effective_on=effective_on, at=at)
    return customer_view(customer)


def require_proof(reason: str, evidence: str) -> None:
    """Raises ProofMissing without a reason and a paper."""
    if not reason.strip() or not evidence.strip():
        raise ProofMissing()
