"""One moment of the books, to read at leisure while payments go on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]


@contextmanager
def snapshot() -> Iterator[CursorWrapper]:
    """A cursor that sees one moment only, reads only, and may take as long as it likes.

    Tables are named with their schema there (`public.ledger_entry`): see `pin`.
    """
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        pin(cursor)
        yield cursor


# No function, operator or table of anybody's own is found by its bare name (pg_temp is named, and last, or PostgreSQL
# looks there first); where a policy would hide rows, reading them is an error; and the same thing is always written the
# same way.
PINNED = {
    "search_path": "pg_catalog, pg_temp",
    "row_security": "off",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "bytea_output": "hex",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
}


def pin(cursor: CursorWrapper) -> None:
    """Until the transaction ends, whatever role, database or server are set to say. RuntimeError outside of one."""
    if not cursor.db.in_atomic_block:
        raise RuntimeError("The books are proven in one transaction: see snapshot().")
    for name, value in PINNED.items():
        cursor.execute(f"SET LOCAL {name} = {value}")


def fetch(cursor: CursorWrapper, query: str, params: Sequence[Any] | None = None) -> list[Row]:
    cursor.execute(query, params)
    rows: list[Row] = cursor.fetchall()
    return rows
