"""From checked lines into the books: people, places, meters, accounts and what hangs on them.

One transaction around it all: from outside nothing is taken on until everything is. Lines come by
cursor and go by the slices' own bulk operations, a chunk at a time, so memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.app.take_on import staging
from tahseel.app.take_on.checking import expand
from tahseel.app.take_on.values import Entity, MappingFile
from tahseel.kernel import bulk, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import CivilId, derived_id
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import (
    CustomerKind,
    DocumentKind,
    Evidence,
    NewCustomer,
    NewDocument,
)

CHUNK = 10_000
FETCH = 2_000
_REFERENCE = {"system": "text", "entity": "text", "key": "text", "id": "uuid", "run_id": "uuid"}
Progress = Callable[[str, int], object]
Body = dict[str, Any]


@dataclass(frozen=True)
class Loading:
    """One attempt to load a run; everything it makes has ids that the next one would make too."""

    run_id: UUID
    mapping: MappingFile
    actor: Actor
    at: datetime
    first_number: int
    progress: Progress

    @property
    def batch(self) -> str:
        return f"take-on:{self.run_id}"

    def id_of(self, entity: Entity, key: str) -> UUID:
        return self.mapping.id_of(str(entity), key)

    def lines(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement over the staged lines, by a cursor of the server."""
        with connection.connection.cursor(name=f"take_on_{id(statement)}") as cursor:
            cursor.itersize = FETCH
            values = {"run": self.run_id, "system": self.mapping.system}
            yield from cursor.execute(expand(statement), values)

    def bodies(self, entity: Entity, order: str) -> Iterator[Body]:
        """The lines of one entity as our fields."""
        statement = f"select body from @{entity} s order by {order}"  # noqa: S608 - our words
        return (orjson.loads(row[0]) for row in self.lines(statement))

    def refer(self, entity: Entity, made: Iterable[tuple[str, UUID]]) -> None:
        """Keep which of our ids stands for which old key."""
        words = (self.mapping.system, str(entity))
        rows = ((*words, key, ours, self.run_id) for key, ours in made)
        bulk.copy_rows(table="app_take_on_reference", columns=_REFERENCE, rows=rows)


def chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size` rows."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def sure_day(text: str) -> date:
    return date.fromisoformat(text)


_PEOPLE = """
with recursive rank as (
  select p.key, 0 as depth from @persons p where p.ref = ''
    or not exists (select 1 from @persons q where q.key = p.ref)
  union all
  select p.key, r.depth + 1 from rank r join @persons p on p.ref = r.key
)
select s.key, s.body, s.sealed from rank r
join app_take_on_row s on s.run_id = %(run)s and s.entity = 'persons' and s.key = r.key
order by r.depth, s.line
"""


def people(load: Loading) -> None:
    """Customers, parents before their children."""
    for chunk in chunks(load.lines(_PEOPLE)):
        made = [(key, _customer(load, orjson.loads(body), bytes(box))) for key, body, box in chunk]
        customers.register_many(
            actor=load.actor, at=load.at, batch=load.batch, customers=[one for _, one in made]
        )
        load.refer(Entity.PERSONS, ((key, one.id) for key, one in made))
        load.progress("persons", len(chunk))


def _customer(load: Loading, body: Body, sealed: bytes) -> NewCustomer:
    told = orjson.loads(secrets.unseal(sealed, context=staging.SEAL))
    parent, evidence = body["parent"], body["evidence"]
    return NewCustomer(
        id=load.id_of(Entity.PERSONS, body["key"]),
        kind=CustomerKind(body["kind"]),
        name_ar=told["name_ar"] or "",
        name_en=told["name_en"] or "",
        civil_id=CivilId(told["civil_id"]) if told["civil_id"] else None,
        registration_number=body["registration_number"],
        mobile=told["mobile"],
        language=body["language"] or "ar",
        parent_id=load.id_of(Entity.PERSONS, parent) if parent else None,
        evidence=Evidence(evidence) if evidence else None,
        evidence_reference=body["evidence_reference"] or "",
        died_on=day(body["died_on"]),
        documents=_documents(load, body, told["document_number"]),
    )


def _documents(load: Loading, body: Body, number: str | None) -> tuple[NewDocument, ...]:
    if not number:
        return ()
    kind, issuer = DocumentKind(body["document_kind"]), str(body["document_issuer"])
    paper = NewDocument(
        id=derived_id(load.id_of(Entity.PERSONS, body["key"]), "document"),
        kind=kind,
        issuer=issuer,
        number=number,
        issued_on=day(body["document_issued_on"]),
        expires_on=day(body["document_expires_on"]),
        reference=load.batch,
    )
    return (paper,)


class Following:
    """Bodies in the order of a key, handed out key by key to a walk in the same order."""

    def __init__(self, rows: Iterator[tuple[str, str]]) -> None:
        self._rows = rows
        self._next: tuple[str, str] | None = next(rows, None)

    def of(self, key: str) -> Sequence[Body]:
        """Every body of the key. The walk goes upwards; what it passes over is left out."""
        found = []
        while self._next is not None and self._next[0] <= key:
            if self._next[0] == key:
                found.append(orjson.loads(self._next[1]))
            self._next = next(self._rows, None)
        return found


def following(load: Loading, entity: Entity, order: str = "s.line") -> Following:
    """The lines of an entity by what they refer to."""
    statement = f"select s.ref, s.body from @{entity} s order by s.ref, {order}"  # noqa: S608
    return Following((row[0], row[1]) for row in load.lines(statement))
