"""What the slice announces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.registry.premises.values import CertificateView, Sector, UnitState

BATCH_ADDED = "premises:batch:added"
UNIT_ADDED = "premises:unit:added"
UNIT_ENDED = "premises:unit:ended"
CERTIFICATE_RECORDED = "premises:certificate:recorded"
CERTIFICATE_EXPIRING = "premises:certificate:expiring"
CERTIFICATE_ENDED = "premises:certificate:ended"
SUPPLY_SHARED = "premises:supply:shared"
SUPPLY_SEPARATED = "premises:supply:separated"
SECTOR_CHANGED = "premises:sector:changed"
ADDRESS_CORRECTED = "premises:address:corrected"


def batch_added(*, batch: str, count: int, digest: str, at: datetime) -> None:
    """One event for a whole batch; `digest` is the SHA-256 of its rows in hexadecimal."""
    facts = {"count": count, "digest": digest}
    outbox.announce(name=BATCH_ADDED, subject=batch, at=at, facts=facts)


def unit_added(*, unit_id: UUID, at: datetime) -> None:
    outbox.announce(name=UNIT_ADDED, subject=str(unit_id), at=at)


def unit_ended(
    *, unit_id: UUID, state: UnitState, on_day: date, heirs: Sequence[UUID], at: datetime
) -> None:
    """`heirs`: the units that came from it; none when it was demolished."""
    facts = {
        "state": str(state),
        "on_day": on_day.isoformat(),
        "heirs": [str(unit) for unit in heirs],
    }
    outbox.announce(name=UNIT_ENDED, subject=str(unit_id), at=at, facts=facts)


def sector_changed(*, unit_id: UUID, sector: Sector, from_day: date, at: datetime) -> None:
    facts = {"sector": str(sector), "from_day": from_day.isoformat()}
    outbox.announce(name=SECTOR_CHANGED, subject=str(unit_id), at=at, facts=facts)


def address_corrected(*, premises_id: UUID, from_day: date, at: datetime) -> None:
    """Every unit of the plot or building has another address."""
    facts = {"from_day": from_day.isoformat()}
    outbox.announce(name=ADDRESS_CORRECTED, subject=str(premises_id), at=at, facts=facts)


def certificate_recorded(*, certificate: CertificateView, at: datetime) -> None:
    """A unit is productive on the certificate's days; some of them may lie in the past."""
    _certificate(CERTIFICATE_RECORDED, certificate, at)


def certificate_expiring(*, certificate: CertificateView, at: datetime) -> None:
    _certificate(CERTIFICATE_EXPIRING, certificate, at)


def certificate_ended(*, certificate: CertificateView, at: datetime) -> None:
    """It expired without a successor, or was withdrawn: the unit is no longer productive."""
    _certificate(CERTIFICATE_ENDED, certificate, at)


def _certificate(name: str, certificate: CertificateView, at: datetime) -> None:
    until = certificate.valid_until
    facts = {
        "certificate": str(certificate.id),
        "kind": certificate.kind,
        "number": certificate.number,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": until.isoformat() if until else None,
    }
    outbox.announce(name=name, subject=str(certificate.unit_id), at=at, facts=facts)


def supply_shared(*, unit_id: UUID, point_id: UUID, from_day: date, at: datetime) -> None:
    """The unit has its supply through another's point; the other's price may change with it."""
    facts = {"point": str(point_id), "from_day": from_day.isoformat()}
    outbox.announce(name=SUPPLY_SHARED, subject=str(unit_id), at=at, facts=facts)


def supply_separated(*, unit_id: UUID, point_id: UUID, on_day: date, at: datetime) -> None:
    facts = {"point": str(point_id), "on_day": on_day.isoformat()}
    outbox.announce(name=SUPPLY_SEPARATED, subject=str(unit_id), at=at, facts=facts)
