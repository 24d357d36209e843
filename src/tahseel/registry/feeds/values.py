"""The words of a feed: registries, records with their versions, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

FACTS_SEAL = "feeds:facts"
WITHDRAWAL = "withdrawal_needs_decision"
BATCH_SEAL = "feeds:batch"


class Kind(StrEnum):
    """What a record tells."""

    DEATH = "death"
    NAME = "name"
    ADDRESS = "address"
    DEPARTURE = "departure"
    RETURN = "return"
    TITLE = "title"


class Version(StrEnum):
    """What a version does to its record."""

    ISSUED = "issued"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What became of a version here.

    UNCONCERNED: it tells of nobody and nothing that we know; looked at again when we do. PARKED:
    it could not be applied, and says why. SUPERSEDED: a later version of its number has come.
    """

    RECEIVED = "received"
    APPLIED = "applied"
    UNCONCERNED = "unconcerned"
    PARKED = "parked"
    SUPERSEDED = "superseded"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that we ask. public_key: 32 bytes (Ed25519), by which its answers are known.

    silent_after_days: working days without a new record after which somebody is told.
    """

    code: str
    name_ar: str
    name_en: str
    kinds: frozenset[Kind]
    silent_after_days: int
    base_url: str = ""
    key_id: str = ""
    public_key: bytes = field(default=b"", repr=False)

    @property
    def connected(self) -> bool:
        return bool(self.base_url)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registry answered to a question, its signature verified."""

    registry: str
    path: str
    query: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one record as it came. facts are sealed at rest: they name people.

    wrong: why its form is not one that was agreed; such a record is kept and parked.
    """

    number: str
    version: int
    kind: str
    state: str
    published_on: date
    facts: Mapping[str, str | bool] = field(repr=False)
    canonical: bytes = field(repr=False)
    sha256: bytes
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of records, and the cursor of the one that follows."""

    after: str
    following: str
    more: bool
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """What a page brought: new versions, and ones that were here before."""

    new: int
    repeated: int
    following: str
    more: bool


@dataclass(frozen=True, slots=True)
class Control:
    """Control figures of one registry and day: count and digest over distinct versions."""

    count: int
    digest: str
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A day compared with the registry's figures. differences: what and by how much, in words
    for a machine: "death: 3 of 4", "digest".
    """

    registry: str
    day: date
    ours: Control
    theirs: Control
    differences: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What applying a version came to; `reason` is a stable code, `detail` may name ids."""

    standing: Standing
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a record tells, opened. before: the facts of its last version that was applied.

    kind_before: what that version told, "" when none was applied.
    """

    id: UUID
    number: str
    kind: str
    state: Version
    facts: Mapping[str, str | bool] = field(repr=False)
    before: Mapping[str, str | bool] | None = field(repr=False)
    kind_before: str = ""

    def text(self, name: str) -> str:
        return str(self.facts[name])

    def day(self, name: str) -> date:
        return date.fromisoformat(self.text(name))


UNCONCERNED = Outcome(Standing.UNCONCERNED)
KNOWN_ALREADY = Outcome(Standing.APPLIED, "known_already")


@dataclass(frozen=True, slots=True)
class RecordView:
    """A version as staff see it: no identifier of a person."""

    id: UUID
    registry: str
    number: str
    version: int
    kind: str
    state: str
    published_on: date
    standing: Standing
    reason: str
    detail: str
    attempts: int
    received_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed stands. silent: nothing new for longer than the registry is ever quiet."""

    registry: Registry
    cursor: str
    answered_at: datetime | None
    newest_on: date | None
    counts: Mapping[Standing, int]
    last_reconciled: Reconciled | None
    open_differences: tuple[Reconciled, ...]
    silent: bool
