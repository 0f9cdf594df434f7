"""The Merkle tree of RFC 9162, section 2.1: its hashes, and the two proofs, over any store of hashes.

A range [low, high) of leaves stands for a subtree. `Subtree` gives its hash: of whole ones a store has many, the one at
the right edge it puts together.
"""

import hashlib
from collections.abc import Callable, Iterable

EMPTY_ROOT = hashlib.sha256().digest()
Subtree = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root(hashes: list[bytes]) -> bytes:
    """Of leaves already hashed: a node without a partner moves up as it is."""
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > 1:
        paired = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=False)]
        hashes = paired + hashes[len(paired) * 2 :]
    return hashes[0]


class Roots:
    """The root over hashes added in order, asked for after any of them; keeps one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []  # of the whole subtrees, the largest first

    def add(self, hashed: bytes) -> None:
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            hashed = node_hash(self.peaks.pop(), hashed)
        self.peaks.append(hashed)

    def root(self) -> bytes:
        return join(self.peaks)


def join(peaks: Iterable[bytes]) -> bytes:
    """The root over whole subtrees from left to right."""
    *rest, found = [*peaks] or [EMPTY_ROOT]
    for peak in reversed(rest):
        found = node_hash(peak, found)
    return found


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]) of section 2.1.3.1, from the leaf upwards. ValueError for a leaf that is not in it."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[size]) of section 2.1.4.1. ValueError for sizes that do not follow each other."""
    if not 0 < old <= size:
        raise ValueError("the first tree is not a beginning of the second")
    path, low, high, is_old = [], 0, size, True  # is_old: whether [low, high) begins where the old tree begins
    while high != old:
        middle = low + split(high - low)
        if old <= middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low, is_old = middle, False
    return ([] if is_old else [subtree(low, high)]) + path[::-1]
