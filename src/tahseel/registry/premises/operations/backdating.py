"""Sectors and certificates of days that are determined or billed: one asks, another agrees.

What stands against a change is told to whoever asks; it is looked at again when somebody agrees,
and only then is anything recorded, announced and handed to whoever billed the days.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.registry.premises import rules, telling
from tahseel.registry.premises.operations import certifying, sectors
from tahseel.registry.premises.values import CERTIFY, REZONE, WITHDRAW, CertificateView, Sector
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note


@audited("premises.propose_certificate", subject="unit_id")
def propose_certificate(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    unit_id: UUID,
    kind: str,
    number: str,
    valid_from: date,
    valid_until: date | None,
    reason: str,
) -> UUID:
    """Ask that a certificate of days already billed be recorded; returns the approval's id.

    The same again under the same id answers the same. Raises as `record_certificate`, and what
    `approvals.submit` raises.
    """
    require_duty(actor, "premises.propose_certificate")
    made = derived_id(approval_id, "certificate")
    view = CertificateView(made, unit_id, kind, number, valid_from, valid_until)
    certifying.check_certificate(view)
    certifying.require_free(view)
    payload = {
        "certificate": str(made),
        "unit": str(unit_id),
        "kind": kind,
        "number": number,
        "from_day": valid_from.isoformat(),
        "until_day": valid_until.isoformat() if valid_until else None,
    }
    return approvals.submit(
        actor=actor, at=at, operation=CERTIFY, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("premises.propose_sector", subject="unit_id")
def propose_sector(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    unit_id: UUID,
    sector: Sector,
    from_day: date,
    dwellings: int,
    reason: str,
) -> UUID:
    """Ask that a unit be of another sector from a day on that is billed already.

    Returns the approval's id. Raises as `set_sector`, and what `approvals.submit` raises.
    """
    require_duty(actor, "premises.propose_sector")
    before = sectors.check_sector(unit_id=unit_id, from_day=from_day)
    payload = {
        "unit": str(unit_id),
        "before": before,
        "sector": str(sector),
        "dwellings": dwellings,
        "from_day": from_day.isoformat(),
        "until_day": None,
    }
    return approvals.submit(
        actor=actor, at=at, operation=REZONE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("premises.propose_withdrawal", subject="certificate_id")
def propose_withdrawal(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    certificate_id: UUID,
    on_day: date,
    reason: str,
) -> UUID:
    """Ask that a certificate be taken back from a day on that is billed already.

    Returns the approval's id. Raises as `withdraw_certificate`, and what `approvals.submit` raises.
    """
    require_duty(actor, "premises.propose_withdrawal")
    row = certifying.check_withdrawal(certificate_id=certificate_id, on_day=on_day, reason=reason)
    note(unit=str(row.unit_id))
    payload = {
        "certificate": str(certificate_id),
        "unit": str(row.unit_id),
        "kind": row.kind,
        "number": row.number,
        "from_day": on_day.isoformat(),
        "until_day": row.valid_until.isoformat() if row.valid_until else None,
        "reason": reason.strip(),
    }
    return approvals.submit(
        actor=actor, at=at, operation=WITHDRAW, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def _certificate_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> CertificateView:
    view = CertificateView(
        id=UUID(payload["certificate"]),
        unit_id=UUID(payload["unit"]),
        kind=payload["kind"],
        number=payload["number"],
        valid_from=date.fromisoformat(payload["from_day"]),
        valid_until=rules.until_day(payload),
    )
    return certify_past(
        actor=actor, at=at, unit_id=view.unit_id, certificate=view, approval_id=approval_id
    )


@audited("premises.certify_past", subject="unit_id")
def certify_past(
    *, actor: Actor, at: datetime, unit_id: UUID, certificate: CertificateView, approval_id: UUID
) -> CertificateView:
    """What runs once the second person agrees. Raises as `record_certificate`."""
    require_duty(actor, "premises.certify_past")
    note(approval=approval_id)
    certifying.check_certificate(certificate)
    return certifying.put_on_record(actor=actor, at=at, view=certificate)


def _sector_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> None:
    rezone_past(
        actor=actor,
        at=at,
        unit_id=UUID(payload["unit"]),
        sector=Sector(payload["sector"]),
        from_day=date.fromisoformat(payload["from_day"]),
        dwellings=int(payload["dwellings"]),
        approval_id=approval_id,
    )


@audited("premises.rezone_past", subject="unit_id")
def rezone_past(
    *,
    actor: Actor,
    at: datetime,
    unit_id: UUID,
    sector: Sector,
    from_day: date,
    dwellings: int,
    approval_id: UUID,
) -> None:
    """What runs once the second person agrees. Raises as `set_sector`."""
    require_duty(actor, "premises.rezone_past")
    note(approval=approval_id)
    sectors.check_sector(unit_id=unit_id, from_day=from_day)
    sectors.begin(
        actor=actor, at=at, unit_id=unit_id, sector=sector, from_day=from_day, dwellings=dwellings
    )


def _withdrawal_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> CertificateView:
    return withdraw_past(
        actor=actor,
        at=at,
        certificate_id=UUID(payload["certificate"]),
        on_day=date.fromisoformat(payload["from_day"]),
        reason=payload["reason"],
        approval_id=approval_id,
    )


@audited("premises.withdraw_past", subject="certificate_id")
def withdraw_past(
    *,
    actor: Actor,
    at: datetime,
    certificate_id: UUID,
    on_day: date,
    reason: str,
    approval_id: UUID,
) -> CertificateView:
    """What runs once the second person agrees. Raises as `withdraw_certificate`."""
    require_duty(actor, "premises.withdraw_past")
    note(approval=approval_id)
    row = certifying.check_withdrawal(certificate_id=certificate_id, on_day=on_day, reason=reason)
    return certifying.end(actor=actor, at=at, row=row, on_day=on_day, reason=reason)


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    for name, act, asked_by in (
        (CERTIFY, _certificate_approved, "premises.propose_certificate"),
        (REZONE, _sector_approved, "premises.propose_sector"),
        (WITHDRAW, _withdrawal_approved, "premises.propose_withdrawal"),
    ):
        approvals.register(
            name,
            act,
            roles=holders(name),
            makers=holders(asked_by),
            in_words=telling.IN_WORDS[name],
        )
