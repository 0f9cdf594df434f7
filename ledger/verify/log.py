"""Is the log what it says: each leaf its transfer's hash, no gap, the nodes over them, and what was signed?

A transfer that is not in the log yet is none of its faults: the worker will get there. A leaf that is gone is, as soon
as a checkpoint was signed over it.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.backends.utils import CursorWrapper

from ledger.log import tree
from ledger.log.keys import private_key
from ledger.log.models import FANOUT
from ledger.snapshot import Row, fetch
from ledger.verify.fault import Fault
from verify_receipt import Key, Refused, Unreadable

BATCH = 20_000  # hashes read at once

# docs/log-encoding.md, in PostgreSQL's words.
HASH = "sha256('\\x0001'::bytea || t.fingerprint || timestamptz_send(t.posted_at) || l.salt)"
LEAVES = f"""
SELECT concat('leaf ', l.index), CASE WHEN t.id IS NULL THEN 'a leaf has no transfer' END,
  CASE WHEN t.id IS NOT NULL AND (l.hash IS DISTINCT FROM {HASH} OR l.salt IS NULL OR length(l.salt) <> 16)
    THEN 'a leaf is not the hash of its transfer' END
FROM ONLY public.ledger_log_leaf l LEFT JOIN ONLY public.ledger_transfer t ON t.id = l.transfer_id
WHERE t.id IS NULL OR l.salt IS NULL OR length(l.salt) <> 16 OR l.hash IS DISTINCT FROM {HASH}"""
GAPS = """
SELECT concat('leaf ', index), 'the log has a gap or a repeat' FROM (
  SELECT index, lag(index, 1, -1::bigint) OVER (ORDER BY index) AS before FROM ONLY public.ledger_log_leaf
) AS listed WHERE index IS DISTINCT FROM before + 1"""
TWICE = """
SELECT concat('transfer ', transfer_id), 'a transfer is in the log twice' FROM ONLY public.ledger_log_leaf
WHERE (SELECT count(*) <> count(DISTINCT transfer_id) FROM ONLY public.ledger_log_leaf)
GROUP BY transfer_id HAVING count(*) > 1"""
COSIGNED = """
SELECT concat('cosignature ', c.id), 'a cosignature is under no checkpoint' FROM ONLY public.ledger_log_cosignature c
LEFT JOIN ONLY public.ledger_log_checkpoint k ON k.size = c.checkpoint_id WHERE k.size IS NULL"""
QUERIES = (LEAVES, GAPS, TWICE, COSIGNED)

STORED = "SELECT hash FROM ONLY public.ledger_log_leaf ORDER BY index"
NODES = "SELECT level, index, hash FROM ONLY public.ledger_log_node"
CHECKPOINTS = "SELECT size, root, note, verifier FROM ONLY public.ledger_log_checkpoint ORDER BY size"


def faults(cursor: CursorWrapper) -> list[Fault]:
    """What only reading all hashes tells: nodes, roots, signatures. `rows.py` asks the queries above."""
    try:
        with transaction.atomic(using=cursor.db.alias):
            return list(_faults(cursor))
    except DatabaseError as error:
        if cursor.db.connection is None or cursor.db.connection.closed:
            raise
        return [Fault("the rows cannot be proven", " ".join(str(error).split()))]


def _faults(cursor: CursorWrapper) -> Iterator[Fault]:
    checkpoints = fetch(cursor, CHECKPOINTS)
    nodes = {(level, index): bytes(hashed or b"") for level, index, hashed in fetch(cursor, NODES)}
    roots = {0: tree.EMPTY_ROOT}
    wanted = {size for size, *_ in checkpoints}
    growing, groups = tree.Roots(), Groups()
    for hashed in hashes(cursor):
        growing.add(hashed)
        groups.add(hashed)
        if growing.size in wanted:
            roots[growing.size] = growing.root()
    for place in sorted(nodes.keys() ^ groups.found.keys()):
        yield Fault("a node of the log is missing or too many", "level {} index {}".format(*place))
    for place in sorted(nodes.keys() & groups.found.keys()):
        if nodes[place] != groups.found[place]:
            yield Fault("a node of the log is not over its leaves", "level {} index {}".format(*place))
    for row in checkpoints:
        yield from (Fault(what, f"checkpoint of {row[0]}") for what in wrong(row, roots.get(row[0])))


class Groups:
    """Nodes over 256 each, level upon level, of hashes that are added in order."""

    def __init__(self) -> None:
        self.open: list[list[bytes]] = [[]]
        self.found: dict[tuple[int, int], bytes] = {}
        self.closed = [0]

    def add(self, hashed: bytes) -> None:
        level = 0
        self.open[0].append(hashed)
        while len(self.open[level]) == FANOUT:
            hashed, self.open[level] = tree.root(self.open[level]), []
            self.found[level + 1, self.closed[level]] = hashed
            self.closed[level] += 1
            level += 1
            if level == len(self.open):
                self.open.append([])
                self.closed.append(0)
            self.open[level].append(hashed)


def hashes(cursor: CursorWrapper) -> Iterator[bytes]:
    cursor.execute(f"DECLARE log_hashes NO SCROLL CURSOR FOR {STORED}")
    while rows := fetch(cursor, f"FETCH {BATCH} FROM log_hashes"):
        yield from (bytes(hashed or b"") for (hashed,) in rows)
    cursor.execute("CLOSE log_hashes")


def wrong(checkpoint: Row, root: bytes | None) -> Iterator[str]:
    """`root` is that of the leaves as they are today; None where there are not as many."""
    size, said, text, verifier = checkpoint
    if root is None or said is None or bytes(said) != root:
        yield "a checkpoint of the log has another root"
    elif not is_signed(str(text), size, root, str(verifier)):
        yield "a checkpoint of the log is not as the bank signed it"


def is_signed(text: str, size: int, root: bytes, verifier: str) -> bool:
    """By CHECKPOINT_KEY's public key where that is set; else by the one that it names itself."""
    try:
        key = Key.read(verifier)
        if settings.CHECKPOINT_KEY and key.public != private_key(settings.CHECKPOINT_KEY).public_key():
            return False
        return key.open(text, "note") == (key.name, size, root)
    except (Unreadable, Refused, ValueError):
        return False
