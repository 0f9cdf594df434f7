"""The tree by itself: RFC 9162's hashes and proofs, against its definitions and its example, for every size there is."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.log import tree
from verify_receipt import Checkpoint, is_consistent, root_from

LARGEST = 300
LEAVES = [tree.leaf_hash(str(n).encode()) for n in range(LARGEST)]


def mth(hashes: list[bytes]) -> bytes:
    """Section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = max(2**n for n in range(20) if 2**n < len(hashes))
    return hashlib.sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


ROOTS = [mth(LEAVES[:size]) for size in range(LARGEST + 1)]


def subtree(low: int, high: int) -> bytes:
    return mth(LEAVES[low:high])


def is_included(index: int, size: int, path: list[bytes], leaf: bytes | None = None) -> bool:
    return root_from(leaf or LEAVES[index], index, size, path) == ROOTS[size]


def holds(old: int, new: int, path: list[bytes]) -> bool:
    return is_consistent(Checkpoint("", old, ROOTS[old]), Checkpoint("", new, ROOTS[new]), path)


def test_roots_are_those_of_the_definition() -> None:
    roots = tree.Roots()
    for size in range(LARGEST):
        assert tree.root(LEAVES[:size]) == roots.root() == ROOTS[size]
        roots.add(LEAVES[size])


def test_the_example_of_section_2_1_5() -> None:
    """Seven leaves, d0 to d6, and the hashes that the section names from a to l."""
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = tree.node_hash(a, b), tree.node_hash(c, d), tree.node_hash(e, f)
    k, l = tree.node_hash(g, h), tree.node_hash(i, j)  # noqa: E741
    assert tree.node_hash(k, l) == ROOTS[7]
    assert tree.inclusion(0, 7, subtree) == [b, h, l]
    assert tree.inclusion(3, 7, subtree) == [c, g, l]
    assert tree.inclusion(4, 7, subtree) == [f, j, k]
    assert tree.inclusion(6, 7, subtree) == [i, k]
    assert tree.consistency(3, 7, subtree) == [c, d, g, l]
    assert tree.consistency(4, 7, subtree) == [l]
    assert tree.consistency(6, 7, subtree) == [i, j, k]


def test_every_leaf_of_every_size_is_proven_and_no_other() -> None:
    for size in range(1, 120):
        for index in range(size):
            path = tree.inclusion(index, size, subtree)
            assert is_included(index, size, path)
            assert not is_included(index, size, path, LEAVES[(index + 1) % LARGEST])
            assert not is_included(index, size, [*path, LEAVES[0]])
            assert not path or not is_included(index, size, path[:-1])


def test_every_two_sizes_are_proven_consistent_and_nothing_else() -> None:
    for new in range(1, 90):
        for old in range(1, new + 1):
            path = tree.consistency(old, new, subtree)
            assert holds(old, new, path)
            assert not holds(old, new, [*path, LEAVES[0]])
            assert not is_consistent(Checkpoint("", old, LEAVES[9]), Checkpoint("", new, ROOTS[new]), path)
            assert not is_consistent(Checkpoint("", old, ROOTS[old]), Checkpoint("", new, LEAVES[9]), path)
            assert not path or not holds(old, new, path[:-1])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_proofs_of_any_size(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGEST))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, steps = tree.inclusion(index, size, subtree), tree.consistency(old, size, subtree)
    assert is_included(index, size, path)
    assert holds(old, size, steps)
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index)) if size > 1 else None
    assert other is None or not is_included(other, size, path, LEAVES[index])
    if path:
        at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        path[at] = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(32, "big")
        assert not is_included(index, size, path)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (7, 7)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        tree.inclusion(index, size, subtree)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_what_is_no_beginning_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="not a beginning"):
        tree.consistency(old, new, subtree)
