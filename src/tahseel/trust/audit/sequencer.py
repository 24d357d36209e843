"""Gives committed leaves their order and the tree its next root, one batch in one transaction.

Writers never wait for it: they leave a row in `audit_pending`. One sequencer works at a time
behind an advisory lock; killed at any point, nothing of its batch is stored and the next one
takes the same leaves again. With their places it keeps which things they tell of (`subjects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from tahseel.kernel import bulk
from tahseel.kernel.errors import Broken
from tahseel.trust.audit import rules, store, subjects
from tahseel.trust.audit.values import Checkpoint

BATCH_MAX = 20_000
SEQUENCER_LOCK = 7_480_002
_SUBJECT = {
    "subject": "uuid",
    "is_read": "bool",
    "leaf_id": "uuid",
    "action": "text",
    "tree_index": "int8",
}

_TAKE = """
select l.id, l.body from audit_pending p join audit_leaf l on l.id = p.leaf_id
where not exists (select from audit_position o where o.leaf_id = p.leaf_id)
order by p.leaf_id limit %s
"""


def sequence_pending(*, at: datetime, batch_max: int = BATCH_MAX) -> Checkpoint | None:
    """Append up to `batch_max` committed leaves; returns the new root, None when there was nothing.

    A second sequencer that comes at the same time gets None. Within a batch leaves are ordered
    by id. Raises Broken when the stored edge of the tree does not give the last root.
    """
    with transaction.atomic():
        if not _locked():
            return None
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [batch_max])
            leaves: list[tuple[UUID, bytes]] = cursor.fetchall()
        if not leaves:
            return None
        return _append(leaves, at)


def sequence_all(*, at: datetime) -> Checkpoint | None:
    """Sequence batch after batch until nothing is pending; returns the last new root."""
    last = None
    while (made := sequence_pending(at=at)) is not None:
        last = made
    return last


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _append(leaves: Sequence[tuple[UUID, bytes]], at: datetime) -> Checkpoint:
    before = store.latest_checkpoint()
    frontier = _edge(before)
    size, root = frontier.size, frontier.root()
    positions, nodes = [], []
    for leaf_id, body in leaves:
        digest = rules.leaf_hash(body)
        positions.append((frontier.size, leaf_id, digest))
        nodes += [node for node in frontier.append(digest) if store.is_stored(node[0])]
    made = Checkpoint(frontier.size, frontier.root(), at, size, root)
    _store(positions, nodes, made)
    bulk.append_rows(
        table="audit_subject", columns=_SUBJECT, rows=list(subjects.rows_of(leaves, first=size))
    )
    return made


def _edge(before: Checkpoint | None) -> rules.Frontier:
    if before is None:
        return rules.Frontier()
    try:
        frontier = store.load_frontier(before.tree_size)
    except KeyError as missing:
        raise Broken(f"the audit tree lacks node {missing}") from missing
    if frontier.root() != before.root:
        raise Broken(f"the audit tree of {before.tree_size} leaves does not give its root")
    return frontier


def _store(
    positions: Sequence[tuple[int, UUID, bytes]],
    nodes: Sequence[tuple[int, int, bytes]],
    made: Checkpoint,
) -> None:
    bulk.copy_rows(
        table="audit_position",
        columns={"tree_index": "int8", "leaf_id": "uuid", "leaf_hash": "bytea"},
        rows=positions,
    )
    bulk.copy_rows(
        table="audit_node", columns={"level": "int2", "index": "int8", "hash": "bytea"}, rows=nodes
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into audit_checkpoint ({store.CHECKPOINT_COLUMNS})"  # noqa: S608 - our own text
            " values (%s, %s, %s, %s, %s, %s)",
            [*store.columns_of(made), store.seal_of(made)],
        )
        cursor.execute(
            "delete from audit_pending p using audit_position o"
            " where o.leaf_id = p.leaf_id and o.tree_index >= %s",
            [made.previous_size],
        )
