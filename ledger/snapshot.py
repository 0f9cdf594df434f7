"""One moment of the books, to read at leisure while payments go on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

Row = tuple[Any, ...]


@contextmanager
def snapshot() -> Iterator[CursorWrapper]:
    """A cursor that sees one moment only, reads only, and may take as long as it likes."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL search_path = pg_catalog, public")
        yield cursor


def fetch(cursor: CursorWrapper, query: str, params: Sequence[Any] | None = None) -> list[Row]:
    cursor.execute(query, params)
    rows: list[Row] = cursor.fetchall()
    return rows
