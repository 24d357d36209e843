"""Reading the log: proofs for a stranger, and the verdict on the whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import uuid7
from tahseel.trust.audit import rules, store
from tahseel.trust.audit.values import Checkpoint, Inclusion, Verdict
from tahseel.trust.audit.verification import Verification

LEAVES_MAX = 1_000


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


def verify_log(
    progress: Callable[[int, int], None] | None = None, *, known: Checkpoint | None = None
) -> Verdict:
    """Recompute the whole log from its stored rows and name what was tampered with.

    progress(done, total) is called with leaf counts. known: a root kept elsewhere; only with one
    can a log be caught whose end was cut off, or which was rewritten whole.
    """
    return Verification(progress=progress, known=known).run()
