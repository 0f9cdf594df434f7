"""A receipt's proof: the JSON file and the text of its QR code. docs/log-encoding.md says what is in it."""

import json
import zlib
from typing import Any

from django.db.models import Exists, OuterRef

from ledger.log import proofs
from ledger.log.models import LogCheckpoint, LogLeaf
from ledger.models import Transfer
from statements.formats.json import moment
from verify_receipt import BASE45, QR_PREFIX, marks

FORMAT = "twofold-receipt-1"


class NotYet(Exception):
    """The proof is not there yet: the sentence says what it waits for."""


IN_NO_LOG = "This payment is not in the log yet: that takes a few seconds. Look again in a minute or two."
NOT_SIGNED = "This payment is in the log, which is signed every minute. Look again in a minute or two."


def waits_for(transfer: Transfer) -> str:
    """What its proof waits for; empty when it is there. One query."""
    is_signed = Exists(LogCheckpoint.objects.filter(size__gt=OuterRef("index")))
    leaf = LogLeaf.objects.filter(transfer=transfer).annotate(is_signed=is_signed).first()
    if leaf is None:
        return IN_NO_LOG
    return "" if leaf.is_signed else NOT_SIGNED


def receipt(transfer: Transfer) -> dict[str, Any]:
    """The same whenever it is asked for: with the first checkpoint that has the transfer in it. Raises NotYet."""
    leaf = LogLeaf.objects.filter(transfer=transfer).first()
    if leaf is None:
        raise NotYet(IN_NO_LOG)
    proof = proofs.of(leaf)
    if proof is None:
        raise NotYet(NOT_SIGNED)
    document: dict[str, Any] = {
        "format": FORMAT,
        "transfer": fields(transfer),
        "posted_at": moment(transfer.posted_at),
        "salt": bytes(proof.leaf.salt).hex(),
        "index": proof.leaf.index,
        "path": [each.hex() for each in proof.path],
        "checkpoint": proof.checkpoint.note,
    }
    return document | {"marks": marks(document)}


def fields(transfer: Transfer) -> dict[str, Any]:
    """All that its fingerprint is made from: docs/ledger-encoding.md."""
    named = {
        "id": transfer.pk,
        "debit_account": transfer.debit_account_id,
        "credit_account": transfer.credit_account_id,
        "amount": transfer.amount,
        "currency": transfer.currency,
        "kind": transfer.kind,
        "memo": transfer.memo,
        "initiated_by": transfer.initiated_by_id,
        "reverses": transfer.reverses_id,
        "batch": transfer.batch,
    }
    return {name: value if value is None or isinstance(value, int) else str(value) for name, value in named.items()}


def qr_text(document: dict[str, Any]) -> str:
    """In the 45 characters that take the least room in a QR code (RFC 9285)."""
    plain = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return QR_PREFIX + to_base45(zlib.compress(plain.encode(), 9))


def to_base45(data: bytes) -> str:
    found = []
    for at in range(0, len(data), 2):
        value, length = int.from_bytes(data[at : at + 2], "big"), len(data[at : at + 2]) + 1
        found += [BASE45[value // 45**power % 45] for power in range(length)]
    return "".join(found)
