"""Reading the log: proofs for a stranger, and the verdict on the whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.kernel import bulk, sql
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import unix_milliseconds, uuid7
from tahseel.trust.audit import rules, store
from tahseel.trust.audit.values import Checkpoint, Entry, Inclusion, Outcome, Verdict
from tahseel.trust.audit.verification import Verification

LEAVES_MAX = 1_000
SAME_INSTANT_MAX = 50


class NotSequenced(Refusal):
    """The leaf is committed, but no root covers it yet."""

    code = "not_sequenced"
    text_ar = "القيد لم يدخل في سجل التدقيق المختوم بعد"
    text_en = "The leaf is not under a root yet"
    http_status = 409


def latest_checkpoint() -> Checkpoint | None:
    """The newest root, or None before the first batch."""
    return store.latest_checkpoint()


def inclusion(leaf_id: UUID, *, checkpoint: Checkpoint | None = None) -> Inclusion:
    """Proof that a leaf is under the latest root, or under a given one.

    Raises NotFound, NotSequenced (try again after the next batch).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select l.body, p.tree_index from audit_leaf l"
            " left join audit_position p on p.leaf_id = l.id where l.id = %s",
            [leaf_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    body, index = bytes(row[0]), row[1]
    checkpoint = checkpoint or store.latest_checkpoint()
    if index is None or checkpoint is None or index >= checkpoint.tree_size:
        raise NotSequenced
    wanted = rules.inclusion_ranges(index, checkpoint.tree_size)
    nodes = _load(wanted)
    path = rules.inclusion_proof(index, checkpoint.tree_size, lambda *node: nodes[node])
    return Inclusion(leaf_id, body, index, path, checkpoint)


def proves(proof: Inclusion) -> bool:
    """True when the proof's body is under its checkpoint's root; needs no database."""
    return rules.verify_inclusion(
        leaf=rules.leaf_hash(proof.body),
        index=proof.index,
        size=proof.checkpoint.tree_size,
        path=proof.path,
        root=proof.checkpoint.root,
    )


def consistency(old: Checkpoint, new: Checkpoint) -> tuple[bytes, ...]:
    """Proof that the newer root continues the older one (RFC 6962, 2.1.2)."""
    nodes = _load(rules.consistency_ranges(old.tree_size, new.tree_size))
    return rules.consistency_proof(old.tree_size, new.tree_size, lambda *node: nodes[node])


def _load(ranges: Iterable[rules.Range]) -> dict[rules.Node, bytes]:
    return store.load_nodes([node for r in ranges for node in rules.subtrees(*r)])


def leaves_between(
    *,
    since: datetime,
    until: datetime,
    action: str | None = None,
    subject: str | None = None,
    limit: int = LEAVES_MAX,
) -> list[dict[str, Any]]:
    """Leaves of [since, until) as they were written, in the order of their ids, oldest first.

    action, subject: only those. Leaf ids begin with their instant, so the key is the index.
    """
    low, high = (uuid7(unix_ms=int(t.timestamp() * 1000), random_bits=0) for t in (since, until))
    with connection.cursor() as cursor:
        cursor.execute(
            "select convert_from(body, 'UTF8')::jsonb::text from audit_leaf"
            " where id >= %(low)s and id < %(high)s and at >= %(since)s and at < %(until)s"
            " and (%(action)s::text is null"
            "   or convert_from(body, 'UTF8')::jsonb ->> 'action' = %(action)s)"
            " and (%(subject)s::text is null"
            "   or convert_from(body, 'UTF8')::jsonb ->> 'subject' = %(subject)s)"
            " order by id limit %(limit)s",
            {
                "low": low,
                "high": high,
                "since": since,
                "until": until,
                "action": action,
                "subject": subject,
                "limit": min(limit, LEAVES_MAX),
            },
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


def entries_about(
    *,
    subjects: Collection[UUID],
    before: UUID | None = None,
    is_read: bool = False,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    limit: int = LEAVES_MAX,
) -> list[Entry]:
    """What the log tells of some things, newest first: acts, or who read them and why.

    only, without: actions. before: the leaf at which the last page ended. Covers what is
    sequenced. Leaf ids begin with the millisecond of their instant: the index gives the order.
    """
    high = before or UUID(int=(1 << 128) - 1)
    most = min(limit, LEAVES_MAX)
    chosen = None if only is None else sorted(only)
    return _entries(
        _ABOUT,
        [bulk.uuid_array(subjects), is_read, high, chosen, chosen, sorted(without), most, most],
    )


_ENTRY = "found.leaf_id, l.body, found.tree_index"
_ABOUT = f"""
select {_ENTRY} from (
  select distinct s.leaf_id, s.tree_index from unnest(%s::uuid[]) as wanted(id)
  cross join lateral (
    select leaf_id, tree_index from audit_subject
    where subject = wanted.id and is_read = %s and leaf_id < %s
      and (%s::text[] is null or action = any(%s::text[])) and action <> all(%s::text[])
    order by leaf_id desc limit %s
  ) s order by s.leaf_id desc limit %s
) found join audit_leaf l on l.id = found.leaf_id order by found.leaf_id desc
"""  # noqa: S608 - our own text
_AROUND = f"""
select {_ENTRY} from (
  select distinct s.leaf_id, s.tree_index
  from unnest(%s::uuid[], %s::uuid[], %s::uuid[]) as wanted(id, low, high)
  cross join lateral (
    select leaf_id, tree_index from audit_subject
    where subject = wanted.id and not is_read and leaf_id >= wanted.low and leaf_id < wanted.high
    order by leaf_id limit %s
  ) s
) found join audit_leaf l on l.id = found.leaf_id order by found.leaf_id desc limit %s
"""  # noqa: S608 - our own text
_WINDOW = timedelta(milliseconds=1)


def entries_at(*, moments: Collection[tuple[UUID, datetime]]) -> list[Entry]:
    """The acts on some things at some instants: (thing, instant) as the rows of a slice keep them.

    An operation and its leaf share their instant, to the millisecond of the leaf's id.
    """
    if not moments:
        return []
    lows = [uuid7(unix_ms=unix_milliseconds(at), random_bits=0) for _, at in moments]
    highs = [uuid7(unix_ms=unix_milliseconds(at + _WINDOW), random_bits=0) for _, at in moments]
    arrays = [bulk.uuid_array(ids) for ids in ([thing for thing, _ in moments], lows, highs)]
    return _entries(_AROUND, [*arrays, SAME_INSTANT_MAX, LEAVES_MAX])


_DURING = """
select l.id, l.body, p.tree_index from (
  select distinct low, high from unnest(%s::uuid[], %s::uuid[]) as wanted(low, high)
) moment cross join lateral (
  select id, body from audit_leaf where id >= moment.low and id < moment.high order by id limit %s
) l left join audit_position p on p.leaf_id = l.id
where convert_from(l.body, 'UTF8')::jsonb ->> 'action' = any(%s::text[])
order by l.id desc limit %s
"""


def entries_during(*, instants: Collection[datetime], actions: Collection[str]) -> list[Entry]:
    """Leaves of some actions at some instants, for acts on many things, which name none of them.

    Not yet sequenced ones have no index. Of an instant only the first leaves are looked through.
    """
    if not instants:
        return []
    lows = [uuid7(unix_ms=unix_milliseconds(at), random_bits=0) for at in instants]
    highs = [uuid7(unix_ms=unix_milliseconds(at + _WINDOW), random_bits=0) for at in instants]
    arrays = [bulk.uuid_array(lows), bulk.uuid_array(highs)]
    return _entries(_DURING, [*arrays, LEAVES_MAX, sorted(actions), LEAVES_MAX])


def _entries(statement: str, values: list[Any]) -> list[Entry]:
    return [_entry(*row) for row in sql.prepared(statement, values)]


def _entry(leaf_id: UUID, body: bytes, index: int | None) -> Entry:
    told = json.loads(body)
    who = told["actor"]
    return Entry(
        id=leaf_id,
        at=datetime.fromisoformat(told["at"]),
        actor=Actor(ActorKind(who["kind"]), who["id"], "", frozenset(who["roles"])),
        action=told["action"],
        subject=told["subject"],
        outcome=Outcome(told["outcome"]),
        purpose=told["purpose"],
        facts=told["facts"],
        index=index,
    )


def verify_log(
    progress: Callable[[int, int], None] | None = None, *, known: Checkpoint | None = None
) -> Verdict:
    """Recompute the whole log from its stored rows and name what was tampered with.

    progress(done, total) is called with leaf counts. known: a root kept elsewhere; only with one
    can a log be caught whose end was cut off, or which was rewritten whole.
    """
    return Verification(progress=progress, known=known).run()
