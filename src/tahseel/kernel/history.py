"""What happened, as a reader tells it: steps in the order of their instants, newest first.

A slice tells its own part of a story from its rows: its module `history` has `steps(about, before=,
limit=)`, which gives the steps that lie before a mark, `WORDS` for each code that it tells, `TERMS`
for the words of its codes, and `ACTS`, the actions of the audit log that its steps tell already.
Stories of several slices are merged and cut to a page; the mark of the last step shown is where the
next page begins. Names of people are never in a step.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from tahseel.kernel.errors import Fact

PAGE_MAX = 200


class Mark(NamedTuple):
    """A place in a story. Compare as a tuple: (instant, id of the row, code).

    In SQL: `(at, id, code collate "C") < (%s, %s, %s)`, which is the same order.
    """

    at: datetime
    id: UUID
    code: str


class Thing(NamedTuple):
    """What a step is about, for a link: kind ("customer", "unit", "meter", "account", "bill",
    "payment", "notice", "hold", "approval"), and its id.
    """

    kind: str
    id: UUID


class Act(NamedTuple):
    """Where the audit log tells of a step: actions of which one wrote the leaf, and its subject.

    The subject is an id that the leaf names as its subject or among its facts; empty where a batch
    told of many at once, and only the instant is known.
    """

    actions: tuple[str, ...]
    subject: str


NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class About:
    """Of what a story is told: every id that belongs to the thing, by kind.

    customers: whose own steps; only: on the accounts, just what is this customer's. points: service
    points of the units. since, until: the days of the account, for what hangs at a unit longer.
    told: kinds and sources of rows that a higher slice tells better.
    """

    customers: frozenset[UUID] = NOBODY
    units: frozenset[UUID] = NOBODY
    points: frozenset[UUID] = NOBODY
    meters: frozenset[UUID] = NOBODY
    accounts: frozenset[UUID] = NOBODY
    only: UUID | None = None
    since: date | None = None
    until: date | None = None
    told: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[UUID]:
        """Everything by which the log may tell of the thing."""
        return self.customers | self.units | self.points | self.meters | self.accounts


Words = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened.

    at: when it was recorded; for what is only dated, the beginning of its day in Kuwait.
    day: the day on which it counts, which may lie before or after. code: "slice.what_happened".
    id: the row that tells it. facts: plain values for the text, amounts in fils as `..._fils`,
    days as ISO text, ids as text. actor: the actor's id where the row keeps it. act: see `Act`.
    """

    at: datetime
    day: date
    code: str
    id: UUID
    subject: Thing
    facts: Mapping[str, Fact] = field(default_factory=dict)
    actor: str = ""
    act: Act | None = None

    @property
    def mark(self) -> Mark:
        return Mark(self.at, self.id, self.code)


def page(steps: Iterable[Step], *, before: Mark | None, limit: int) -> list[Step]:
    """The newest `limit` of some steps that lie before a mark (None: from now back)."""
    wanted = (step for step in steps if before is None or step.mark < before)
    return heapq.nlargest(limit, wanted, key=lambda step: step.mark)


def merge(stories: Iterable[Iterable[Step]], *, limit: int) -> list[Step]:
    """One story of several, each newest first; the newest `limit` steps of all."""
    merged = heapq.merge(*stories, key=lambda step: step.mark, reverse=True)
    return list(islice(merged, limit))
