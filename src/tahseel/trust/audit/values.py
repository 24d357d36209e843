"""What the log is made of: leaves, checkpoints, proofs and the verdict on the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tahseel.kernel.actor import Actor


class Outcome(StrEnum):
    """How an act ended. Denied: the actor may not; refused: the rules say no to anybody."""

    DONE = "done"
    REFUSED = "refused"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One act of one actor on one subject. Its canonical bytes are what the tree hashes.

    action: "slice.operation"; subject: what was acted on, an id, never a person's own number;
    purpose: why a person's data was read, else None.
    """

    id: UUID
    at: datetime
    actor: Actor
    action: str
    subject: str
    outcome: str = Outcome.DONE
    purpose: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf in the log as it was written: who did what, and its place in the tree.

    index: None until the leaf is under a root.
    """

    id: UUID
    at: datetime
    actor: Actor
    action: str
    subject: str
    outcome: Outcome
    purpose: str | None
    facts: Mapping[str, Any]
    index: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root over the first `tree_size` leaves, one for each batch, linked to the one before."""

    tree_size: int
    root: bytes
    at: datetime
    previous_size: int
    previous_root: bytes


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Proof that a leaf is in the tree of a checkpoint: a stranger needs nothing else.

    body: the leaf's canonical bytes; path: sibling hashes from the leaf up (RFC 6962, 2.1.1).
    """

    leaf_id: UUID
    body: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint


class Tampering(StrEnum):
    """What can be wrong with the stored log."""

    LEAF_ALTERED = "leaf_altered"
    LEAF_MISSING = "leaf_missing"
    LEAF_EXTRA = "leaf_extra"
    LEAVES_REORDERED = "leaves_reordered"
    TREE_ALTERED = "tree_altered"
    NODE_ALTERED = "node_altered"
    CHECKPOINT_ALTERED = "checkpoint_altered"
    CHECKPOINT_MISSING = "checkpoint_missing"
    HISTORY_REWRITTEN = "history_rewritten"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tampered with: `where` names the leaf, the index or the checkpoint."""

    kind: Tampering
    where: str
    text_ar: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of recomputing the whole log from its stored rows."""

    leaves: int
    pending: int
    checkpoints: int
    tree_size: int
    root: bytes
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings
