"""A story as it is told to one reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.history import Mark, Step
from tahseel.trust.audit.values import Entry

ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
"""Members of staff to whom stories are told."""


class Kind(StrEnum):
    """Of what a story can be told."""

    CUSTOMER = "customer"
    UNIT = "unit"
    METER = "meter"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing whose story it is. reference: its number or serial, empty for a person or place."""

    kind: Kind
    id: UUID
    name_ar: str
    name_en: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a story is asked for.

    family: the slice that tells, such as "billing", or "log" for what only the audit log tells.
    who: the id of an actor. until: nothing recorded after this day. before: where the last page
    ended.
    """

    family: str = ""
    who: str = ""
    until: date | None = None
    before: Mark | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A step with the leaf that tells of it; no leaf where the log does not name it."""

    step: Step
    entry: Entry | None

    @property
    def actor_id(self) -> str:
        """Who did it, by the row, else by the log; empty when neither says."""
        return self.step.actor or (self.entry.actor.id if self.entry else "")

    @property
    def family(self) -> str:
        return self.step.code.split(":")[0].split(".")[0]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of customers and of staff that a page of a story mentions, in both languages."""

    customers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    actors: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """One page of a story, newest first. further: where the next page begins, if there is one."""

    subject: Subject
    told: tuple[Told, ...]
    names: Names
    further: Mark | None
