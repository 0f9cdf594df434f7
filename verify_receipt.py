#!/usr/bin/env python3
"""Checks a receipt or a statement of the wallet without trusting whoever shows it, nor the bank's website.

    python verify_receipt.py proof.json --key 'wallet.example.com/log+1a2b3c4d+AZ…='

It needs Python 3.11 or newer and the package `cryptography`, and no network. The key is the bank's public key, from a
place you trust. Exit status: 0, all is as the bank signed it; 1, it is not, and the field that is wrong is named; 2, it
cannot be read.

What is proven: that this very transfer is in the log over all transfers whose root the bank has signed. With a
checkpoint that you hold from elsewhere (--checkpoint, and --consistency where it is of another size) also that the bank
showed everybody the same log. What is not: whose the two accounts are. docs/log-encoding.md has every byte.

Of a statement: that the bank has signed it, to the byte, and that its entries make one chain from the balance before to
the one after. docs/statement-format.md has its bytes.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LARGEST_FILE = 8 * 1024 * 1024  # bytes: a statement of 10,000 entries, and a receipt many times
LARGEST_INTEGER = 2**63 - 1
QR_PREFIX = "TWOFOLD:"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)

Document = dict[str, Any]
Fields = dict[str, tuple[Callable[[Any], bool], str]]  # a question, and what a right answer is


class Unreadable(Exception):
    """It is no document of ours at all."""


class Refused(Exception):
    """`field` is what is wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


class Result(NamedTuple):
    """What was proven, for people to read: names and values; the checkpoint that says so; and all that was read."""

    facts: list[tuple[str, str]]
    checkpoint: Checkpoint | None  # None for what is signed by itself, and in no log
    document: Document


def check(text: str, key: str, checkpoint: str | None = None, consistency: str | None = None) -> Result:
    """A document of any format there is, as JSON or as its QR code reads. Raises Unreadable, Refused."""
    public = Key.read(key)
    document = read(text)
    kind = document.get("format")
    if not isinstance(kind, str) or kind not in FORMATS:
        raise Refused("format", f"this program reads {', '.join(FORMATS)}, and nothing else")
    result = FORMATS[kind](document, public)
    if checkpoint is not None and result.checkpoint is None:
        raise Refused("the other checkpoint", "a statement is signed by itself, and in no log")
    if checkpoint is not None and result.checkpoint is not None:
        compare(result.checkpoint, public.open(checkpoint, "the other checkpoint"), document, consistency)
    return result


# A receipt: one transfer, and the way from it to a signed root.


def check_receipt(document: Document, key: Key) -> Result:
    require_fields(document, RECEIPT, "")
    require_fields(document["transfer"], TRANSFER, "transfer.")
    checkpoint = key.open(document["checkpoint"], "checkpoint")
    named = altered(document)
    if not named and document["index"] >= checkpoint.size:
        raise Refused("checkpoint", "it is older than this receipt, and says nothing of it")
    leaf = leaf_hash(document["transfer"], document["posted_at"], bytes.fromhex(document["salt"]))
    path = [bytes.fromhex(each) for each in document["path"]]
    if root_from(leaf, document["index"], checkpoint.size, path) != checkpoint.root:
        if named:
            raise Refused(" and ".join(named), "it is not what was signed")
        raise Refused(
            "transfer", "it is not in the log that the checkpoint signs, at the place that index and path name"
        )
    if named:
        raise Refused("marks", f"all else is as it was signed, and they say otherwise of {' and '.join(named)}")
    return Result(facts(document, checkpoint), checkpoint, document)


def facts(document: Document, checkpoint: Checkpoint) -> list[tuple[str, str]]:
    transfer = document["transfer"]
    return [
        ("Transfer", transfer["id"]),
        ("Amount", f"{transfer['amount']} {transfer['currency']}, in minor units"),
        ("From account", str(transfer["debit_account"])),
        ("To account", str(transfer["credit_account"])),
        ("Kind", transfer["kind"]),
        ("Note", transfer["memo"] or "none"),
        ("Posted at", document["posted_at"]),
        ("In the log", f"{checkpoint.origin}, leaf {document['index']} of {checkpoint.size}"),
    ]


def mark(name: str, value: Any) -> bytes:
    """Two bytes that are not signed: by them a slip of one field is named, and nothing is proven."""
    return hashlib.sha256(f"{name}\n{json.dumps(value, separators=(',', ':'))}".encode("ascii")).digest()[:2]


def marked(document: Document) -> list[tuple[str, Any]]:
    fields = [(f"transfer.{name}", document["transfer"][name]) for name in TRANSFER]
    return fields + [(name, document[name]) for name in ("posted_at", "salt", "index", "path")]


