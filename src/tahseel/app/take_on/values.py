"""The words of a take-on: what an old system hands over, how its files are read, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from tahseel.app.take_on.words import fault_text
from tahseel.kernel.ids import derived_id
from tahseel.kernel.states import StateMachine

Value = str | int | bool | None
Row = dict[str, Value]
"""One line in our words: days as ISO text, money in fils."""

ROOT = UUID("018f7e3a-7c00-8000-8000-74616b656f6e")


class Entity(StrEnum):
    """What is taken on, in the order in which it is checked and loaded."""

    PERSONS = "persons"
    UNITS = "units"
    METERS = "meters"
    ACCOUNTS = "accounts"
    OCCUPANCIES = "occupancies"
    PARTIES = "parties"
    DEPOSITS = "deposits"
    CREDITS = "credits"
    OPEN_ITEMS = "open_items"
    DISPUTES = "disputes"
    PLANS = "plans"
    INSTALMENTS = "instalments"
    HOLDS = "holds"
    BILLS = "bills"
    """Compared with ours in a parallel run, and never taken on."""


TAKEN: tuple[Entity, ...] = tuple(one for one in Entity if one is not Entity.BILLS)


class FieldKind(StrEnum):
    """How the text of a cell becomes a value."""

    TEXT = "text"
    DAY = "day"
    FILS = "fils"
    COUNT = "count"
    CHOICE = "choice"
    FLAG = "flag"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Field:
    """One of our fields. `longest` bounds the text of a cell."""

    name: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: frozenset[str] = frozenset()
    longest: int = 200


@dataclass(frozen=True, slots=True)
class FileMap:
    """How one entity stands in a CSV file of the old system.

    columns: our field -> their column; values: our field -> their code -> ours; constants hold for
    every line, defaults where the cell is empty. dates: strptime's form; decimals: how many digits
    an amount has after its point, exactly.
    """

    entity: Entity
    path: Path
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    dates: str = "%Y-%m-%d"
    decimals: int = 3
    point: str = "."
    thousands: str = ""
    columns: Mapping[str, str] = made_by(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = made_by(default_factory=dict)
    constants: Mapping[str, str] = made_by(default_factory=dict)
    defaults: Mapping[str, str] = made_by(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A whole take-on: the old system's name, the day of the change, its files and its totals.

    digest: SHA-256 of the mapping's own bytes. accounts_renumbered: the accounts get new numbers
    of ours; else each line brings one.
    """

    system: str
    cutover: date
    files: Mapping[Entity, FileMap]
    totals: Path
    digest: str

    def id_of(self, entity: str, key: str) -> UUID:
        """Our id for what the old system knows under a key: the same in every attempt."""
        return derived_id(ROOT, self.system, entity, key)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, in which field, which rule, with the facts of its text.

    line 0 is the file as a whole. Facts never hold what identifies a person.
    """

    entity: str
    file: str
    line: int
    field: str
    code: str
    facts: Mapping[str, Value] = made_by(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "entity": self.entity,
            "field": self.field,
            "code": self.code,
            "text_ar": fault_text(self.code, "ar", self.facts),
            "text_en": fault_text(self.code, "en", self.facts),
        }


@dataclass(frozen=True, slots=True)
class Total:
    """A control total of the old system: how many lines and fils of an entity, whole or a part.

    by: "", "governorate" or "sector"; part: which one. fils is None where no sum is kept.
    """

    entity: Entity
    by: str
    part: str
    count: int
    fils: int | None
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return (str(self.entity), self.by, self.part)


@dataclass(frozen=True, slots=True)
class Compared:
    """A control total beside what was found."""

    total: Total
    count: int
    fils: int

    @property
    def equal(self) -> bool:
        same_sum = self.total.fils is None or self.total.fils == self.fils
        return same_sum and self.total.count == self.count

    def as_dict(self) -> dict[str, object]:
        return {
            "entity": str(self.total.entity),
            "by": self.total.by,
            "part": self.total.part,
            "expected_count": self.total.count,
            "count": self.count,
            "expected_fils": self.total.fils,
            "fils": self.fils,
            "equal": self.equal,
        }


class RunState(StrEnum):
    """How far a take-on has come. Only LOADED and SIGNED have touched the business's tables."""

    STAGING = "staging"
    FAULTY = "faulty"
    CHECKED = "checked"
    LOADED = "loaded"
    SIGNED = "signed"


MACHINE: StateMachine[RunState] = StateMachine(
    name="take-on",
    initial=RunState.STAGING,
    moves={
        RunState.STAGING: frozenset({RunState.FAULTY, RunState.CHECKED}),
        RunState.FAULTY: frozenset({RunState.STAGING}),
        RunState.CHECKED: frozenset({RunState.STAGING, RunState.LOADED}),
        RunState.LOADED: frozenset({RunState.SIGNED}),
        RunState.SIGNED: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A hold of the old system that our decision does not open, and why."""

    key: str
    gate: str
    codes: tuple[str, ...]
    texts_ar: tuple[str, ...]
    texts_en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A take-on on record. `report` is what was taken on beside the control totals."""

    id: UUID
    system: str
    cutover: date
    state: RunState
    started_at: datetime
    started_by: str
    files: Mapping[str, object]
    loaded_at: datetime | None
    report: Mapping[str, object]
    approval_id: UUID | None
    first_number: int | None
