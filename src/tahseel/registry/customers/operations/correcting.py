"""A civil id put right. What is held follows the person to the new number, so two people act.

The first number of a record without one is registered by whoever serves the customer. A number that
stands already is changed by a maker and a checker, or by the registry of the State itself, whose
word the house's own jobs carry in.
"""

from __future__ import annotations

import base64
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import CivilId
from tahseel.registry.customers import chronicle, events, rules, telling
from tahseel.registry.customers.models import Customer
from tahseel.registry.customers.opening import customer_view, open_civil_id
from tahseel.registry.customers.operations.living import NothingToCorrect, require_proof
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.operations.registering import (
    CivilIdNotExpected,
    CivilIdTaken,
    checked_civil_id,
)
from tahseel.registry.customers.values import (
    CIVIL_ID_INDEX,
    CIVIL_ID_PROPOSED,
    CIVIL_ID_SEAL,
    CustomerKind,
    CustomerView,
    Evidence,
    Happening,
    IdentityState,
)
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note

RENUMBER = "customers.correct_civil_id"


class SecondPersonNeeded(NotAllowed):
    """A number that stands is not changed by one person alone."""

    code = "second_person_needed"
    text_ar = "تغيير رقم مدني مسجل يحتاج إلى اعتماد شخص آخر"
    text_en = "A civil id on record is changed only when a second person agrees"


@audited("customers.correct_civil_id", subject="customer_id")
def correct_civil_id(
    *,
    actor: Actor,
    at: datetime,
    customer_id: UUID,
    civil_id: CivilId | str,
    effective_on: date,
    reason: str,
    proof: Evidence,
    evidence: str,
) -> CustomerView:
    """Record a first civil id, or put one right by the word of the registry of the State.

    The proof verifies the identity anew; whatever is held follows the person to the new number.
    Raises NotAllowed, SecondPersonNeeded, ProofMissing, CivilIdInvalid, CivilIdTaken,
    CivilIdNotExpected, NothingToCorrect, CustomerUnknown.
    """
    require_duty(actor, "customers.correct_civil_id")
    customer = locked(customer_id)
    if customer.civil_id_index and actor.kind is not ActorKind.SYSTEM:
        raise SecondPersonNeeded(needs=", ".join(holders("customers.renumber")))
    require_proof(reason, evidence)
    checked = _fresh_number(customer, civil_id)
    return _renumber(
        customer, checked, actor=actor, at=at, effective_on=effective_on, reason=reason,
        proof=proof, evidence=evidence,
    )  # fmt: skip


def propose_civil_id(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    customer_id: UUID,
    civil_id: CivilId | str,
    effective_on: date,
    reason: str,
    proof: Evidence,
    evidence: str,
) -> UUID:
    """Ask that a civil id on record be changed; returns the approval's id.

    What stands against it is told at once; the number waits sealed. Raises as `correct_civil_id`,
    and what `submit` raises.
    """
    digits = check_civil_id(
        actor=actor, at=at, customer_id=customer_id, civil_id=civil_id, reason=reason,
        evidence=evidence,
    )  # fmt: skip
    sealed = secrets.seal(digits.digits.encode(), context=CIVIL_ID_PROPOSED)
    payload = {
        "customer": str(customer_id),
        "civil_id": base64.b64encode(sealed).decode(),
        "effective_on": effective_on.isoformat(),
        "proof": str(proof),
        "evidence": evidence.strip(),
        "reason": reason.strip(),
        "maker": actor.id,
    }
    return approvals.submit(
        actor=actor, at=at, operation=RENUMBER, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("customers.check_civil_id", subject="customer_id")
def check_civil_id(
    *,
    actor: Actor,
    at: datetime,
    customer_id: UUID,
    civil_id: CivilId | str,
    reason: str,
    evidence: str,
) -> CivilId:
    """Refuse a number that may not be given; changes nothing. Raises as `correct_civil_id`."""
    require_duty(actor, "customers.check_civil_id")
    require_proof(reason, evidence)
    checked = _fresh_number(locked(customer_id), civil_id)
    note(last_four=rules.last_four(checked))
    return checked


@audited("customers.renumber", subject="approval_id")
def civil_id_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> CustomerView:
    """What runs once the second person agrees. Raises as `correct_civil_id`."""
    require_duty(actor, "customers.renumber")
    customer = locked(UUID(str(payload["customer"])))
    note(customer=customer.id, maker=str(payload["maker"]))
    checked = _fresh_number(customer, telling.proposed_civil_id(payload))
    return _renumber(
        customer, checked, actor=actor, at=at, reason=str(payload["reason"]),
        effective_on=date.fromisoformat(str(payload["effective_on"])),
        proof=Evidence(payload["proof"]), evidence=str(payload["evidence"]),
    )  # fmt: skip


def _fresh_number(customer: Customer, civil_id: CivilId | str) -> CivilId:
    """The number, when it is one that this customer may be given."""
    kind = CustomerKind(customer.kind)
    checked = checked_civil_id(kind, civil_id)
    if checked is None:
        raise CivilIdNotExpected(kind=str(kind))
    if open_civil_id(customer) == checked:
        raise NothingToCorrect()
    index = secrets.blind_index(checked.digits, purpose=CIVIL_ID_INDEX)
    if Customer.objects.filter(civil_id_index=index).exists():
        raise CivilIdTaken(last_four=rules.last_four(checked))
    return checked


def _renumber(
    customer: Customer,
    checked: CivilId,
    *,
    actor: Actor,
    at: datetime,
    effective_on: date,
    reason: str,
    proof: Evidence,
    evidence: str,
) -> CustomerView:
    old, old_index = open_civil_id(customer), customer.civil_id_index
    customer.civil_id_cipher = secrets.seal(checked.digits.encode(), context=CIVIL_ID_SEAL)
    customer.civil_id_index = secrets.blind_index(checked.digits, purpose=CIVIL_ID_INDEX)
    customer.identity = IdentityState.VERIFIED
    customer.evidence, customer.evidence_reference = proof, evidence
    customer.identity_verified_at, customer.identity_verified_by = at, actor.id
    customer.save()
    chronicle.keep(
        customer=customer, what=Happening.CIVIL_ID_CORRECTED, effective_on=effective_on,
        actor=actor, at=at, evidence=evidence, reason=reason,
        before={"civil_id": old.digits if old else ""}, after={"civil_id": checked.digits},
        old_index=bytes(old_index) if old_index else None,
    )  # fmt: skip
    note(reason=reason, evidence=evidence, last_four=rules.last_four(checked))
    events.civil_id_corrected(customer_id=customer.id, effective_on=effective_on, at=at)
    return customer_view(customer)


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    approvals.register(
        RENUMBER, civil_id_approved, roles=holders("customers.renumber"),
        makers=holders("customers.check_civil_id"), in_words=telling.civil_id_in_words,
    )  # fmt: skip
