"""docs/log-vectors.json, from our code and from the stranger's. `python -m tests.ledger.test_log_vectors` writes it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import verify_receipt
from ledger.log import note, tree

FILE = Path(__file__).parents[2] / "docs" / "log-vectors.json"
NAME, SEED = "wallet.example.com/log", bytes(range(32))
SIZES = (1, 2, 3, 4, 7)


def transfer(number: int) -> dict[str, Any]:
    return {
        "id": str(UUID(int=number + 1)), "debit_account": 1, "credit_account": 2, "amount": 1250 + number, "currency": "EUR",
        "kind": "payment", "memo": "Łódź" if number == 3 else "", "initiated_by": "00112233-4455-4677-8899-aabbccddeeff",
        "reverses": None, "batch": None,
    }  # fmt: skip


def leaf(number: int) -> dict[str, Any]:
    given = {
        "transfer": transfer(number),
        "posted_at": f"2026-11-25T12:00:00.{number:06d}Z",
        "salt": f"{number:02x}" * 16,
    }
    fingerprint = verify_receipt.fingerprint(given["transfer"])
    data = b"\x01" + fingerprint + verify_receipt.integer(verify_receipt.microseconds(given["posted_at"]))
    hashed = tree.leaf_hash(data + bytes.fromhex(given["salt"]))
    return given | {"fingerprint": fingerprint.hex(), "hash": hashed.hex()}


def vectors() -> dict[str, Any]:
    leaves = [leaf(number) for number in range(max(SIZES))]
    hashes = [bytes.fromhex(each["hash"]) for each in leaves]

    def subtree(low: int, high: int) -> bytes:
        return tree.root(hashes[low:high])

    def path(found: list[bytes]) -> list[str]:
        return [each.hex() for each in found]

    key, size = Ed25519PrivateKey.from_private_bytes(SEED), max(SIZES)
    receipt = {
        "format": "twofold-receipt-1",
        **{name: leaves[3][name] for name in ("transfer", "posted_at", "salt")},
        "index": 3,
        "path": path(tree.inclusion(3, size, subtree)),
        "checkpoint": note.sign(note.body(NAME, size, subtree(0, size)), NAME, key),
    }
    return {
        "private_key": SEED.hex(),
        "verifier": note.verifier(NAME, key.public_key()),
        "leaves": leaves,
        "roots": {str(each): subtree(0, each).hex() for each in SIZES},
        "inclusion": [{"index": i, "size": size, "path": path(tree.inclusion(i, size, subtree))} for i in range(size)],
        "consistency": [
            {"old": old, "new": size, "path": path(tree.consistency(old, size, subtree))} for old in range(1, size + 1)
        ],
        "receipt": receipt | {"marks": verify_receipt.marks(receipt)},
    }


def test_they_are_what_our_code_makes() -> None:
    assert json.loads(FILE.read_text()) == vectors()


def test_they_are_what_a_stranger_accepts() -> None:
    found = json.loads(FILE.read_text())
    result = verify_receipt.check(json.dumps(found["receipt"]), found["verifier"])
    assert result.checkpoint.root.hex() == found["roots"]["7"]
    for each in found["leaves"]:
        hashed = verify_receipt.leaf_hash(each["transfer"], each["posted_at"], bytes.fromhex(each["salt"]))
        assert hashed.hex() == each["hash"]


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n")
