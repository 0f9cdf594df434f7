"""serializable(): the only way into a SERIALIZABLE transaction, with its retries and the lanes of hot accounts.

`default` is READ COMMITTED, for pages; `serializable` is the same database at SERIALIZABLE, for money. The router
sends every query made inside serializable() to the second, and every other one to the first.
"""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.db import Error, OperationalError, connections, models, transaction
from django.db.models.query import QuerySet, RawQuerySet
from prometheus_client import Counter
from psycopg.pq import TransactionStatus

from ledger import lanes, replication
from ledger.outages import OutcomeUnknown, close_connections, is_unreachable, sqlstate, unknown

ALIAS = "serializable"
ATTEMPTS = 10
FIRST_BACKOFF = 0.010  # seconds; doubles with each attempt
LONGEST_BACKOFF = 0.5  # seconds; nine of them at worst, well under the web server's timeout
RETRIED = {"40001": "serialization failure", "40P01": "deadlock"}

T = TypeVar("T")
log = structlog.get_logger(__name__)
retries = Counter("ledger_retries", "Attempts wasted, by SQLSTATE.", ["sqlstate"])
exhausted = Counter("ledger_exhausted", "Units of work given up after the last attempt.")


class SerializationExhausted(Exception):
    """Every attempt ran into other transactions. Nothing was written."""


@dataclass(slots=True)
class Attempt:
    number: int = 1
    waited: float = 0.0  # seconds slept before this attempt, in all
    on_commit: list[Callable[[], object]] = field(default_factory=list)


_running: ContextVar[Attempt | None] = ContextVar("ledger_running", default=None)


def current_attempt() -> Attempt | None:
    """The attempt under way, None outside serializable()."""
    return _running.get()


class Router:
    """Asks where the code runs, not which model it is."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        if _running.get() is None:
            return "default"
        if not connections[ALIAS].in_atomic_block:
            raise RuntimeError(
                "A query of serializable() ran outside its transaction: in another thread, or after it ended."
            )
        return ALIAS

    db_for_write = db_for_read

    def allow_relation(self, obj1: models.Model, obj2: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != ALIAS


def on_commit(callback: Callable[[], object]) -> None:
    """Runs `callback` once what is under way is committed, outside of it; at once when nothing is.

    A failing callback is logged: the money has moved, whatever happens then.
    """
    attempt = _running.get()
    if attempt is None:
        transaction.on_commit(callback, using="default", robust=True)
    else:
        attempt.on_commit.append(callback)


def serializable(fn: Callable[[], T], queue: Iterable[models.Model | int] = ()) -> T:
    """Runs `fn` in a SERIALIZABLE transaction, up to ATTEMPTS times, and gives back what it returns.

    `fn` must read every row anew, have no effect outside the database, and return values, not querysets or generators.
    `queue`: the accounts it will move, to wait in line for those that are hot.
    Raises SerializationExhausted (nothing was written), OutcomeUnknown, what `fn` raises, and RuntimeError or TypeError
    on misuse.
    """
    if _running.get() is not None:
        raise RuntimeError("serializable() does not nest: it is the outermost, and retries as a whole.")
    if connections["default"].in_atomic_block:
        raise RuntimeError(
            "serializable() does not start inside a transaction on `default`: the two could wait for each other."
        )
    accounts = sorted({account if isinstance(account, int) else account.pk for account in queue})
    waited = 0.0
    for number in range(1, ATTEMPTS + 1):
        attempt = Attempt(number, waited)
        try:
            result = _run(fn, lanes.tables_to_lock(accounts, number), attempt)
        except OperationalError as error:
            waited += _before_retry(error, number, accounts)
        else:
            _run_callbacks(attempt.on_commit)
            return result
    exhausted.inc()
    raise SerializationExhausted(f"gave up after {ATTEMPTS} attempts")


def _run(fn: Callable[[], T], tables: list[str], attempt: Attempt) -> T:
    finished = False
    token = _running.set(attempt)
    try:
        with transaction.atomic(using=ALIAS, durable=True):
            lanes.take_turn(tables)
            result = fn()
            _refuse_lazy(result)
            _refuse_swallowed_error()
            finished = True
    except Error as error:
        if is_unreachable(error):
            close_connections()
            if finished:
                unknown.inc()
                log.error("ledger.commit_answer_lost", attempt=attempt.number)
                raise OutcomeUnknown("the answer to COMMIT was lost") from error
        raise
    finally:
        _running.reset(token)
    replication.require_confirmed(ALIAS)
    return result


def prove_replicated(posted_at: datetime | None = None) -> None:
    """Before money that was found in the books is acknowledged: makes sure that the next primary will have it too.

    Call it after the read, and where it was made: inside serializable() the block's own COMMIT is what has to be
    confirmed then. `posted_at` is the time of the transfer that was read: an old one may be covered already. Raises
    OutcomeUnknown; RuntimeError inside a transaction on `default`, which confirms nothing before it ends.
    """
    if _running.get() is not None:
        replication.write_proof(ALIAS)
    elif connections["default"].in_atomic_block:
        raise RuntimeError("Nothing is proven inside a transaction: only its COMMIT waits for a standby.")
    else:
        replication.prove("default", posted_at)


def _before_retry(error: OperationalError, number: int, accounts: list[int]) -> float:
    """Sleeps as long as the attempt's number asks for and gives back the seconds. Raises what cannot be retried."""
    state = sqlstate(error)
    if state not in RETRIED:
        raise error
    retries.labels(state).inc()
    lanes.note_wasted(accounts)
    # Full jitter, so that those who collided do not meet again.
    pause = random.uniform(0, min(FIRST_BACKOFF * 2 ** (number - 1), LONGEST_BACKOFF)) if number < ATTEMPTS else 0.0
    log.info("ledger.retry", attempt=number, reason=RETRIED[state], pause_ms=round(pause * 1000), accounts=accounts[:8])
    time.sleep(pause)
    return pause


def _refuse_lazy(result: object) -> None:
    if isinstance(result, QuerySet | RawQuerySet | Iterator | AsyncIterator | Awaitable):
        raise TypeError(
            f"serializable() cannot return a {type(result).__name__}: it would run outside the transaction."
        )


def _refuse_swallowed_error() -> None:
    """A transaction that met an error cannot commit: COMMIT would answer ROLLBACK, and nobody would notice."""
    connection = connections[ALIAS]
    failed = connection.connection and connection.connection.info.transaction_status == TransactionStatus.INERROR
    if failed or connection.needs_rollback:
        raise RuntimeError("A database error was swallowed inside serializable(): nothing was written.")


def _run_callbacks(callbacks: list[Callable[[], object]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("ledger.on_commit_failed")
