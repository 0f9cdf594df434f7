"""Proofs out of the stored tree, in two queries however large it is.

Leaves are stored, and one node over 256 of what is below it, level upon level. A proof touches two paths: down to its
leaf, and down the right edge of the tree. On each level these need the nodes of two groups of 256, no more.
"""

from dataclasses import dataclass

from django.db import connections
from django.db.models import Max

from ledger.log import tree
from ledger.log.models import FANOUT, LogCheckpoint, LogLeaf

LEVELS = 7  # 256 ** 8 leaves are more than a bigint counts
LEAVES = "SELECT 0, index, hash FROM ledger_log_leaf WHERE index >= %s AND index < %s"
NODES = "SELECT level, index, hash FROM ledger_log_node WHERE level = %s AND index >= %s AND index < %s"


@dataclass(frozen=True, slots=True)
class Proof:
    """`checkpoint` is the first one that has the leaf in it: so the proof of a transfer is always the same."""

    leaf: LogLeaf
    checkpoint: LogCheckpoint
    path: list[bytes]


def latest() -> LogCheckpoint | None:
    return LogCheckpoint.objects.order_by("-size").first()


def size() -> int:
    """How many leaves there are, signed or not."""
    last = LogLeaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def covering(leaf: LogLeaf) -> LogCheckpoint | None:
    return LogCheckpoint.objects.filter(size__gt=leaf.index).order_by("size").first()


def of(leaf: LogLeaf) -> Proof | None:
    """None while no checkpoint covers it."""
    checkpoint = covering(leaf)
    return Proof(leaf, checkpoint, inclusion(leaf.index, checkpoint.size)) if checkpoint else None


def root(size: int) -> bytes:
    return Hashes.around(size, size).subtree(0, size) if size else tree.EMPTY_ROOT


def inclusion(index: int, size: int) -> list[bytes]:
    return tree.inclusion(index, size, Hashes.around(index, size).subtree)


def consistency(old: int, size: int) -> list[bytes]:
    return tree.consistency(old, size, Hashes.around(old - 1, size).subtree)


class Hashes(dict[tuple[int, int], bytes]):
    """Stored hashes by level and index."""

    @classmethod
    def around(cls, index: int, size: int) -> "Hashes":
        """All that a proof of this leaf, or of a tree that ends with it, needs in a tree of this size."""
        queries, params = [], []
        for level, low, high in needed(index, size):
            queries.append(NODES if level else LEAVES)
            params += [level, low, high] if level else [low, high]
        with connections["default"].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"({query})" for query in queries), params)
            return cls({(level, at): bytes(found) for level, at, found in cursor.fetchall()})

    def subtree(self, low: int, high: int) -> bytes:
        width = high - low
        if width & (width - 1) or low % width:  # at the right edge
            middle = low + tree.split(width)
            return tree.node_hash(self.subtree(low, middle), self.subtree(middle, high))
        level = 0
        while width >= FANOUT:
            low, width, level = low // FANOUT, width // FANOUT, level + 1
        return tree.root([self[level, each] for each in range(low, low + width)])


def needed(index: int, size: int) -> list[tuple[int, int, int]]:
    """Level, first index, and the one after the last."""
    found = set()
    for level in range(LEVELS + 1):
        there = size // FANOUT**level
        for group in {index // FANOUT ** (level + 1), there // FANOUT}:
            low, high = group * FANOUT, min((group + 1) * FANOUT, there)
            if low < high:
                found.add((level, low, high))
    return sorted(found)
