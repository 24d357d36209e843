"""The tree's rows: subtrees are stored at every fourth level, the rest follows from them.

Level 0 is `audit_position`; `audit_node` holds levels 4, 8, 12 and so on. A subtree of another
level is folded from at most eight stored ones, so a proof over n leaves reads O(log n) rows
and the tree costs one row more for every fifteen leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.db import connection

from tahseel.kernel import secrets
from tahseel.trust.audit import rules
from tahseel.trust.audit.rules import Node
from tahseel.trust.audit.values import Checkpoint

STRIDE = 4
CHECKPOINT_COLUMNS = "tree_size, root, at, previous_size, previous_root, seal"

_NODES = """
with wanted (level, low, high) as (
  select * from unnest(%s::smallint[], %s::bigint[], %s::bigint[])
)
select 0, p.tree_index, p.leaf_hash from wanted w
  join audit_position p on w.level = 0 and p.tree_index >= w.low and p.tree_index < w.high
union
select n.level, n.index, n.hash from wanted w
  join audit_node n on w.level > 0 and n.level = w.level
    and n.index >= w.low and n.index < w.high
"""


def is_stored(level: int) -> bool:
    """Whether a complete subtree of this level has a row of its own in `audit_node`."""
    return level > 0 and level % STRIDE == 0


def load_nodes(wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Hashes of complete subtrees in one query. Raises KeyError when a stored row is missing."""
    nodes = list(wanted)
    base = [(level - level % STRIDE, index, level % STRIDE) for level, index in nodes]
    levels = [level for level, _, _ in base]
    lows = [index << up for _, index, up in base]
    highs = [(index + 1) << up for _, index, up in base]
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [levels, lows, highs])
        stored = {(int(level), int(i)): bytes(digest) for level, i, digest in cursor.fetchall()}
    found = {}
    for node, (level, index, up) in zip(nodes, base, strict=True):
        row = [stored[level, i] for i in range(index << up, (index + 1) << up)]
        found[node] = rules.node_of(row)(up, 0)
    return found


def load_frontier(size: int) -> rules.Frontier:
    """The growing edge of the stored tree at `size` leaves. Raises KeyError on a missing row."""
    wanted = rules.subtrees(0, size)
    nodes = load_nodes(wanted)
    return rules.Frontier(size, [nodes[node] for node in wanted])


def latest_checkpoint() -> Checkpoint | None:
    """The newest root, or None before the first batch."""
    return _one("order by tree_size desc limit 1", [])


def checkpoint_at(size: int) -> Checkpoint | None:
    """The root over exactly `size` leaves, when a batch ended there."""
    return _one("where tree_size = %s", [size])


def _one(clause: str, parameters: list[Any]) -> Checkpoint | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {CHECKPOINT_COLUMNS} from audit_checkpoint {clause}",  # noqa: S608 - our own text
            parameters,
        )
        row = cursor.fetchone()
    return checkpoint_of(row) if row else None


def checkpoint_of(row: tuple[Any, ...]) -> Checkpoint:
    """A checkpoint from its columns."""
    return Checkpoint(row[0], bytes(row[1]), row[2], row[3], bytes(row[4]))


def columns_of(made: Checkpoint) -> list[Any]:
    """A checkpoint's columns but for the seal."""
    return [made.tree_size, made.root, made.at, made.previous_size, made.previous_root]


def seal_of(made: Checkpoint) -> bytes:
    """HMAC over a checkpoint under a key that the database does not hold.

    Whoever rules the database alone can neither replace a root nor write a new history.
    """
    text = "\n".join(
        [
            str(made.tree_size),
            made.root.hex(),
            made.at.astimezone(UTC).isoformat(timespec="microseconds"),
            str(made.previous_size),
            made.previous_root.hex(),
        ]
    )
    return secrets.blind_index(text, purpose="audit_checkpoint")
