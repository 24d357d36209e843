"""Recomputes the log from its rows, once, in order, and says which of them do not fit.

Four witnesses are held against each other: the leaves' bodies, their hashes in order, the stored
subtrees, and the roots, sealed with a key that the database does not hold. Which of them stand
together tells which one was changed. After a batch that does not fit, the walk takes up again at
the first sealed root that the stored subtrees still give.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from tahseel.trust.audit import findings, rules, store
from tahseel.trust.audit.findings import Findings
from tahseel.trust.audit.values import Checkpoint, Tampering, Verdict

FETCH_ROWS = 5_000
MISSING = bytes(rules.HASH_BYTES)
_POSITIONS = """
select p.tree_index, p.leaf_id, p.leaf_hash, l.body, l.at
from audit_position p left join audit_leaf l on l.id = p.leaf_id order by p.tree_index
"""
_NODES = "select level, index, hash from audit_node order by (index + 1) << level, level"
_ORPHANS = """
select l.id from audit_leaf l
where not exists (select from audit_position p where p.leaf_id = l.id)
  and not exists (select from audit_pending q where q.leaf_id = l.id)
order by l.id
"""
_LOST = """
select q.leaf_id from audit_pending q
where not exists (select from audit_leaf l where l.id = q.leaf_id) order by q.leaf_id
"""
Position = tuple[int, UUID, bytes, bytes | None, Any]


@dataclass(slots=True)
class _Batch:
    """What is kept of the batch being walked, until its root can be judged."""

    first: int
    edge: rules.Frontier
    ids: list[UUID] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    altered: list[tuple[int, UUID, bytes]] = field(default_factory=list)
    bad_nodes: list[rules.Node] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)


class Verification:
    """One walk over the log. `run` gives the verdict."""

    def __init__(
        self, *, progress: Callable[[int, int], None] | None, known: Checkpoint | None
    ) -> None:
        self._progress = progress or (lambda done, total: None)
        self._known = known
        self._found = Findings()
        self._frontier = rules.Frontier()
        self._in_step = True
        self._nodes: Iterator[tuple[Any, ...]] = iter(())
        self._node: tuple[Any, ...] | None = None

    def run(self) -> Verdict:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
            checkpoints, genuine = self._load_checkpoints()
            self._check_chain(checkpoints)
            end = checkpoints[-1].tree_size if checkpoints else 0
            self._nodes = _rows(_NODES)
            self._node = next(self._nodes, None)
            self._walk(checkpoints, genuine, end)
            self._check_strays(end)
            return Verdict(
                leaves=_count("audit_leaf"),
                pending=_count("audit_pending"),
                checkpoints=len(checkpoints),
                tree_size=end,
                root=checkpoints[-1].root if checkpoints else rules.EMPTY_ROOT,
                findings=self._found.all(),
            )

    def _load_checkpoints(self) -> tuple[list[Checkpoint], set[int]]:
        made, genuine = [], set()
        query = f"select {store.CHECKPOINT_COLUMNS} from audit_checkpoint order by tree_size"  # noqa: S608
        for row in _rows(query):
            checkpoint = store.checkpoint_of(row)
            made.append(checkpoint)
            if hmac.compare_digest(store.seal_of(checkpoint), bytes(row[5])):
                genuine.add(checkpoint.tree_size)
            else:
                self._found.add(
                    Tampering.CHECKPOINT_ALTERED, findings.checkpoint(checkpoint.tree_size)
                )
        return made, genuine

    def _check_chain(self, checkpoints: list[Checkpoint]) -> None:
        size, root = 0, rules.EMPTY_ROOT
        for checkpoint in checkpoints:
            if checkpoint.previous_size != size:
                self._found.add(
                    Tampering.CHECKPOINT_MISSING, findings.checkpoint(checkpoint.previous_size)
                )
            elif checkpoint.previous_root != root:
                self._found.add(Tampering.CHECKPOINT_ALTERED, findings.checkpoint(size))
            size, root = checkpoint.tree_size, checkpoint.root
        if self._known is not None and self._known.tree_size > size:
            self._found.add(Tampering.HISTORY_REWRITTEN, findings.span(size, self._known.tree_size))

    def _walk(self, checkpoints: list[Checkpoint], genuine: set[int], end: int) -> None:
        positions = _rows(_POSITIONS)
        row: tuple[Any, ...] | None = next(positions, None)
        for checkpoint in checkpoints:
            batch = _Batch(self._frontier.size, self._copy())
            for index in range(self._frontier.size, checkpoint.tree_size):
                if row is not None and row[0] == index:
                    self._take(batch, (row[0], row[1], bytes(row[2]), row[3], row[4]))
                    row = next(positions, None)
                else:
                    self._gap(batch, index)
                self._check_known()
                if index % FETCH_ROWS == 0:
                    self._progress(index, end)
            self._judge(batch, checkpoint, checkpoint.tree_size in genuine)
        self._progress(end, end)
        while row is not None:
            self._found.add(Tampering.LEAF_EXTRA, findings.leaf(row[1], row[0]))
            row = next(positions, None)

    def _take(self, batch: _Batch, position: Position) -> None:
        index, leaf_id, digest, body, at = position
        if body is None:
            self._found.add(Tampering.LEAF_MISSING, findings.leaf(leaf_id, index))
        else:
            actual = rules.leaf_hash(bytes(body))
            if actual != digest:
                batch.altered.append((index, leaf_id, actual))
            elif not _tells(bytes(body), leaf_id, at):
                self._found.add(Tampering.LEAF_ALTERED, findings.leaf(leaf_id, index))
        batch.ids.append(leaf_id)
        self._append(batch, digest)

    def _gap(self, batch: _Batch, index: int) -> None:
        batch.gaps.append(index)
        self._found.add(Tampering.LEAF_MISSING, findings.index(index))
        self._append(batch, MISSING)

    def _append(self, batch: _Batch, digest: bytes) -> None:
        batch.hashes.append(digest)
        for level, index, computed in self._frontier.append(digest):
            if store.is_stored(level) and not self._matches(level, index, computed):
                batch.bad_nodes.append((level, index))

    def _matches(self, level: int, index: int, computed: bytes) -> bool:
        """Compare with the next stored subtree; both come in the order of their completion."""
        place = ((index + 1) << level, level)
        while self._node is not None and _place(self._node) < place:
            self._found.add(Tampering.NODE_ALTERED, findings.node(self._node[0], self._node[1]))
            self._node = next(self._nodes, None)
        if self._node is None or _place(self._node) != place:
            return False
        stored = bytes(self._node[2])
        self._node = next(self._nodes, None)
        return stored == computed

    def _judge(self, batch: _Batch, checkpoint: Checkpoint, genuine: bool) -> None:
        known = set(batch.hashes)
        for index, leaf_id, actual in batch.altered:
            kind = Tampering.LEAVES_REORDERED if actual in known else Tampering.LEAF_ALTERED
            self._found.add(kind, findings.leaf(leaf_id, index))
        if self._in_step and self._frontier.root() == checkpoint.root:
            for level, index in batch.bad_nodes:
                self._found.add(Tampering.NODE_ALTERED, findings.node(level, index))
        elif genuine and self._in_step and self._was_reordered(batch, checkpoint):
            return
        elif genuine or not self._in_step or batch.bad_nodes:
            self._misfit(batch, checkpoint)
        else:
            self._found.add(Tampering.CHECKPOINT_ALTERED, findings.checkpoint(checkpoint.tree_size))

    def _was_reordered(self, batch: _Batch, checkpoint: Checkpoint) -> bool:
        """A batch is ordered by leaf id: put back in order, does it give the sealed root?"""
        if batch.gaps or batch.ids == sorted(batch.ids):
            return False
        right = sorted(zip(batch.ids, batch.hashes, strict=True))
        for _, digest in right:
            batch.edge.append(digest)
        if batch.edge.root() != checkpoint.root:
            return False
        for offset, (leaf_id, _) in enumerate(right):
            if batch.ids[offset] != leaf_id:
                self._found.add(
                    Tampering.LEAVES_REORDERED, findings.leaf(leaf_id, batch.first + offset)
                )
        self._frontier = batch.edge
        return True

    def _misfit(self, batch: _Batch, checkpoint: Checkpoint) -> None:
        """Name the leaves that no longer give the stored subtrees, then look for firm ground."""
        size = checkpoint.tree_size
        lowest = [index for level, index in batch.bad_nodes if level == store.STRIDE]
        told = {gap >> store.STRIDE for gap in batch.gaps}
        for index in lowest:
            if index not in told:
                self._found.misfit(index << store.STRIDE, (index + 1) << store.STRIDE)
        ragged = max(batch.first, size >> store.STRIDE << store.STRIDE)
        if self._in_step and not lowest and not batch.gaps:
            self._found.misfit(ragged, size)
        self._in_step = False
        try:
            stored = store.load_frontier(size)
        except KeyError:
            return
        if stored.root() == checkpoint.root:
            self._frontier, self._in_step = stored, True

    def _check_known(self) -> None:
        known = self._known
        if known is None or not self._in_step or self._frontier.size != known.tree_size:
            return
        if self._frontier.root() != known.root:
            self._found.add(Tampering.HISTORY_REWRITTEN, findings.span(0, known.tree_size))

    def _check_strays(self, end: int) -> None:
        while self._node is not None:
            self._found.add(Tampering.NODE_ALTERED, findings.node(self._node[0], self._node[1]))
            self._node = next(self._nodes, None)
        for (leaf_id,) in _rows(_ORPHANS):
            self._found.add(Tampering.LEAF_EXTRA, findings.leaf(leaf_id, None))
        for (leaf_id,) in _rows(_LOST):
            self._found.add(Tampering.LEAF_MISSING, findings.leaf(leaf_id, None))

    def _copy(self) -> rules.Frontier:
        return rules.Frontier(self._frontier.size, list(self._frontier.peaks))


def _tells(body: bytes, leaf_id: UUID, at: Any) -> bool:
    """Whether a body names its row's id and instant."""
    told = orjson.loads(body)
    return bool(told["id"] == str(leaf_id) and findings.instant(at) == told["at"])


def _place(node: tuple[Any, ...]) -> tuple[int, int]:
    return ((int(node[1]) + 1) << int(node[0]), int(node[0]))


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    """Rows through a cursor on the server, so that memory does not grow with the log."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield from rows


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608 - our own names
        row = cursor.fetchone()
    return int(row[0]) if row else 0
