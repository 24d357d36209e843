"""Certificates that make a unit productive: kinds, each with its days, what a look brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.registry.premises.values.places import Sector


@dataclass(frozen=True, slots=True)
class CertificateKind:
    """A certificate that makes the units of one sector productive, as a country's data tell it.

    years_max: the longest validity that is believed.
    """

    code: str
    sector: Sector
    name_ar: str
    name_en: str
    issuer_ar: str
    issuer_en: str
    number_pattern: str
    years_max: int

    def name(self, language: str) -> str:
        return self.name_ar if language.startswith("ar") else self.name_en

    def issuer(self, language: str) -> str:
        return self.issuer_ar if language.startswith("ar") else self.issuer_en


@dataclass(frozen=True, slots=True)
class CertificateLetter:
    """What the consumer is told, by which channel. The texts name their facts in braces."""

    channel: str
    subject_ar: str
    subject_en: str
    body_ar: str
    body_en: str


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """Kinds of certificates; `warn_days` before one expires its holder is warned."""

    kinds: Mapping[str, CertificateKind]
    warn_days: int
    warning: CertificateLetter
    fallback: CertificateLetter


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate of a unit, valid from a day up to, not including, `valid_until` (None: open).

    withdrawn: why it ended before its term; empty when it did not.
    """

    id: UUID
    unit_id: UUID
    kind: str
    number: str
    valid_from: date
    valid_until: date | None
    withdrawn: str = ""

    def __contains__(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class CertificateReview:
    """What a day's look at the certificates brought, none of it told before.

    expiring: without a successor and close to its end; fallen: ended without a successor.
    """

    policy: CertificatePolicy
    expiring: tuple[CertificateView, ...]
    fallen: tuple[CertificateView, ...]
