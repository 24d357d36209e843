"""The tree against RFC 6962's own definitions and the vectors of Certificate Transparency."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.trust.audit import rules

LEAVES = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
# certificate-transparency-go, merkle tests (the reference tree of the CT project)
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
HASHES = [rules.leaf_hash(leaf) for leaf in LEAVES]


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    """RFC 6962 2.1, as it is written."""
    if not d:
        return hashlib.sha256(b"").digest()
    if len(d) == 1:
        return hashlib.sha256(b"\x00" + d[0]).digest()
    k = largest_power_below(len(d))
    return hashlib.sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: list[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1, as it is written."""
    if len(d) == 1:
        return []
    k = largest_power_below(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], whole: bool) -> list[bytes]:
    """RFC 6962 2.1.2, as it is written."""
    n = len(d)
    if m == n:
        return [] if whole else [mth(d)]
    k = largest_power_below(n)
    if m <= k:
        return [*subproof(m, d[:k], whole), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


def bodies(count: int) -> list[bytes]:
    return [b"leaf %d" % n for n in range(count)]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert rules.root([]).hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert mth([]) == rules.EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert rules.root(HASHES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_inclusion_paths_are_those_of_certificate_transparency(
    index: int, size: int, expected: list[str]
) -> None:
    proof = rules.inclusion_proof(index, size, rules.node_of(HASHES))

    assert [h.hex() for h in proof] == expected


@pytest.mark.parametrize(("old", "new", "expected"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(
    old: int, new: int, expected: list[str]
) -> None:
    proof = rules.consistency_proof(old, new, rules.node_of(HASHES))

    assert [h.hex() for h in proof] == expected


@given(st.lists(st.binary(max_size=40), max_size=130))
def test_appending_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    assert rules.root(map(rules.leaf_hash, leaves)) == mth(leaves)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_inclusion_path_is_the_definitions_and_verifies(case: tuple[int, int]) -> None:
    index, size = case
    leaves = bodies(size)
    hashes = [rules.leaf_hash(leaf) for leaf in leaves]

    proof = rules.inclusion_proof(index, size, rules.node_of(hashes))

    assert list(proof) == path(index, leaves)
    assert rules.verify_inclusion(
        leaf=hashes[index], index=index, size=size, path=proof, root=mth(leaves)
    )


@given(
    st.integers(1, 70).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))),
    st.data(),
)
def test_a_path_proves_no_other_leaf_place_or_root(
    case: tuple[int, int], data: st.DataObject
) -> None:
    index, size = case
    hashes = [rules.leaf_hash(leaf) for leaf in bodies(size)]
    proof = list(rules.inclusion_proof(index, size, rules.node_of(hashes)))
    root = rules.root(hashes)
    other = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))

    def holds(leaf: bytes, at: int, way: list[bytes], top: bytes) -> bool:
        return rules.verify_inclusion(leaf=leaf, index=at, size=size, path=way, root=top)

    assert not holds(rules.leaf_hash(b"forged"), index, proof, root)
    assert not holds(hashes[index], other, proof, root)
    assert not holds(hashes[index], index, proof, rules.leaf_hash(b"forged"))
    assert not holds(hashes[index], index, [*proof, bytes(32)], root)
    assert not proof or not holds(hashes[index], index, proof[:-1], root)


@given(st.integers(1, 150).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_every_consistency_proof_is_the_definitions_and_verifies(case: tuple[int, int]) -> None:
    old, new = case
    leaves = bodies(new)
    hashes = [rules.leaf_hash(leaf) for leaf in leaves]
    roots = (mth(leaves[:old]), mth(leaves))

    proof = rules.consistency_proof(old, new, rules.node_of(hashes))

    assert list(proof) == subproof(old, leaves, True)
    assert rules.verify_consistency(
        old=old, new=new, old_root=roots[0], new_root=roots[1], proof=proof
    )
    assert not rules.verify_consistency(
        old=old, new=new, old_root=mth([b"forged"]), new_root=roots[1], proof=proof
    )


@given(st.integers(1, 150))
def test_subtrees_are_told_when_they_are_complete(size: int) -> None:
    hashes = [rules.leaf_hash(leaf) for leaf in bodies(size)]
    node, frontier, told = rules.node_of(hashes), rules.Frontier(), 0

    for leaf in hashes:
        for level, index, digest in frontier.append(leaf):
            assert digest == node(level, index)
            told += 1

    assert told == size - size.bit_count()
    assert frontier.peaks == [node(*n) for n in rules.subtrees(0, size)]


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="is not in a tree"):
        rules.inclusion_ranges(3, 3)
    with pytest.raises(ValueError, match="does not continue"):
        rules.consistency_ranges(4, 3)
    with pytest.raises(ValueError, match="subtrees"):
        rules.Frontier(3, [bytes(32)])
