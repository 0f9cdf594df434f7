"""Every rule of the books proven again over every row, whether or not the database still holds it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.utils import CursorWrapper

from ledger.snapshot import Row, fetch
from ledger.verify import each, history, log, whole
from ledger.verify.fault import Fault

INDEXES = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
TABLES = "enable_seqscan"


def faults(cursor: CursorWrapper, progress: Callable[[int, int], None], size: int) -> Iterator[Fault]:
    """`size`: entries read between two signs of progress. The tables must be ordinary ones: see ground.py."""
    cursor.execute("SET LOCAL work_mem = '64MB'")  # a slice's sort and hash tables fit
    yield from _histories(cursor, progress, size)
    yield from _found(cursor, whole.REVERSALS)
    # An index that is damaged may hide rows: what every row must obey is asked of the tables as they lie.
    _use(cursor, {TABLES: "on"} | dict.fromkeys(INDEXES, "off"))
    for query in (*each.queries(), *whole.queries(), *log.QUERIES):
        yield from _found(cursor, query)
    _use(cursor, dict.fromkeys(INDEXES, "on"))


def _histories(cursor: CursorWrapper, progress: Callable[[int, int], None], size: int) -> Iterator[Fault]:
    slices, unreadable = _rows(cursor, history.SLICES, [size])
    yield from unreadable
    total, done = sum(int(entries) for _, _, entries in slices), 0
    for low, high, entries in slices:
        for query in (history.ENTRIES, history.ACCOUNTS):
            yield from _found(cursor, query, [low, high])
        done += int(entries)
        progress(done, total)


def _found(cursor: CursorWrapper, query: str, params: Sequence[Any] | None = None) -> Iterator[Fault]:
    """`query` gives where something is wrong, and then what: one thing or several, some of them NULL."""
    rows, unreadable = _rows(cursor, query, params)
    yield from unreadable
    for where, *wrong in rows:
        yield from (Fault(what, where) for what in wrong if what)


def _rows(cursor: CursorWrapper, query: str, params: Sequence[Any] | None) -> tuple[list[Row], list[Fault]]:
    """A column that is gone, or of a type for which a rule has no meaning, is a fault, and the rest is still asked."""
    try:
        with transaction.atomic(using=cursor.db.alias):
            return fetch(cursor, query, params), []
    except DatabaseError as error:
        if cursor.db.connection is None or cursor.db.connection.closed:
            raise
        return [], [Fault("the rows cannot be proven", " ".join(str(error).split()))]


def _use(cursor: CursorWrapper, ways: dict[str, str]) -> None:
    for name, switch in ways.items():
        cursor.execute(f"SET LOCAL {name} = {switch}")
