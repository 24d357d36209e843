"""What happened, told to whoever listens: written with the change, numbered after the commit.

Writers add rows without any number, because the order in which numbers are drawn is not the order
of commits. One sequencer moves committed rows to `kernel_event` in batches and numbers them there;
consumers read that table from their own cursor. "As of" is the last number a consumer applied.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from tahseel.kernel import bulk
from tahseel.kernel.ids import new_id
from tahseel.kernel.sql import prepared

BATCH_MAX = 5_000
_OUTBOX = {
    "id": "uuid",
    "at": "timestamptz",
    "name": "text",
    "subject": "text",
    "account_id": "uuid",
    "facts": "jsonb",
}
SEQUENCER_LOCK = 7_480_001


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event that has not been numbered yet."""

    id: UUID
    at: datetime
    name: str
    subject: str
    account_id: UUID | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A committed, numbered event. `facts` is JSON: strings, integers, booleans, lists, objects."""

    sequence: int
    id: UUID
    at: datetime
    name: str
    subject: str
    account_id: UUID | None
    facts: Mapping[str, Any]


def announce(
    *,
    name: str,
    subject: str,
    at: datetime,
    account_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """Add one event to the running transaction. `name` is `source:subject:action`."""
    event = Announcement(new_id(at), at, name, subject, account_id, facts or {})
    announce_many([event])
    return event.id


def announce_many(events: Sequence[Announcement]) -> None:
    """Add events in bulk to the running transaction."""
    if not events:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("an event is announced inside the transaction of its change")
    bulk.append_rows(
        table="kernel_outbox",
        columns=_OUTBOX,
        rows=[
            (e.id, e.at, e.name, e.subject, e.account_id, Jsonb(dict(e.facts), dumps=orjson.dumps))
            for e in events
        ],
    )


# Rows are taken by their place: a join of a queue with itself is planned by whatever was last known
# of a table that is filled and emptied all day. No row moves meanwhile, only a sequencer deletes.
_MOVE = """
with last as (select coalesce(max(sequence), 0) as n from kernel_event),
moved as (
  delete from kernel_outbox
  where ctid = any(array(select ctid from kernel_outbox order by at, id limit %s))
  returning id, at, name, subject, account_id, facts
)
insert into kernel_event (sequence, id, at, name, subject, account_id, facts, sequenced_at)
select last.n + row_number() over (order by moved.at, moved.id),
       moved.id, moved.at, moved.name, moved.subject, moved.account_id, moved.facts, %s
from moved, last
returning sequence, id, at, name, subject, account_id, facts::text
"""


def sequence_pending(*, at: datetime, limit: int = BATCH_MAX) -> int:
    """Number up to `limit` committed events in one transaction; returns how many.

    Only one sequencer works at a time: a second caller gets 0.
    """
    with transaction.atomic(savepoint=False):
        return len(take_pending(at=at, limit=limit))


_NAMED = """
select sequence, id, at, name, subject, account_id, facts::text from kernel_event
where sequence > %s and name = %s order by sequence limit %s
"""


def take_pending(*, at: datetime, limit: int = BATCH_MAX) -> list[Event]:
    """`sequence_pending` as part of the running transaction, whose end gives the numbers away.

    Returns the events in order; until that transaction ends no other sequencer works.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are numbered inside a transaction")
    row = prepared("select pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK]).fetchone()
    if not row or not row[0]:
        return []
    return sorted(_events(prepared(_MOVE, [limit, at])), key=lambda event: event.sequence)


def events_after(sequence: int, *, limit: int = BATCH_MAX, name: str | None = None) -> list[Event]:
    """Numbered events that follow `sequence`, in order; of one name only where it is given."""
    if name is not None:
        return _events(prepared(_NAMED, [sequence, name, limit]))
    return _events(
        prepared(
            "select sequence, id, at, name, subject, account_id, facts::text from kernel_event"
            " where sequence > %s order by sequence limit %s",
            [sequence, limit],
        )
    )


def _events(rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    return [
        Event(row[0], row[1], row[2], row[3], row[4], row[5], orjson.loads(row[6])) for row in rows
    ]


def cursor_of(consumer: str) -> int:
    """The number of the last event a consumer has applied; 0 before the first."""
    row = prepared("select sequence from kernel_cursor where consumer = %s", [consumer]).fetchone()
    return int(row[0]) if row else 0


def last_sequence() -> int:
    """The number of the last numbered event; 0 before the first."""
    row = prepared("select coalesce(max(sequence), 0) from kernel_event", []).fetchone()
    return int(row[0]) if row else 0


def move_cursor(*, consumer: str, sequence: int, at: datetime) -> None:
    """Remember, in the consumer's own transaction, how far it has come."""
    prepared(
        "insert into kernel_cursor (consumer, sequence, at) values (%s, %s, %s)"
        " on conflict (consumer) do update set sequence = excluded.sequence, at = excluded.at"
        " where kernel_cursor.sequence <= excluded.sequence",
        [consumer, sequence, at],
    )


def wake() -> None:
    """Tell the worker on this machine that a commit is waiting; never fails, never blocks.

    A datagram instead of NOTIFY: a NOTIFY takes a lock and a flush of its own at every commit. The
    worker also polls, so a lost datagram costs a moment, not an event.
    """
    path = os.environ.get("TAHSEEL_WAKE_SOCKET")
    if not path:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knock:
        knock.setblocking(False)
        knock.sendto(b"1", path)


class Doorbell:
    """The worker's end of `wake`: waits for a knock or until the time is up."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._path = path

    def wait(self, seconds: float) -> bool:
        """True when somebody knocked; further knocks that already wait are taken with it."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(16)
        except TimeoutError:
            return False
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(BATCH_MAX):
                self._socket.recv(16)
        return True

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)
