"""The journal in Beancount's format: https://beancount.github.io/docs/beancount_language_syntax.html.

Beancount counts debits as positive and credits as negative, in every account; days are UTC's.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from ledger.currency import major
from ledger.models import DEBIT_NORMAL
from ledger.snapshot import Row, fetch
from ledger.verify.ground import Unsound, require

ROOT = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
PAGE = 10_000  # rows fetched at once
REQUIRED = 8  # columns of an account that are never NULL: the others come of its entries

ACCOUNTS = """
SELECT id, kind, owner_id IS NULL, name, number, currency, balance, opened_at, last_posted_at,
  (SELECT posted_at FROM ONLY public.ledger_entry WHERE account_id = a.id ORDER BY seq LIMIT 1)
FROM ONLY public.ledger_account a WHERE {} ORDER BY id LIMIT %s"""
TRANSFERS = """
SELECT t.posted_at, t.id, t.kind, t.memo, t.amount, t.currency, d.kind, d.owner_id IS NULL, d.name, d.number,
  c.kind, c.owner_id IS NULL, c.name, c.number
FROM ONLY public.ledger_transfer t
JOIN ONLY public.ledger_account d ON d.id = t.debit_account_id
JOIN ONLY public.ledger_account c ON c.id = t.credit_account_id
WHERE {} ORDER BY t.posted_at, t.id LIMIT %s"""

TRANSFERS_OF = """
SELECT t.posted_at, t.id, t.kind, t.memo, t.amount, t.currency, d.kind, d.owner_id IS NULL, d.name, d.number,
  c.kind, c.owner_id IS NULL, c.name, c.number, e.seq
FROM ONLY public.ledger_entry e
JOIN ONLY public.ledger_transfer t ON t.id = e.transfer_id
JOIN ONLY public.ledger_account d ON d.id = t.debit_account_id
JOIN ONLY public.ledger_account c ON c.id = t.credit_account_id
WHERE e.account_id = %s AND e.seq > %s ORDER BY e.seq LIMIT %s"""
OTHERS = "Liabilities:Customers:Others"


def lines(cursor: CursorWrapper) -> Iterator[str]:
    """The file, line by line, of the cursor's snapshot: accounts opened, every transfer, every balance asserted.

    Raises Unsound, and DataError for a time that is no day of a calendar.
    """
    require(cursor)
    yield f'option "title" {quoted(settings.SITE_NAME)}'
    yield from (f"{opening(row)} open {account_name(*row[1:5])} {row[5]}" for row in _accounts(cursor))
    for row in _transfers(cursor):
        yield from _transaction(row, account_name(*row[6:10]), account_name(*row[10:]))
    yield from (_assertion(row) for row in _accounts(cursor) if row[8])


def lines_of(cursor: CursorWrapper, owner: UUID) -> Iterator[str]:
    """The same of one customer's accounts alone. Who was on the other side is theirs: other customers are one account.

    Raises Unsound.
    """
    require(cursor)
    yield f'option "title" {quoted(settings.SITE_NAME)}'
    others: dict[str, date] = {}
    accounts = fetch(cursor, ACCOUNTS.format("owner_id = %s"), [owner, PAGE])
    for account in accounts:
        name = account_name(*account[1:5])
        yield f"{opening(account)} open {name} {account[5]}"
        for row in _transfers_of(cursor, account[0]):
            sides = [name if row[first + 3] == account[4] else _other(row[first : first + 4]) for first in (6, 10)]
            for other in set(sides) - {name}:
                others[other] = min(_day(row[0]), others.get(other, _day(row[0])))
            yield from _transaction(row, *sides)
        if account[8]:
            yield _assertion(account)
    yield from (f"{first} open {other}" for other, first in others.items())


def account_name(kind: str, is_system: bool, name: str, number: str) -> str:
    """Such as Liabilities:Customers:N061234567890 or Assets:Cash:N061234567890."""
    words = re.sub("[^A-Za-z0-9]+", "-", name).strip("-") if is_system else ""
    if not words:
        return f"{ROOT[kind]}:Customers:N{number}"
    return f"{ROOT[kind]}:{words[0].upper()}{words[1:]}:N{number}"  # one name may exist in several currencies


def opening(row: Row) -> date:
    """The day an account was opened, or that of its first entry: opening history may be older."""
    opened_at, first = row[7], row[9]
    return _day(min(opened_at, first) if first else opened_at)


def plain(amount: int, currency: str) -> str:
    return f"{major(amount, currency):f}"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _transaction(row: Row, debit: str, credit: str) -> Iterator[str]:
    posted_at, id, kind, memo, amount, currency = row[:6]
    yield ""
    yield f"{_day(posted_at)} * {quoted(kind)} {quoted(memo)}"
    yield f'  transfer: "{id}"'
    yield f'  posted-at: "{posted_at.astimezone(UTC).isoformat()}"'
    yield f"  {debit}  {plain(amount, currency)} {currency}"
    yield f"  {credit}  {plain(-amount, currency)} {currency}"


def _assertion(row: Row) -> str:
    """Exact, with no tolerance. Beancount asserts it as the day begins: so the day after the last entry's."""
    signed = row[6] if row[1] in DEBIT_NORMAL else -row[6]
    return f"{_day(row[8]) + timedelta(days=1)} balance {account_name(*row[1:5])}  {plain(signed, row[5])} ~ 0 {row[5]}"


def _day(when: datetime) -> date:
    return when.astimezone(UTC).date()


def _accounts(cursor: CursorWrapper) -> Iterator[Row]:
    rows = fetch(cursor, ACCOUNTS.format("true"), [PAGE])
    while rows:
        yield from _complete(rows, REQUIRED)
        rows = fetch(cursor, ACCOUNTS.format("id > %s"), [rows[-1][0], PAGE])


def _transfers(cursor: CursorWrapper) -> Iterator[Row]:
    rows = fetch(cursor, TRANSFERS.format("true"), [PAGE])
    while rows:
        yield from _complete(rows, len(rows[0]))
        rows = fetch(cursor, TRANSFERS.format("(t.posted_at, t.id) > (%s, %s)"), [*rows[-1][:2], PAGE])


def _transfers_of(cursor: CursorWrapper, account: int) -> Iterator[Row]:
    """In the account's own order, by its entries: what other accounts hold costs nothing."""
    seq = 0
    while rows := fetch(cursor, TRANSFERS_OF, [account, seq, PAGE]):
        yield from _complete([row[:-1] for row in rows], len(rows[0]) - 1)
        seq = rows[-1][-1]


def _other(account: Row) -> str:
    """An account of the bank's by its name; whichever customer's as anybody's."""
    return account_name(*account) if account[1] else OTHERS


def _complete(rows: list[Row], required: int) -> Iterator[Row]:
    """Raises Unsound for a row that lacks one of its first `required` values."""
    for row in rows:
        if None in row[:required]:
            raise Unsound("A value of an account or transfer is missing. Run verify_ledger.")
        yield row
