"""Signed checkpoints: what the books said at one moment, kept outside of the database.

Every account is a leaf: who it is, and the digest of its last entry, on which every entry before depends. All leaves
hang under one Merkle root, and the root is signed with Ed25519. So whoever holds a checkpoint can prove later that
nothing before it was rewritten, not even by someone who owned the database. docs/ledger-encoding.md has the bytes.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from ledger import reports
from ledger.encoding import LEAF, NODE, identifier, integer, text
from ledger.log.keys import encode_public_key, private_key, public_key
from ledger.snapshot import Row, fetch
from ledger.verify import Fault
from ledger.verify.ground import Unsound, require

__all__ = ["BadCheckpoint", "MerkleRoot", "leaf", "private_key", "public_key", "verify", "write"]

FORMAT = "twofold-checkpoint-1"
BATCH = 5_000  # accounts read or compared at once


class BadCheckpoint(Exception):
    """The file is not a checkpoint that this key has signed."""


class MerkleRoot:
    """The root over leaves added in order; keeps one digest a level, so its memory does not grow with them."""

    def __init__(self) -> None:
        self.peaks: list[tuple[int, bytes]] = []  # height and digest, the highest first

    def add(self, leaf: bytes) -> None:
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            leaf = node(self.peaks.pop()[1], leaf)
            height += 1
        self.peaks.append((height, leaf))

    def digest(self) -> bytes:
        """SHA-256 of nothing for no leaves; a leaf without a partner moves up as it is."""
        if not self.peaks:
            return hashlib.sha256().digest()
        root = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


LEAVES = """
SELECT a.id, e.seq, a.number, a.kind, a.currency, a.owner_id, a.name, e.balance_after, e.digest FROM {source}
LEFT JOIN LATERAL (
  SELECT seq, balance_after, digest FROM ONLY public.ledger_entry WHERE account_id = a.id {which}
  ORDER BY seq DESC LIMIT 1
) e ON true
ORDER BY a.id"""
NOW = "(SELECT * FROM ONLY public.ledger_account WHERE {} ORDER BY id LIMIT %s) a"
FIRST, NEXT = (LEAVES.format(source=NOW.format(those), which="") for those in ("true", "id > %s"))
THEN = LEAVES.format(
    source="unnest(%s::bigint[], %s::bigint[]) AS asked(id, seq) JOIN ONLY public.ledger_account a ON a.id = asked.id",
    which="AND seq = asked.seq",
)


def leaf(row: Row) -> bytes:
    """SHA-256 (32 bytes) of one account: who it is, and how its history ends. Raises Unsound where it does not say."""
    id, seq, number, kind, currency, owner, name, balance, digest = row
    if None in (id, number, kind, currency, name):
        raise Unsound(f"A value of account {id} is missing. Run verify_ledger.")
    return hashlib.sha256(
        LEAF
        + integer(id)
        + text(number)
        + text(kind)
        + text(currency)
        + identifier(owner)
        + text(name if owner is None else "")
        + integer(seq or 0)
        + integer(balance or 0)
        + (bytes(digest) if digest else bytes(32))
    ).digest()


def write(cursor: CursorWrapper, key: Ed25519PrivateKey, file: IO[str]) -> dict[str, Any]:
    """Writes a checkpoint of the cursor's snapshot: a line an account, then the signed statement, which is returned.

    Raises Unsound.
    """
    require(cursor)
    tree, accounts, entries = MerkleRoot(), 0, 0
    for row in _accounts(cursor):
        digest = leaf(row)
        tree.add(digest)
        file.write(f"{row[0]} {row[1] or 0} {digest.hex()}\n")
        accounts, entries = accounts + 1, entries + (row[1] or 0)
    statement = {
        "format": FORMAT,
        "time": timezone.now().isoformat(),
        "accounts": accounts,
        "entries": entries,
        "transfers": fetch(cursor, "SELECT count(*) FROM ONLY public.ledger_transfer")[0][0],
        "totals": {total.currency: total.debit for total in reports.trial_balance()},
        "root": tree.digest().hex(),
        "public_key": encode_public_key(key.public_key()),
    }
    signature = base64.urlsafe_b64encode(key.sign(signed_bytes(statement))).decode().rstrip("=")
    file.write(json.dumps(statement | {"signature": signature}) + "\n")
    return statement


def _accounts(cursor: CursorWrapper) -> Iterator[Row]:
    """Every one, whatever its id."""
    rows = fetch(cursor, FIRST, [BATCH])
    while rows:
        yield from rows
        rows = fetch(cursor, NEXT, [rows[-1][0], BATCH])


def signed_bytes(statement: dict[str, Any]) -> bytes:
    """JSON without blanks, with sorted names, in ASCII: what the signature is over."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode("ascii")


def verify(cursor: CursorWrapper, key: Ed25519PublicKey, file: IO[str]) -> Iterator[Fault]:
    """What the books say otherwise today of the time before the checkpoint. Raises BadCheckpoint, Unsound."""
    require(cursor)
    tree, accounts, entries = MerkleRoot(), 0, 0
    lines = iter(file)
    statement: dict[str, Any] | None = None
    while batch := list(islice(lines, BATCH)):
        if batch[-1].startswith("{"):
            statement = json.loads(batch.pop())
        leaves = [_parse(line) for line in batch]
        for _, seq, digest in leaves:
            tree.add(digest)
            accounts, entries = accounts + 1, entries + seq
        yield from _compare(cursor, leaves)
    _check(statement, key, root=tree.digest().hex(), accounts=accounts, entries=entries)


def _parse(line: str) -> tuple[int, int, bytes]:
    try:
        account, seq, digest = line.split()
        numbers = int(account), int(seq)
        for number in numbers:
            integer(number)  # what a bigint cannot hold nobody wrote
        return *numbers, bytes.fromhex(digest)
    except (ValueError, OverflowError) as error:
        raise BadCheckpoint(f"not a line of a checkpoint: {line[:80]!r}") from error


def _compare(cursor: CursorWrapper, leaves: list[tuple[int, int, bytes]]) -> Iterator[Fault]:
    rows = fetch(cursor, THEN, [[account for account, _, _ in leaves], [seq for _, seq, _ in leaves]])
    today = {row[0]: row for row in rows}
    for account, seq, digest in leaves:
        if account not in today or not _is(today[account], digest):
            yield Fault("the history before the checkpoint was rewritten", f"account {account} up to seq {seq}")


def _is(row: Row, digest: bytes) -> bool:
    try:
        return leaf(row) == digest
    except Unsound:
        return False


def _check(statement: dict[str, Any] | None, key: Ed25519PublicKey, **found: object) -> None:
    if statement is None or statement.get("format") != FORMAT:
        raise BadCheckpoint("the checkpoint has no statement at its end")
    try:
        signature = statement.pop("signature")
        key.verify(base64.urlsafe_b64decode(signature + "=="), signed_bytes(statement))
    except (KeyError, ValueError, InvalidSignature) as error:
        raise BadCheckpoint("the signature is not of this key") from error
    for name, value in found.items():
        if statement[name] != value:
            raise BadCheckpoint(f"the checkpoint's accounts do not add up to its signed statement: {name}")
