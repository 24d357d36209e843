"""Writing the log. A leaf is written in the transaction of the act it tells of.

Every public operation wears `audited`; every read of a person calls `record_read`. The order of
leaves is given later, in batches, by the sequencer: a leaf carries no number of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sized
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.audit.leaves import leaf_bytes
from tahseel.trust.audit.values import Leaf, Outcome

P = ParamSpec("P")
R = TypeVar("R")

_notes: ContextVar[dict[str, Any] | None] = ContextVar("audit_notes", default=None)

_INSERT = """
with leaf as (insert into audit_leaf (id, at, body) values (%s, %s, %s) returning id)
insert into audit_pending (leaf_id) select id from leaf
"""


def audited(action: str, *, subject: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make an operation leave its leaf. The operation takes `actor` and `at` as keywords.

    action: "slice.operation". subject: the keyword that identifies what is acted on (an id, an
    object with an `id`, or a collection, of which the count is kept).

    Done: operation and leaf commit together; facts come from `note` and from the result's
    `audit_facts()` where it has one. Refusal: everything is rolled back, then a leaf "refused"
    ("denied" for NotAllowed) is written and the refusal raised again. In nested operations each
    success leaves its leaf. A refusal that goes through to the outermost is told once, by that
    one; a refusal that an outer operation takes and goes on is told by the inner one.
    """

    def decorate(operation: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(operation)
        def leave_leaf(*args: P.args, **kwargs: P.kwargs) -> R:
            act = _Act(action, kwargs, subject)
            notes: dict[str, Any] = {}
            token = _notes.set(notes)
            try:
                with transaction.atomic():
                    result = operation(*args, **kwargs)
                    act.done({**notes, **_facts_of(result)})
                return result
            except Refusal as refusal:
                act.refused(refusal)
                raise
            finally:
                _notes.reset(token)

        return leave_leaf

    return decorate


def note(**facts: Any) -> None:
    """Add facts to the leaf of the operation that is running. Raises LookupError outside one."""
    notes = _notes.get()
    if notes is None:
        raise LookupError("a fact is noted inside an audited operation")
    notes.update(facts)


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    outcome: str = Outcome.DONE,
    purpose: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """Write one leaf into the running transaction, or into one of its own; returns its id."""
    leaf = Leaf(new_id(at), at, actor, action, subject, outcome, purpose, facts or {})
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [leaf.id, leaf.at, leaf_bytes(leaf)])
    return leaf.id


def record_read(
    *,
    actor: Actor,
    purpose: str,
    subject: str,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """Write that a person's data was read, by whom and why; called before the data is returned."""
    return record(actor=actor, action="read", subject=subject, at=at, purpose=purpose, facts=facts)


def record_many(leaves: Iterable[Leaf]) -> int:
    """Write many leaves by COPY into one transaction; returns how many."""
    rows = [(leaf.id, leaf.at, leaf_bytes(leaf)) for leaf in leaves]
    if not rows:
        return 0
    with transaction.atomic(savepoint=False):
        bulk.append_rows(
            table="audit_leaf",
            columns={"id": "uuid", "at": "timestamptz", "body": "bytea"},
            rows=rows,
        )
        bulk.append_rows(
            table="audit_pending", columns={"leaf_id": "uuid"}, rows=[row[:1] for row in rows]
        )
    return len(rows)


class _Act:
    """One call of an audited operation: who, when, on what."""

    def __init__(self, action: str, kwargs: Mapping[str, Any], subject: str) -> None:
        if not isinstance(kwargs.get("actor"), Actor) or not isinstance(kwargs.get("at"), datetime):
            raise TypeError(f"{action} takes actor= and at=")
        self.action = action
        self.actor: Actor = kwargs["actor"]
        self.at: datetime = kwargs["at"]
        self.subject = _name_of(kwargs.get(subject))

    def done(self, facts: Mapping[str, Any]) -> None:
        record(actor=self.actor, action=self.action, subject=self.subject, at=self.at, facts=facts)

    def refused(self, refusal: Refusal) -> None:
        outcome = Outcome.DENIED if isinstance(refusal, NotAllowed) else Outcome.REFUSED
        with transaction.atomic():
            record(
                actor=self.actor,
                action=self.action,
                subject=self.subject,
                at=self.at,
                outcome=outcome,
                facts={"code": refusal.code, **refusal.facts},
            )


def _name_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Sized) and not isinstance(value, str | bytes):
        return f"{len(value)} items"
    return str(getattr(value, "id", value))


def _facts_of(result: Any) -> Mapping[str, Any]:
    tell = getattr(result, "audit_facts", None)
    return tell() if callable(tell) else {}
