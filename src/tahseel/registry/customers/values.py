"""The words of a customer: kinds, how an identity was proved, and the views others may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.ids import CivilId

CIVIL_ID_INDEX = "civil_id"
MOBILE_INDEX = "mobile"
CIVIL_ID_SEAL = "customers:civil_id"
CIVIL_ID_PROPOSED = "customers:civil_id:proposed"
MOBILE_SEAL = "customers:mobile"
DOCUMENT_INDEX = "document"
DOCUMENT_SEAL = "customers:document"
CHANGE_SEAL = "customers:change"
CONTACT_SEAL = "customers:contact"
CONTACT_INDEX = "contact"
CONTACT_CODE = "contact_code"


class CustomerKind(StrEnum):
    """Whom the law tells apart. UNKNOWN is a debtor whom nobody has named yet."""

    CITIZEN = "citizen"
    GCC = "gcc"
    RESIDENT = "resident"
    STATELESS = "stateless"
    FOREIGN_OWNER = "foreign_owner"
    COMPANY = "company"
    GOVERNMENT = "government"
    MISSION = "mission"
    UNKNOWN = "unknown"


NATURAL_KINDS = frozenset(
    {
        CustomerKind.CITIZEN,
        CustomerKind.GCC,
        CustomerKind.RESIDENT,
        CustomerKind.STATELESS,
        CustomerKind.FOREIGN_OWNER,
    }
)
CIVIL_ID_KINDS = frozenset({CustomerKind.CITIZEN, CustomerKind.RESIDENT})
DOCUMENT_KINDS = frozenset(
    {CustomerKind.STATELESS, CustomerKind.FOREIGN_OWNER, CustomerKind.MISSION}
)
"""Held by other documents: their identity is proved only while one of them is on record."""


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


class DocumentKind(StrEnum):
    """Papers by which a customer without a civil id is known."""

    PASSPORT = "passport"
    GCC_CARD = "gcc_card"
    REVIEW_CARD = "review_card"
    MISSION_CARD = "mission_card"
    COMMERCIAL_LICENCE = "commercial_licence"


class Happening(StrEnum):
    """What happened in a customer's life, or was put right in the record of it."""

    NAME_CORRECTED = "name_corrected"
    CIVIL_ID_CORRECTED = "civil_id_corrected"
    DIED = "died"
    DEATH_REVOKED = "death_revoked"
    DEPARTED = "departed"
    RETURNED = "returned"


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
class NewDocument:
    """A paper to be put on record; `issuer` is a country's two letters or an authority's code."""

    id: UUID
    kind: DocumentKind
    issuer: str
    number: str = field(repr=False)
    issued_on: date | None = None
    expires_on: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A paper on record. It counts up to the day before `expires_on`, unless withdrawn."""

    id: UUID
    kind: DocumentKind
    issuer: str
    number_masked: str
    issued_on: date | None
    expires_on: date | None
    reference: str
    recorded_at: datetime
    withdrawn_at: datetime | None

    def counts_on(self, day: date) -> bool:
        return self.withdrawn_at is None and (self.expires_on is None or day < self.expires_on)


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One dated event, with what stood before and after; identifiers are masked.

    effective_on: the day on which it counts; recorded_at: when we were told, and by whom.
    """

    id: UUID
    what: Happening
    effective_on: date
    recorded_at: datetime
    recorded_by: str
    reason: str
    evidence: str
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)


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
    documents: tuple[NewDocument, ...] = ()


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
    departed_on: date | None = None
    evidence_reference: str = ""
    merged_into_id: UUID | None = None

    def name(self, language: str) -> str:
        """The name in "ar" or "en"; the other one when that is empty."""
        first, second = self.name_ar, self.name_en
        if not language.startswith("ar"):
            first, second = second, first
        return first or second


@dataclass(frozen=True, slots=True)
class Body:
    """A government body in its tree; None above a ministry."""

    id: UUID
    parent_id: UUID | None
    name_ar: str
    name_en: str


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


HANGING = (
    Hanging("customers_customer", "parent_id"),
    Hanging("customers_document", "customer_id"),
    Hanging("customers_protection", "customer_id"),
    Hanging("customers_contact", "customer_id"),
    Hanging("access_user", "customer_id"),
)
"""What of this slice, and of those below it, moves when two records turn out to be one person."""


class MergeGuard(Protocol):
    """Refuses a merge for reasons of its own slice, with the facts."""

    def __call__(self, *, goes_id: UUID, stays_id: UUID) -> None: ...


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge: who was found to be whom, who asked and who agreed, and how many rows moved."""

    id: UUID
    merged_id: UUID
    into_id: UUID
    reason: str
    made_at: datetime
    made_by: str
    approved_by: str
    rows: int
    undone_at: datetime | None
    undone_by: str
    undone_reason: str


class Came(StrEnum):
    """Where a row is that came while a merge held: HERE with the record that stayed, MOVED to the
    other one by two people, GONE from both by an act of its own slice. STAYS: a receipt, which
    keeps its payer's name for good.
    """

    HERE = "here"
    MOVED = "moved"
    GONE = "gone"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class CameRow:
    """A row that came to the record that stayed between a merge and its taking back.

    name: the column by which it hangs; label: its number, reference, role or kind, if it has one.
    """

    position: int
    name: str
    key: tuple[str, ...]
    state: Came
    account_id: UUID | None
    label: str
    day: date | None


class Likeness(StrEnum):
    """Why two records may be one person, or may not."""

    SAME_MOBILE = "same_mobile"
    SAME_NAME = "same_name"
    SAME_SOUND = "same_sound"
    ONE_WITHOUT_NUMBER = "one_without_number"
    NUMBERS_ONE_SLIP_APART = "numbers_one_slip_apart"
    NUMBERS_DIFFER = "numbers_differ"


@dataclass(frozen=True, slots=True)
class LikePair:
    """Two records that may be one person: which would go, which would stay, why, and how much."""

    goes: CustomerView
    stays: CustomerView
    reasons: tuple[Likeness, ...]
    score: int


class ProtectionKind(StrEnum):
    """Why supply to a person's home must not be cut, whatever is owed."""

    LIFE_SUPPORT = "life_support"
    MEDICAL = "medical"
    DISABILITY = "disability"


@dataclass(frozen=True, slots=True)
class ProtectionView:
    """A protected status with its paper; it counts from one day up to, not including, another."""

    id: UUID
    customer_id: UUID
    kind: ProtectionKind
    from_day: date
    until_day: date
    evidence: str
    recorded_by: str
    ended_at: datetime | None

    def counts_on(self, day: date) -> bool:
        return self.ended_at is None and self.from_day <= day < self.until_day


class ContactKind(StrEnum):
    """Ways of reaching somebody."""

    MOBILE = "mobile"
    EMAIL = "email"
    ADDRESS = "address"


class Confirmation(StrEnum):
    """What became of a code that was typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    USED_UP = "used_up"
    NO_CODE = "no_code"


@dataclass(frozen=True, slots=True)
class ContactView:
    """A way of reaching a customer, masked. verified_at: since when it is known to be his."""

    id: UUID
    kind: ContactKind
    masked: str
    recorded_at: datetime
    verified_at: datetime | None
    ended_at: datetime | None
