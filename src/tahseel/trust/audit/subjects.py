"""Which things a leaf tells of: what it names as its subject and the ids among its facts.

The sequencer keeps them beside the position, so that everything about a person, an account or a
meter is found by one index; the transaction that writes a leaf does nothing for it. The rows prove
nothing: the leaf and its place in the tree do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson

SUBJECTS_MAX = 500
READ = "read"
_IDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def rows_of(
    leaves: Sequence[tuple[UUID, bytes]], *, first: int
) -> Iterator[tuple[UUID, bool, UUID, str, int]]:
    """(subject, is a read, leaf, action, index) of a batch whose first leaf stands at `first`."""
    for index, (leaf_id, body) in enumerate(leaves, first):
        action, found = subjects_of(body)
        for subject in found:
            yield subject, action == READ, leaf_id, action, index


def subjects_of(body: bytes) -> tuple[str, list[UUID]]:
    """A leaf's action, and the ids it tells of, each once.

    Nothing for bytes that are no leaf: they are for the verification to name.
    """
    try:
        told = orjson.loads(body)
        text = orjson.dumps([told["subject"], told["facts"]])
        action = str(told["action"])
    except (ValueError, KeyError, TypeError):
        return "", []
    found = dict.fromkeys(_IDS.findall(text))
    return action, [UUID(one.decode()) for one in list(found)[:SUBJECTS_MAX]]
