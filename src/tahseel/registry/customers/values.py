"""The words of a customer: kinds, how an identity was proved, and the views others may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.ids import CivilId

CIVIL_ID_INDEX = "civil_id"
MOBILE_INDEX = "mobile"
CIVIL_ID_SEAL = "customers:civil_id"
MOBILE_SEAL = "customers:mobile"


class CustomerKind(StrEnum):
    """Whom the law tells apart. UNKNOWN is a debtor whom nobody has named yet."""

    CITIZEN = "citizen"
    GCC = "gcc"
    RESIDENT = "resident"
    COMPANY = "company"
    GOVERNMENT = "government"
    UNKNOWN = "unknown"


NATURAL_KINDS = frozenset({CustomerKind.CITIZEN, CustomerKind.GCC, CustomerKind.RESIDENT})
CIVIL_ID_KINDS = frozenset({CustomerKind.CITIZEN, CustomerKind.RESIDENT})


class IdentityState(StrEnum):
    """How far we are sure that a customer is who the record says."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    DOUBTED = "doubted"


class Evidence(StrEnum):
    """What proved an identity. Digital ones: Ministerial Resolution 1/2020."""

    MOBILE_ID = "mobile_id"
    SMART_CARD = "smart_card"
    DOCUMENT = "document"
    REGISTRY_FEED = "registry_feed"


@dataclass(frozen=True, slots=True)
class MobileScheme:
    """A country's mobile numbers: `pattern` is what follows the country code."""

    country_code: str
    pattern: str
    source: str


@dataclass(frozen=True, slots=True)
class SearchFields:
    """What a customer's names are found by: folded keys, and the sound words of both scripts.

    sounds: in the order of the Arabic name, each once, then those that only the English one has.
    tail: those of the Arabic name backwards, the family name first; the English one's without it.
    """

    key_ar: str
    key_en: str
    sounds: str
    tail: str


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to be registered; the id is made by the caller. `mobile` as people write it."""

    id: UUID
    kind: CustomerKind
    name_ar: str
    name_en: str
    civil_id: CivilId | None = None
    registration_number: str | None = None
    mobile: str | None = field(default=None, repr=False)
    language: str = "ar"
    parent_id: UUID | None = None
    evidence: Evidence | None = None
    evidence_reference: str = ""
    died_on: date | None = None


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer as people see one: identifiers masked, names in both scripts."""

    id: UUID
    kind: CustomerKind
    civil_id_masked: str | None
    registration_number: str | None
    name_ar: str
    name_en: str
    mobile_masked: str | None
    language: str
    identity: IdentityState
    evidence: Evidence | None
    verified_at: datetime | None
    died_on: date | None
    parent_id: UUID | None

    def name(self, language: str) -> str:
        """The name in "ar" or "en"; the other one when that is empty."""
        first, second = self.name_ar, self.name_en
        if not language.startswith("ar"):
            first, second = second, first
        return first or second


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a machine needs one. `civil_id_index` is the 32-byte blind index.

    identity_verified_at: since when the identity stands proved; None while it does not.
    born_on: the day that the civil id tells.
    """

    id: UUID
    kind: CustomerKind
    civil_id_index: bytes | None = field(repr=False)
    name_ar: str
    name_en: str
    language: str
    died_on: date | None
    parent_id: UUID | None
    identity_verified_at: datetime | None = None
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a customer. `mobile` is the full number with its country code."""

    mobile: str | None = field(repr=False)
    language: str