def marks(document: Document) -> str:
    return b"".join(mark(name, value) for name, value in marked(document)).hex()


def altered(document: Document) -> list[str]:
    given, expected = document["marks"], marks(document)
    fields = enumerate(marked(document))
    return [name for at, (name, _) in fields if given[4 * at : 4 * at + 4] != expected[4 * at : 4 * at + 4]]


# A statement: its bytes, the bank's signature under them, and entries that make one chain.


def check_statement(document: Document, key: Key) -> Result:
    require_fields(document, SIGNED_STATEMENT, "")
    lines = key.lines(document["signature"], "signature")
    if len(lines) != 4 or lines[:2] != [key.name, STATEMENT]:
        raise Refused("signature", "it is under something else, and no statement")
    text, broken = document["statement"], broken_field(document["statement"])
    if sha256(text.encode("utf-8")).hex() != lines[3]:
        raise Refused(broken or "statement", "it is not what was signed")
    if broken:
        raise Refused(broken, "it was signed, and does not hold together: keep this file, and ask the bank")
    statement = read(text)
    return Result(statement_facts(statement), None, statement)


def broken_field(text: str) -> str | None:
    """The first place where it does not follow from what is before it; None where all of it does."""
    try:
        statement = read(text)
        account, balance = statement["account"]["id"], statement["opening"]["minor"]
        digest = bytes.fromhex(statement["opening"]["head"])
        for at, entry in enumerate(statement["entries"]):
            balance += entry["minor"]
            if (entry["seq"], entry["balance_after"]) != (statement["first_seq"] + at, balance):
                return f"entries[{at}]"
            digest = entry_digest(digest, account, entry)
            if digest.hex() != entry["digest"]:
                return f"entries[{at}]"
        last = (statement["last_seq"], statement["closing"]["minor"], statement["closing"]["head"])
        return (
            None
            if last == (statement["first_seq"] + len(statement["entries"]) - 1, balance, digest.hex())
            else "closing"
        )
    except (Unreadable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return "statement"


def entry_digest(before: bytes, account: int, entry: Document) -> bytes:
    return sha256(
        b"\x02"
        + before
        + bytes.fromhex(entry["fingerprint"])
        + integer(account)
        + integer(entry["seq"])
        + {"debit": b"D", "credit": b"C"}[entry["side"]]
        + integer(abs(entry["minor"]))
        + integer(entry["balance_after"])
        + integer(microseconds(entry["posted_at"]))
    )


def statement_facts(statement: Document) -> list[tuple[str, str]]:
    account, period = statement["account"], statement["period"]
    return [
        ("Statement", f"{statement['kind']}, number {statement['number']}, {statement['id']}"),
        ("Account", f"{account['number']}, of {statement['holder']}"),
        ("Period", f"{period['first_day']} to {period['last_day']}, {period['time_zone']}"),
        ("Before", f"{statement['opening']['amount']} {account['currency']}"),
        ("Came in", f"{statement['came_in']['amount']} {account['currency']}"),
        ("Went out", f"{statement['went_out']['amount']} {account['currency']}"),
        ("After", f"{statement['closing']['amount']} {account['currency']}"),
        ("Entries", str(len(statement["entries"]))),
        ("Made at", statement["made_at"]),
    ]


# The bytes: docs/log-encoding.md and docs/ledger-encoding.md.


def leaf_hash(transfer: Document, posted_at: str, salt: bytes) -> bytes:
    return sha256(b"\x00\x01" + fingerprint(transfer) + integer(microseconds(posted_at)) + salt)


def fingerprint(transfer: Document) -> bytes:
    return sha256(
        b"\x01"
        + UUID(transfer["id"]).bytes
        + b"".join(integer(transfer[name]) for name in ("debit_account", "credit_account", "amount"))
        + b"".join(text_bytes(transfer[name]) for name in ("currency", "kind", "memo"))
        + b"".join(UUID(transfer[name] or str(NOBODY)).bytes for name in ("initiated_by", "reverses", "batch"))
    )


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def integer(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def text_bytes(value: str) -> bytes:
    encoded = value.encode("utf-8")
    return len(encoded).to_bytes(4, "big") + encoded


def microseconds(moment: str) -> int:
    """Since 2000."""
    since = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) - EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2: the root to which the path leads; None for a path that cannot be one."""
    if index >= size:
        return None
    place, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = node(each, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, each)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(old: Checkpoint, new: Checkpoint, path: list[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: whether the old tree is a beginning of the new one."""
    if old.size == new.size:
        return not path and old.root == new.root
    if not 0 < old.size < new.size or not path:
        return False
    if old.size & (old.size - 1) == 0:
        path = [old.root, *path]
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node(each, before), node(each, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node(after, each)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root


def compare(own: Checkpoint, other: Checkpoint, document: Document, consistency: str | None) -> None:
    """The receipt's checkpoint with one from elsewhere. Raises Refused."""
    if own.size == other.size:
        if own.root != other.root:
            raise Refused("checkpoint", "the bank has signed another log of this size: keep both, and ask")
        return
    if consistency is None:
        if document.get("index", -1) >= other.size:
            raise Refused("the other checkpoint", "it is older than this receipt, and says nothing of it")
        old, new = sorted((own.size, other.size))
        raise Refused("the other checkpoint", f"it is of another size: get /log/proof/consistency/{old}/{new} for it")
    old_one, new_one = sorted((own, other), key=lambda each: each.size)
    path = read(consistency).get("path")
    if (
        not isinstance(path, list)
        or not is_path(path)
        or not is_consistent(old_one, new_one, [bytes.fromhex(each) for each in path])
    ):
        raise Refused("consistency", "it does not show that one log continues the other")


class Key(NamedTuple):
    """A C2SP signed-note verifier key: `name+hash+base64`."""

    name: str
    id: bytes
    public: Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> Key:
        """Raises Unreadable."""
        try:
            name, id, encoded = text.strip().split("+", 2)
            raw = strict_base64(encoded)
            public = Ed25519PublicKey.from_public_bytes(raw[1:])
        except ValueError:
            raise Unreadable("The key is not of the form name+hash+base64.") from None
        expected = sha256(name.encode() + b"\n" + raw)[:4]
        if raw[:1] != b"\x01" or id != expected.hex():
            raise Unreadable("The key is damaged, or not one for Ed25519.")
        return cls(name, expected, public)

    def lines(self, note: str, field: str) -> list[str]:
        """Of a signed note (C2SP signed-note); lines of other signers are theirs. Raises Refused."""
        text, gap, signatures = note.rpartition("\n\n")
        if not gap or not note.endswith("\n"):
            raise Refused(field, "it is no signed note")
        if not any(self.has_signed(text + "\n", line) for line in signatures.split("\n")):
            raise Refused(field, f"it is not as {self.name} signed it")
        return text.split("\n")

    def open(self, note: str, field: str) -> Checkpoint:
        """C2SP tlog-checkpoint. Raises Refused."""
        lines = self.lines(note, field)
        if len(lines) < 3 or lines[0] != self.name or not re.fullmatch("[1-9][0-9]{0,18}", lines[1]):
            raise Refused(field, f"it is no checkpoint of {self.name}")
        try:
            root = strict_base64(lines[2])
        except ValueError:
            root = b""
        if len(root) != 32:
            raise Refused(field, "it has no root")
        return Checkpoint(lines[0], int(lines[1]), root)

    def has_signed(self, text: str, line: str) -> bool:
        start = f"\u2014 {self.name} "
        try:
            signature = strict_base64(line[len(start) :]) if line.startswith(start) else b""
            if signature[:4] != self.id:
                return False
            self.public.verify(signature[4:], text.encode())
        except (ValueError, InvalidSignature):
            return False
        return True


# Reading: one spelling of each value, so that what was changed is always what is read.


def read(text: str) -> Document:
    """Raises Unreadable."""
    if len(text.encode("utf-8", "replace")) > LARGEST_FILE:
        raise Unreadable("This is larger than 8 MB: no receipt is, and no statement that was signed.")
    text = text.strip(" \t\r\n")  # and nothing else that JSON does not know as a blank
    if text.startswith(QR_PREFIX):
        text = unpacked(text[len(QR_PREFIX) :])
    try:
        document = json.loads(text, object_pairs_hook=no_name_twice, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"This is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise Unreadable("This is JSON, and no receipt: it has no fields.")
    return document


def no_name_twice(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is there twice")
    return found


def no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def unpacked(text: str) -> str:
    """What the QR code holds: base 45 (RFC 9285) of the JSON, compressed (RFC 1950)."""
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(from_base45(text), LARGEST_FILE)
        if not stream.eof or stream.unused_data:
            raise ValueError
        return data.decode("utf-8")
    except (ValueError, zlib.error):
        raise Unreadable("This is not the whole text of the QR code, or it was changed.") from None


def from_base45(text: str) -> bytes:
    digits = [BASE45.index(each) for each in text]
    if len(digits) % 3 == 1:
        raise ValueError
    found = bytearray()
    for at in range(0, len(digits), 3):
        group = digits[at : at + 3]
        value = sum(digit * 45**power for power, digit in enumerate(group))
        if value >= 256 ** (len(group) - 1):
            raise ValueError
        found += value.to_bytes(len(group) - 1, "big")
    return bytes(found)


def strict_base64(text: str) -> bytes:
    """One spelling only. Raises ValueError."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if base64.b64encode(found).decode() != text:
        raise ValueError("not the usual base64")
    return found


def require_fields(document: Any, fields: Fields, prefix: str) -> None:
    for name, (is_right, what) in fields.items():
        if name not in document:
            raise Refused(prefix + name, "it is missing")
        if not is_right(document[name]):
            raise Refused(prefix + name, f"it is not {what}")
    for name in document:
        if name not in fields:
            raise Refused(prefix + name, "no receipt has such a field")


def is_integer(value: Any, least: int = 1) -> bool:
    return type(value) is int and least <= value <= LARGEST_INTEGER


def is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.encode("utf-8") is not None
    except UnicodeEncodeError:
        return False


def is_id(value: Any) -> bool:
    pattern = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    return isinstance(value, str) and bool(re.fullmatch(pattern, value)) and value != str(NOBODY)


def is_id_or_none(value: Any) -> bool:
    return value is None or is_id(value)


def is_hex(length: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value))


def is_path(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(map(is_hex(32), value))


def is_moment(value: Any) -> bool:
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        return False
    try:
        microseconds(value)
    except ValueError:
        return False
    return True


TRANSFER: Fields = {
    "id": (is_id, "an id"),
    "debit_account": (is_integer, "an account's number in the books"),
    "credit_account": (is_integer, "an account's number in the books"),
    "amount": (is_integer, "a positive whole number of minor units"),
    "currency": (is_text, "text"),
    "kind": (is_text, "text"),
    "memo": (is_text, "text"),
    "initiated_by": (is_id_or_none, "an id or null"),
    "reverses": (is_id_or_none, "an id or null"),
    "batch": (is_id_or_none, "an id or null"),
}
RECEIPT: Fields = {
    "format": (is_text, "text"),
    "transfer": (lambda value: isinstance(value, dict), "a transfer's fields"),
    "posted_at": (is_moment, "a time like 2026-11-25T12:00:00.000000Z"),
    "salt": (is_hex(16), "16 bytes in hex"),
    "index": (lambda value: is_integer(value, 0), "a place in the log"),
    "path": (is_path, "a list of hashes in hex"),
    "checkpoint": (is_text, "text"),
    "marks": (is_hex(2 * (len(TRANSFER) + 4)), "two bytes a field, in hex"),
}
STATEMENT = "twofold-statement-1"
SIGNED_STATEMENT: Fields = {
    "format": (is_text, "text"),
    "statement": (is_text, "text"),
    "signature": (is_text, "text"),
}
# Each takes the document and the key, raises Refused, and gives what was proven. A new kind of document is a new entry.
FORMATS: dict[str, Callable[[Document, Key], Result]] = {
    "twofold-receipt-1": check_receipt,
    "twofold-signed-statement-1": check_statement,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Checks a receipt or a statement offline, with nothing but the bank's public key."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="proof.json, or the text of its QR code; - for input")
    parser.add_argument("--key", required=True, help="the bank's public key, name+hash+base64, or a file with it")
    parser.add_argument("--checkpoint", help="a file with a checkpoint of the log that you hold from elsewhere")
    parser.add_argument("--consistency", help="a file with the proof that connects it with the receipt's")
    options = parser.parse_args(arguments)
    return max(check_file(name, options) for name in options.files)


def check_file(name: str, options: argparse.Namespace) -> int:
    try:
        key = options.key if "+" in options.key else contents(options.key)
        others = [contents(other) if other else None for other in (options.checkpoint, options.consistency)]
        result = check(contents(name), key, *others)
    except (Unreadable, OSError) as error:
        print(f"UNREADABLE  {name}: {error}")
        return 2
    except Refused as refusal:
        print(f"WRONG  {name}: {refusal}")
        return 1
    how = "in the log that the bank has signed" if result.checkpoint else "as the bank has signed it"
    print(f"RIGHT  {name}: it is {how}.")
    for fact, value in result.facts:
        print(f"  {fact + ':':<14}{value}")
    return 0


def contents(name: str) -> str:
    """Raises OSError, Unreadable."""
    data = sys.stdin.buffer.read(LARGEST_FILE + 1) if name == "-" else Path(name).read_bytes()[: LARGEST_FILE + 1]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not text in UTF-8.") from None


if __name__ == "__main__":
    sys.exit(main())
