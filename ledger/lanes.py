"""The queue before hot accounts: contention waits its turn instead of burning attempts.

A lane is an empty table to LOCK. LOCK TABLE takes no snapshot, so as the first statement of a serializable transaction
it can wait without costing an attempt; it needs no session state, survives a transaction pooler and lets go at commit.
Accounts queue for some seconds after they cost somebody an attempt; every process learns it from ledger_hot_account.
"""

import time
from collections.abc import Sequence

from django.db import connections

LANES = 16
MANY = 8  # more accounts than this are a batch, which does not use lanes
HOT_SECONDS = 10
FRESH_SECONDS = 1.0  # how old a process's knowledge of hot accounts may be

LEARN = """
INSERT INTO ledger_hot_account AS hot (account_id, wasted_attempts, queued_until)
VALUES (%s, 1, now() + make_interval(secs => %s))
ON CONFLICT (account_id)
DO UPDATE SET wasted_attempts = hot.wasted_attempts + 1, queued_until = excluded.queued_until"""

_known: frozenset[int] = frozenset()
_known_until = 0.0


def hot_accounts() -> frozenset[int]:
    """Ids of the accounts to queue for. Reads `default`, at most once a second a process."""
    global _known, _known_until
    if time.monotonic() >= _known_until:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT account_id FROM ledger_hot_account WHERE queued_until > now()")
            _known = frozenset(row[0] for row in cursor.fetchall())
        _known_until = time.monotonic() + FRESH_SECONDS
    return _known


def note_wasted(accounts: Sequence[int]) -> None:
    """These accounts cost an attempt: queue for them. Written on `default`, so that no rollback takes it back."""
    global _known
    if len(accounts) > MANY:
        return
    with connections["default"].cursor() as cursor:
        for account in sorted(accounts):
            cursor.execute(LEARN, [account, HOT_SECONDS])
    _known |= frozenset(accounts)


def tables_to_lock(accounts: Sequence[int], attempt: int) -> list[str]:
    """In an order that is the same for everybody, lanes before the accounts' table, so that nobody deadlocks."""
    if len(accounts) > MANY:
        # A batch touches too much to win against single payments once it has lost an attempt: it takes the table.
        return ["ledger_account"] if attempt > 1 else []
    hot = hot_accounts()
    return [f"ledger_lane_{lane}" for lane in sorted({account % LANES for account in accounts if account in hot})]


def take_turn(tables: Sequence[str]) -> None:
    """Waits, as the first statement of the transaction and before its snapshot."""
    if tables:
        with connections["serializable"].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
