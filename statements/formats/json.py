"""JSON: everything that proves the statement, for programs. docs/statement-format.md has the names and the proof."""

import json
from datetime import UTC, datetime
from typing import Any

from statements.content import Line, StatementData
from statements.formats.amounts import decimal

FORMAT, SIGNED_FORMAT = "twofold-statement-1", "twofold-signed-statement-1"


compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def render(data: StatementData) -> bytes:
    """One object, names in a fixed order, a line an entry, UTF-8, a line break at its end."""
    head = json.dumps(_statement(data), ensure_ascii=False, indent=2)
    entries = ",\n".join("    " + compact(_entry(line, data.currency)) for line in data.lines)
    listed = f"[\n{entries}\n  ]" if entries else "[]"
    return f'{head[:-2]},\n  "entries": {listed}\n}}\n'.encode()


def signed(data: StatementData) -> str:
    """The same, as one string, with the bank's signature: what verify_receipt.py reads. Of a whole statement."""
    return written({"format": SIGNED_FORMAT, "statement": render(data).decode(), "signature": data.signature})


def written(document: dict[str, Any]) -> str:
    """As the files are that verify_receipt.py reads."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def moment(at: datetime) -> str:
    """RFC 3339, UTC, always six decimals: what a digest is made of."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _statement(data: StatementData) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": str(data.id),
        "kind": "monthly" if data.monthly else "requested",
        "number": data.number,
        "bank": data.bank,
        "holder": data.holder,
        "account": {"id": data.account_id, "number": data.account_number, "currency": data.currency},
        "period": {
            "first_day": data.first_day.isoformat(),
            "last_day": data.last_day.isoformat(),
            "time_zone": str(data.zone),
            "begins": data.begins.isoformat(),
            "ends": data.ends.isoformat(),
        },
        "made_at": moment(data.made_at),
        "first_seq": data.first_seq,
        "last_seq": data.last_seq,
        "opening": _money(data.opening, data.currency) | {"head": data.opening_head.hex()},
        "closing": _money(data.closing, data.currency) | {"head": data.head.hex()},
        "came_in": _money(data.came_in, data.currency),
        "went_out": _money(data.went_out, data.currency),
    }


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"minor": amount, "amount": decimal(amount, currency)}


def _entry(line: Line, currency: str) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "posted_at": moment(line.posted_at),
        "side": line.side,
        "minor": line.amount,
        "amount": decimal(line.amount, currency),
        "balance_after": line.balance_after,
        "transfer": str(line.transfer_id),
        "reference": line.reference,
        "kind": line.kind,
        "name": line.name,
        "handle": line.handle,
        "note": line.memo,
        "fingerprint": line.fingerprint.hex(),
        "digest": line.digest.hex(),
    }
