"""Proves the books, or names what is wrong with them.

The work is done by PostgreSQL, set by set, over one snapshot: nothing blocks a payment, and nothing here grows with the
books. Only built-in functions are called, so a changed function of the ledger's own cannot hide anything.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from ledger import reports
from ledger.snapshot import fetch

SLICE = 250_000  # entries read between two signs of progress


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` names the row by its ids."""

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.what}: {self.where}"


def faults(cursor: CursorWrapper, progress: Callable[[int, int], None] = lambda done, of: None) -> Iterator[Fault]:
    """All of them, in no particular order. `progress` hears of the entries done, and of how many there are."""
    yield from _entries(cursor, progress)
    for what, query in WHOLE.items():
        yield from (Fault(what, where) for (where,) in fetch(cursor, query))
    for total in reports.trial_balance():
        if total.debit != total.credit:
            yield Fault(
                "the trial balance does not balance", f"{total.currency} debit {total.debit} credit {total.credit}"
            )


def _entries(cursor: CursorWrapper, progress: Callable[[int, int], None]) -> Iterator[Fault]:
    cursor.execute("SET LOCAL work_mem = '64MB'")  # a slice's sort and hash tables fit
    slices = fetch(cursor, SLICES, [SLICE])
    total, done = sum(int(size) for _, _, size in slices), 0
    for low, high, size in slices:
        for query in (HISTORY, ACCOUNTS):
            for where, *wrong in fetch(cursor, query, [low, high]):
                yield from (Fault(what, where) for what in wrong if what)
        done += int(size)
        progress(done, total)


# Neighbouring accounts with about SLICE entries together.
SLICES = """
SELECT min(id), max(id), sum(last_seq) FROM (
  SELECT id, last_seq, div(sum(last_seq) OVER (ORDER BY id) - last_seq, %s) AS slice FROM ledger_account
) AS numbered GROUP BY slice ORDER BY slice"""

NONE = "'00000000-0000-0000-0000-000000000000'::uuid"


def _text(column: str) -> str:
    return f"int4send(octet_length(convert_to({column}, 'UTF8'))) || convert_to({column}, 'UTF8')"


# docs/ledger-encoding.md, in PostgreSQL's words.
FINGERPRINT = f"""sha256('\\x01'::bytea || uuid_send(t.id)
  || int8send(t.debit_account_id) || int8send(t.credit_account_id) || int8send(t.amount)
  || {_text("t.currency")} || {_text("t.kind")} || {_text("t.memo")}
  || uuid_send(coalesce(t.initiated_by_id, {NONE})) || uuid_send(coalesce(t.reverses_id, {NONE}))
  || uuid_send(coalesce(t.batch, {NONE})))"""
DIGEST = """sha256('\\x02'::bytea || e.previous_digest || t.fingerprint || int8send(e.account_id) || int8send(e.seq)
  || CASE e.side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END
  || int8send(e.amount) || int8send(e.balance_after)
  || timestamptz_send(e.posted_at))"""

# Each entry beside the one before it, its account and its transfer.
HISTORY = f"""
WITH e AS (
  SELECT *, lag(seq, 1, 0::bigint) OVER w AS previous_seq, lag(balance_after, 1, 0::bigint) OVER w AS previous_balance,
    lag(posted_at) OVER w AS previous_time, lag(digest, 1, decode(repeat('00', 32), 'hex')) OVER w AS previous_digest
  FROM ledger_entry WHERE account_id BETWEEN %s AND %s WINDOW w AS (PARTITION BY account_id ORDER BY seq)
), checked AS (
  SELECT format('account %%s seq %%s transfer %%s entry %%s', e.account_id, e.seq, e.transfer_id, e.id) AS where,
    CASE WHEN t.id IS NULL THEN 'an entry has no transfer' END AS orphan,
    CASE WHEN e.account_id <> CASE e.side WHEN 'debit' THEN t.debit_account_id ELSE t.credit_account_id END
      OR e.amount <> t.amount OR e.posted_at <> t.posted_at OR t.currency <> a.currency
      THEN 'an entry is not a leg of its transfer' END AS leg,
    CASE WHEN e.seq <> e.previous_seq + 1
      THEN 'a sequence has a gap or a repeat' END AS sequence,
    CASE WHEN e.balance_after <> e.previous_balance
        + CASE WHEN (e.side = 'debit') = (a.kind IN ('asset', 'expense')) THEN e.amount ELSE -e.amount END
      THEN 'a balance does not follow from the one before' END AS balance,
    CASE WHEN e.posted_at < e.previous_time
      THEN 'an entry is dated before the one before' END AS time,
    CASE WHEN t.id IS NOT NULL AND e.digest IS DISTINCT FROM {DIGEST}
      THEN 'a digest does not follow from the one before' END AS digest,
    CASE WHEN e.side = 'debit' AND t.fingerprint IS DISTINCT FROM {FINGERPRINT}
      THEN 'a transfer has another fingerprint' END AS fingerprint
  FROM e JOIN ledger_account a ON a.id = e.account_id LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
)
SELECT * FROM checked
WHERE coalesce(orphan, leg, sequence, balance, time, digest, fingerprint) IS NOT NULL"""

# Each account beside its last entry.
ACCOUNTS = """
WITH checked AS (
  SELECT format('account %%s', a.id) AS where,
    CASE WHEN (a.balance, a.last_seq) IS DISTINCT FROM (coalesce(e.balance_after, 0), coalesce(e.seq, 0))
      THEN 'an account''s balance is not its last entry''s' END AS balance,
    CASE WHEN (a.head, a.last_posted_at)
        IS DISTINCT FROM (coalesce(e.digest, decode(repeat('00', 32), 'hex')), e.posted_at)
      THEN 'an account''s head is not its last entry''s digest' END AS head,
    CASE WHEN a.balance < a.floor THEN 'an account is below its floor' END AS floor,
    CASE WHEN a.status = 'closed' AND a.balance <> 0 THEN 'a closed account has money on it' END AS closed
  FROM ledger_account a
  LEFT JOIN LATERAL (SELECT * FROM ledger_entry WHERE account_id = a.id ORDER BY seq DESC LIMIT 1) e ON true
  WHERE a.id BETWEEN %s AND %s
)
SELECT * FROM checked WHERE coalesce(balance, head, floor, closed) IS NOT NULL"""

# What is seen only by looking at the books as a whole.
WHOLE = {
    "a transfer does not have its two entries": """
        SELECT format('transfer %s: %s entries', t.id, count(e.id))
        FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING count(e.id) <> 2 OR min(e.side) <> 'credit' OR max(e.side) <> 'debit'""",
    "an entry has no account": """
        SELECT format('account %s seq %s transfer %s entry %s', e.account_id, e.seq, e.transfer_id, e.id)
        FROM ledger_entry e LEFT JOIN ledger_account a ON a.id = e.account_id WHERE a.id IS NULL""",
    "a reversal does not mirror its transfer": """
        SELECT format('transfer %s', r.id) FROM ledger_transfer r
        LEFT JOIN ledger_transfer o ON o.id = r.reverses_id
        WHERE r.reverses_id IS NOT NULL AND (r.amount, r.currency, r.debit_account_id, r.credit_account_id)
          IS DISTINCT FROM (o.amount, o.currency, o.credit_account_id, o.debit_account_id)""",
    "a transfer is reversed more than once": """
        SELECT format('transfer %s: %s times', reverses_id, count(*)) FROM ledger_transfer WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1""",
}
