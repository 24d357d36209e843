"""From the event log to the gateway: who is touched is decided anew, and the replica follows.

One step takes the committed events, gives them numbers, decides, and moves the consumer's cursor in
the transaction that opens or closes holds; then it applies the same persons to the replica. When a
step dies in between, the replica is behind the cursor by whole batches: the next start reads those
events again and applies the stored holds of the persons in them. A replica that cannot be continued
is rebuilt. A replica never runs ahead of the cursor, and its word "as of" is the last number in it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tahseel.books.payments import events as payments_events
from tahseel.books.payments import queries as payments_queries
from tahseel.kernel import outbox, secrets
from tahseel.kernel.actor import system
from tahseel.kernel.ids import civil_id_scheme
from tahseel.kernel.outbox import Doorbell, Event
from tahseel.kernel.sql import pipelined
from tahseel.recovery.clearance import consumers, queries, rules, store
from tahseel.recovery.clearance.operations import redecide
from tahseel.recovery.clearance.replica import Change, Meta, Record, ReplicaBroken, Writer
from tahseel.recovery.clearance.store import ReleaseRow
from tahseel.recovery.clearance.values import Gate, HoldChange, Step
from tahseel.registry.customers import queries as customers_queries

ACTOR = system("projector")
BATCH_MAX = 2_000
PEOPLE_MAX = 5_000
HEARTBEAT = timedelta(seconds=1)
REST = timedelta(milliseconds=200)
MS_PER_S = 1_000
CAPTURED = "captured"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Decided:
    """What the database part of a step leaves for the replica."""

    events: int
    changes: tuple[HoldChange, ...]
    sequence: int
    releases: tuple[ReleaseRow, ...]
    records: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Stepped:
    """What one step did: events taken, holds changed, and the number the replica now stands at."""

    events: int
    changes: tuple[HoldChange, ...]
    sequence: int


class Projector:
    """The one writer of a replica. Only one process may run it."""

    def __init__(self, *, replica: Writer, clock: Clock) -> None:
        self._replica = replica
        self._clock = clock
        self._beat = clock()
        self._cursor = 0
        self.catch_up()

    def catch_up(self) -> None:
        """Bring the replica to the cursor: continue, or rebuild what cannot be continued."""
        cursor = outbox.cursor_of(consumers.NAME)
        meta = self._replica.meta()
        known = meta is not None and meta.key_id == secrets.keys().index_key_id
        if meta is None or not known or meta.sequence > cursor:
            self.rebuild()
            return
        at = meta.sequence
        while at < cursor:
            batch = [e for e in outbox.events_after(at, limit=BATCH_MAX) if e.sequence <= cursor]
            if not batch:
                raise ReplicaBroken("the event log has a gap before the cursor")
            if consumers.touches_everybody(batch):
                self.rebuild()
                return
            at = batch[-1].sequence
            people = consumers.touched(batch).keys() | consumers.held(batch)
            forgotten = _forgotten(consumers.renumbered(batch))
            self._apply([*forgotten, *_changes(_indexes(people))], at)

    def rebuild(self) -> int:
        """Write the whole replica anew from the open holds; returns how many records it has."""
        with transaction.atomic():
            cursor = outbox.cursor_of(consumers.NAME)
            held = queries.customers_held()
            rows: list[Change] = []
            for start in range(0, len(held), PEOPLE_MAX):
                rows += _changes(_indexes(held[start : start + PEOPLE_MAX]))
        kept = [row for row in rows if row.record]
        self._replica.rebuild(kept, self._meta(cursor))
        return len(kept)

    def step(self) -> Stepped:
        """Number what has been committed, decide, apply; at most one batch."""
        try:
            with transaction.atomic():
                done = self._decide()
        except Exception:
            # Other consumers must not wait for what stops this one: number, whatever happens.
            outbox.sequence_pending(at=self._clock())
            raise
        if done is None:
            self._rest()
            return Stepped(0, (), self._cursor)
        self._apply(done.records, done.sequence)
        store.mark_applied(done.releases, self._clock())
        return Stepped(done.events, done.changes, done.sequence)

    def _decide(self) -> _Decided | None:
        """Everything of a step that the database keeps, in the running transaction."""
        sequenced_at = self._clock()
        batch = self._next(outbox.take_pending(at=sequenced_at, limit=BATCH_MAX))
        if not batch:
            return None
        sequence, at = batch[-1].sequence, self._clock()
        touched = consumers.touched(batch)
        people = set(touched)
        if consumers.touches_everybody(batch):
            people |= set(queries.customers_held())
        changes = redecide(actor=ACTOR, at=at, customer_ids=people) if people else []
        releases = _releases(changes, touched, batch, sequenced_at=sequenced_at, at=at)
        moved = {change.customer_id: change.index for change in changes}
        renumbered = consumers.renumbered(batch)
        others = consumers.held(batch, not_by=ACTOR.id) | renumbered | consumers.regrouped(batch)
        others -= moved.keys()
        with pipelined():
            outbox.move_cursor(consumer=consumers.NAME, sequence=sequence, at=at)
            store.add_releases(releases)
            records = [*_forgotten(renumbered), *_changes(moved | _indexes(others))]
        return _Decided(len(batch), tuple(changes), sequence, tuple(releases), tuple(records))

    def _next(self, numbered: list[Event]) -> list[Event]:
        """The events that follow the cursor: those just numbered, unless others did some before."""
        self._cursor = outbox.cursor_of(consumers.NAME)
        if numbered and numbered[0].sequence == self._cursor + 1:
            return numbered
        return outbox.events_after(self._cursor, limit=BATCH_MAX)

    def drain(self) -> list[Stepped]:
        """Step until nothing is waiting; for commands that must end with a replica in step."""
        done = []
        while (stepped := self.step()).events:
            done.append(stepped)
        return done

    def run(
        self, *, doorbell: Doorbell, stopped: Callable[[], bool], wait: timedelta = REST
    ) -> None:
        """Step at every knock, and now and then without one, until told to stop."""
        while not stopped():
            if not self.step().events:
                doorbell.wait(wait.total_seconds())

    def _rest(self) -> None:
        """Nothing is waiting: say so in the replica once in a while, or its age would grow."""
        now = self._clock()
        if now - self._beat >= HEARTBEAT:
            self._replica.apply([], self._meta(self._cursor))
            self._beat = now

    def _apply(self, changes: Sequence[Change], sequence: int) -> None:
        self._replica.apply(changes, self._meta(sequence))
        self._beat = self._clock()

    def _meta(self, sequence: int) -> Meta:
        return Meta(
            sequence=sequence,
            as_of_ms=int(self._clock().timestamp() * MS_PER_S),
            key_id=secrets.keys().index_key_id,
            scope=rules.policy().scope,
            scheme=civil_id_scheme(),
        )


def _indexes(customer_ids: Collection[UUID]) -> dict[UUID, bytes | None]:
    """The blind index of each customer's civil id."""
    return customers_queries.blind_indexes(customer_ids=customer_ids) if customer_ids else {}


