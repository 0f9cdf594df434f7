"""Statements that no database knows: the formats are pure functions of them."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from statements.content import Line, StatementData

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
PEOPLE = [
    ("Blossom Bakery", "blossom"),
    ("Łukasz Żółw-Ångström", "lukasz"),
    ("山田太郎", "yamada"),
    ("محمد بن علي", "muhammad"),
    ("Bank transfer", ""),
]


def line(seq: int, amount: int, balance_after: int, **changes: object) -> Line:
    values: dict[str, object] = {
        "seq": seq, "posted_at": datetime(2026, 10, 1, 8, 5, 0, 123456, tzinfo=UTC) + timedelta(hours=seq),
        "side": "credit" if amount > 0 else "debit", "amount": amount, "balance_after": balance_after,
        "digest": bytes([seq % 256]) * 32, "transfer_id": UUID(int=seq), "kind": "payment", "memo": "",
        "fingerprint": bytes(32), "reverses": False, "name": "Blossom Bakery", "handle": "blossom",
    }  # fmt: skip
    return Line(**(values | changes))  # type: ignore[arg-type]


def sample(count: int = 12, **changes: object) -> StatementData:
    dice, balance, lines = random.Random(7), 12_50, []
    for seq in range(1, count + 1):
        amount = dice.choice([-640, -320, 2780_00, -1150_00])
        amount = amount if balance + amount >= 0 else 2780_00
        balance += amount
        name, handle = dice.choice(PEOPLE)
        lines.append(line(seq, amount, balance, name=name, handle=handle, memo=dice.choice(["", "Rye loaf"])))
    return of(lines, closing=balance, **changes)


def of(lines: list[Line], **changes: object) -> StatementData:
    plain = StatementData(
        id=UUID("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"), monthly=True, number=7, bank="Twofold", holder="Ada Lovelace",
        account_id=1, account_number="061234567897", currency="EUR", first_day=OCTOBER[0], last_day=OCTOBER[1],
        zone=ZoneInfo("Europe/Berlin"), made_at=datetime(2026, 11, 1, 0, 5, tzinfo=UTC), first_seq=1,
        last_seq=len(lines), opening=12_50, closing=12_50, opening_head=bytes(32), head=bytes(32), lines=tuple(lines),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]
