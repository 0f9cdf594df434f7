"""Whether what was committed is safe: on the synchronous standby too, where the server is told to have one.

A wait for the standby that is cut short (by an operator, a pooler, a client) is answered COMMIT all the same, with a
warning; and what is committed on one server alone can be read there by everybody. The warning is heard here, and what
was read is proven here. See docs/adr/0032-safe-commits.md.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import structlog
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from prometheus_client import Counter
from psycopg.errors import Diagnostic

from ledger.outages import NotReplicated, OutcomeUnknown, close_connections, is_unreachable, unknown

PROOF_SECONDS = 5.0  # to wait for a standby, below the web server's 30: a page says then that it is not known yet
# Much longer than any transaction: what was posted so long before a confirmed commit was committed before it.
SETTLED = timedelta(minutes=5)
WAITED_IN = "SyncRepWaitForLSN"  # the one part of the warning that no language setting changes

# Confirmed, it confirms all that was committed before: WAL is one line. Only a commit that writes waits, so it writes a
# message that nobody reads, and nothing where the server has no standby to wait for. A standby answers 25006.
PROOF = """
SELECT clock_timestamp(), CASE
  WHEN pg_is_in_recovery() THEN pg_current_xact_id()::text
  WHEN current_setting('synchronous_standby_names') <> '' THEN pg_logical_emit_message(true, 'ledger', 'proof')::text
END"""

log = structlog.get_logger(__name__)
not_replicated = Counter("ledger_commit_not_replicated", "COMMITs that no standby confirmed, by door.", ["door"])


@dataclass(slots=True)
class Line:
    """What is known of one connection."""

    cut_short: bool = False  # a COMMIT was answered before the standby had it
    confirmed_at: datetime | None = None  # by the server's clock, when a commit began that a standby has confirmed


_lines: WeakKeyDictionary[Any, Line] = WeakKeyDictionary()  # by psycopg's connections


@receiver(connection_created, dispatch_uid="ledger.watch_replication")
def watch(sender: object, connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    if connection.connection in _lines:
        return
    line, door = Line(), connection.alias
    _lines[connection.connection] = line

    def hear(notice: Diagnostic) -> None:
        if notice.source_function == WAITED_IN:
            line.cut_short = True
            not_replicated.labels(door).inc()
            log.error("ledger.commit_not_replicated", door=door)

    connection.connection.add_notice_handler(hear)


def require_confirmed(alias: str) -> None:
    """To be called after a COMMIT. Raises NotReplicated when its wait for the standby was cut short."""
    raw = connections[alias].connection
    if raw is not None and _lines[raw].cut_short:
        _lines[raw].cut_short = False
        unknown.inc()
        close_connections()
        raise NotReplicated("committed, but no standby has confirmed it")


def write_proof(alias: str) -> datetime:
    """Gives the transaction under way something to wait for, and back the server's time."""
    with connections[alias].cursor() as cursor:
        cursor.execute(PROOF)
        now: datetime = cursor.fetchone()[0]
        return now


def prove(alias: str, posted_at: datetime | None) -> None:
    """Waits until a standby has what was read on `alias` just now: a transfer of the time `posted_at`, or anything.

    On the very connection that read it: another one may lead to another server. Nothing is asked for what an earlier
    proof on this connection covers. Raises OutcomeUnknown where no standby confirms it, or nobody answers.
    """
    connection = connections[alias]
    connection.ensure_connection()
    line = _lines[connection.connection]
    if posted_at and line.confirmed_at and posted_at + SETTLED < line.confirmed_at:
        return
    line.cut_short = False  # by an earlier commit, which this one covers
    try:
        with _at_most(PROOF_SECONDS, connection):
            began = write_proof(alias)
            require_confirmed(alias)
    except Error as error:
        if is_unreachable(error):
            close_connections()
        raise OutcomeUnknown("it is in the books of a server that does not answer") from error
    line.confirmed_at = began


@contextmanager
def _at_most(seconds: float, connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Cancels after so many seconds, as no setting of the server's does: its timeouts do not end a wait at COMMIT."""
    raw = connection.connection
    fired = threading.Event()

    def cancel() -> None:
        fired.set()
        with suppress(psycopg.Error):
            raw.cancel_safe(timeout=seconds)

    timer = threading.Timer(seconds, cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if fired.is_set():
            connection.close()  # or it could still hit the next statement