def _forgotten(customer_ids: Collection[UUID]) -> list[Change]:
    """No record at any gate under the numbers that these persons had before a correction."""
    if not customer_ids:
        return []
    former = customers_queries.former_blind_indexes(customer_ids=customer_ids)
    return [Change(index, gate, None) for index in sorted(former) for gate in Gate]


def _changes(indexes: Mapping[UUID, bytes | None]) -> list[Change]:
    """Every gate's record of these persons, from their stored open holds."""
    if not indexes:
        return []
    owed = queries.to_pay(customer_ids=indexes.keys())
    found = []
    for customer_id, index in indexes.items():
        if index is None:
            continue
        for gate in Gate:
            record = owed.get((customer_id, gate))
            found.append(Change(index, gate, Record(*record) if record else None))
    return found


def _releases(
    changes: Sequence[HoldChange],
    touched: dict[UUID, Event],
    batch: Sequence[Event],
    *,
    sequenced_at: datetime,
    at: datetime,
) -> list[ReleaseRow]:
    """The beginning of the timeline of every hold that closed."""
    sequence = batch[-1].sequence
    captured_at = functools.cache(_captured_at)
    releases = []
    for change in changes:
        if change.step is not Step.CLOSED:
            continue
        cause = touched.get(change.customer_id, batch[-1])
        paid = cause.name == payments_events.PAYMENT_POSTED
        releases.append(
            ReleaseRow(
                hold_id=change.hold_id,
                customer_id=change.customer_id,
                payment_id=UUID(cause.facts["payment_id"]) if paid else None,
                sequence=sequence,
                captured_at=captured_at(cause.facts.get("intent_id")) if paid else None,
                posted_at=cause.at,
                sequenced_at=sequenced_at,
                decided_at=at,
            )
        )
    return releases


def _captured_at(intent: str | None) -> datetime | None:
    """When the payment gateway took the money, if it was one that told."""
    if not intent:
        return None
    steps = payments_queries.timeline(UUID(intent))
    return next((step.at for step in steps if str(step.step) == CAPTURED), None)
