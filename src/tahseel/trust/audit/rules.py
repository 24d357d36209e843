"""The Merkle tree of RFC 6962, pure: hashes, append, root, proofs and their verification.

A complete subtree is named (level, index): it covers leaves [index << level, (index + 1) << level).
Any tree is a row of complete subtrees that grow smaller to the right; those are all that an
append needs to remember, and all that a proof needs to look up.
Source: RFC 6962 section 2.1 (hashes, paths, consistency); RFC 9162 section 2.1 (verification).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32
Range = tuple[int, int]
Node = tuple[int, int]
NodeOf = Callable[[int, int], bytes]


def leaf_hash(body: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf's bytes (2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children (2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The growing edge of a tree: `size` leaves and the hashes of its complete subtrees."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count():
            raise ValueError(f"{self.size} leaves have {self.size.bit_count()} subtrees")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash; returns the subtrees it completes as (level >= 1, index, hash)."""
        index, level, completed = self.size, 0, []
        while index & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            index, level = index >> 1, level + 1
            completed.append((level, index, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        return fold(self.peaks)


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over a row of complete subtrees, left to right."""
    if not peaks:
        return EMPTY_ROOT
    result = peaks[-1]
    for left in reversed(peaks[:-1]):
        result = node_hash(left, result)
    return result


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def subtrees(start: int, end: int) -> list[Node]:
    """The complete subtrees that make up [start, end), left to right, where it is a tree's part."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The leaves behind each hash of an inclusion path, from the leaf up (2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The leaves behind each hash of a consistency proof from `old` to `new` leaves (2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    start, end, whole, found = 0, new, True, []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def _split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, node: NodeOf) -> tuple[bytes, ...]:
    """The path of a leaf in a tree of `size`; `node(level, index)` gives a complete subtree."""
    return tuple(_range_hash(r, node) for r in inclusion_ranges(index, size))


def consistency_proof(old: int, new: int, node: NodeOf) -> tuple[bytes, ...]:
    """Proof that the tree of `new` leaves begins with the tree of `old` (2.1.2)."""
    return tuple(_range_hash(r, node) for r in consistency_ranges(old, new))


def _range_hash(leaves: Range, node: NodeOf) -> bytes:
    return fold([node(level, index) for level, index in subtrees(*leaves)])


def node_of(leaves: Sequence[bytes]) -> NodeOf:
    """Complete subtrees over leaf hashes held in memory."""

    def node(level: int, index: int) -> bytes:
        row = list(leaves[index << level : (index + 1) << level])
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    return node


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """True when `path` leads from the leaf hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """True when the proof shows that nothing before `old` was changed (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
