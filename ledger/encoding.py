"""The canonical bytes of what is hashed: docs/ledger-encoding.md. PostgreSQL writes the same (ledger/sql)."""

import hashlib
from uuid import UUID

TRANSFER = b"\x01"  # the first byte of what is hashed says what it is
ENTRY = b"\x02"
LEAF = b"\x03"
NODE = b"\x04"
NOBODY = UUID(int=0)  # stands for "none": no row can have it


def integer(value: int) -> bytes:
    """Eight bytes, two's complement, most significant first."""
    return value.to_bytes(8, "big", signed=True)


def text(value: str) -> bytes:
    """The length of the UTF-8 bytes as four bytes, most significant first, then the bytes."""
    encoded = value.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def identifier(value: UUID | None) -> bytes:
    """Sixteen bytes; zeros for none."""
    return (value or NOBODY).bytes


def transfer_fingerprint(
    *,
    id: UUID,
    debit: int,
    credit: int,
    amount: int,
    currency: str,
    kind: str,
    memo: str,
    initiated_by: UUID | None,
    reverses: UUID | None,
    batch: UUID | None,
) -> bytes:
    """SHA-256 (32 bytes) of what a transfer says: two requests are the same if it is. Amount in minor units."""
    return hashlib.sha256(
        TRANSFER
        + identifier(id)
        + integer(debit)
        + integer(credit)
        + integer(amount)
        + text(currency)
        + text(kind)
        + text(memo)
        + identifier(initiated_by)
        + identifier(reverses)
        + identifier(batch)
    ).digest()
