"""Wrong rows, written by somebody who has switched every rule off: the books as no rule would let them become."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from ledger import verify

RULES = "a rule or right"  # what faults of the rules themselves, not of rows, begin with

EVERY_RULE = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', conrelid::regclass, conname), 1
FROM pg_constraint WHERE conrelid::regclass::text LIKE 'ledger%' AND contype IN ('c', 'u', 'p', 'f')
UNION ALL SELECT format('DROP INDEX %s', i.indexrelid::regclass), 2 FROM pg_index i
WHERE indrelid::regclass::text LIKE 'ledger%' AND indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
UNION ALL SELECT format('ALTER TABLE %s ALTER %I DROP IDENTITY IF EXISTS, ALTER %I DROP NOT NULL', attrelid::regclass, attname, attname), 3
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE attrelid::regclass::text LIKE 'ledger%' AND relkind = 'r' AND attnum > 0 AND attnotnull AND NOT attisdropped
ORDER BY 2, 1"""
# Balances, digests and heads as they would be if all rows were right: what is wrong is then wrong by itself.
REBUILD = """
UPDATE ledger_entry e SET balance_after = s.balance FROM (
  SELECT e.id, sum(CASE WHEN (side = 'debit') = (kind IN ('asset', 'expense')) THEN amount ELSE -amount END)
    OVER (PARTITION BY account_id ORDER BY seq) AS balance
  FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id) s WHERE s.id = e.id;
WITH RECURSIVE body AS (
  SELECT e.*, t.fingerprint, row_number() OVER (PARTITION BY e.account_id ORDER BY seq) AS n
  FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
), chain AS (
  SELECT id, account_id, n, sha256('\\x02'::bytea || decode(repeat('00', 32), 'hex') || fingerprint || int8send(account_id) || int8send(seq)
    || CASE side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END || int8send(amount) || int8send(balance_after)
    || timestamptz_send(posted_at)) AS digest FROM body WHERE n = 1
  UNION ALL
  SELECT b.id, b.account_id, b.n, sha256('\\x02'::bytea || c.digest || b.fingerprint || int8send(b.account_id) || int8send(b.seq)
    || CASE b.side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END || int8send(b.amount) || int8send(b.balance_after)
    || timestamptz_send(b.posted_at)) FROM body b JOIN chain c ON c.account_id = b.account_id AND b.n = c.n + 1
)
UPDATE ledger_entry e SET digest = chain.digest FROM chain WHERE chain.id = e.id;
UPDATE ledger_account a SET head = e.digest, balance = e.balance_after, last_seq = e.seq, last_posted_at = e.posted_at
FROM ledger_entry e WHERE e.account_id = a.id AND e.seq = (SELECT max(seq) FROM ledger_entry WHERE account_id = a.id)
"""


def tamper(statement: str) -> None:
    """As somebody who owns the tables and can switch every rule off."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement)
            assert cursor.rowcount
        finally:
            cursor.execute("SET session_replication_role = origin")


@contextmanager
def no_rules() -> Iterator[None]:
    """Inside it no constraint, unique index or NOT NULL is left; they come back with the rollback."""
    with transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute(EVERY_RULE)
            cursor.execute("; ".join(statement for statement, _ in cursor.fetchall()))
        yield
        transaction.set_rollback(True)


def row_faults() -> dict[str, str]:
    """What is wrong with rows, and the last place where: only what the rows say, not the rules that are gone."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        found = list(verify.faults(cursor))
        cursor.execute("SET LOCAL search_path = public")
    return {fault.what: fault.where for fault in found if not fault.what.startswith(RULES)}


def faults_after(statement: str) -> list[str]:
    """What verify_ledger says in the transaction in which the statement was made; then it is undone."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(statement)
        found = [str(fault) for fault in verify.faults(cursor)]
        transaction.set_rollback(True)
    return found


@contextmanager
def committed(statement: str, undo: str) -> Iterator[None]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement)
    try:
        yield
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute(undo)
