"""Each account's history, entry after entry, some accounts at a time."""

# Neighbouring accounts with about so many entries together.
SLICES = """
SELECT min(id), max(id), coalesce(sum(last_seq), 0) FROM (
  SELECT id, last_seq, div(sum(last_seq) OVER (ORDER BY id) - last_seq, %s) AS slice FROM ONLY public.ledger_account
) AS numbered WHERE id IS NOT NULL GROUP BY slice ORDER BY slice"""

LARGEST = 2**63 - 1  # what a bigint holds
# docs/ledger-encoding.md, in PostgreSQL's words.
DIGEST = """sha256('\\x02'::bytea || e.previous_digest || t.fingerprint || int8send(e.account_id) || int8send(e.seq)
  || CASE e.side WHEN 'debit' THEN '\\x44'::bytea ELSE '\\x43'::bytea END
  || int8send(e.amount) || int8send(e.balance_after)
  || timestamptz_send(e.posted_at))"""

# Each entry beside the one before it, its account and its transfer. Numbers may be as large as a bigint holds, and are
# added up as such only where the sum is one too.
ENTRIES = f"""
WITH e AS (
  SELECT *, lag(seq, 1, 0::bigint) OVER w AS previous_seq, lag(balance_after, 1, 0::bigint) OVER w AS previous_balance,
    lag(posted_at) OVER w AS previous_time, lag(digest, 1, decode(repeat('00', 32), 'hex')) OVER w AS previous_digest
  FROM ONLY public.ledger_entry WHERE account_id BETWEEN %s AND %s WINDOW w AS (PARTITION BY account_id ORDER BY seq)
), checked AS (
  SELECT format('account %%s seq %%s transfer %%s entry %%s', e.account_id, e.seq, e.transfer_id, e.id) AS where,
    CASE WHEN t.id IS NULL THEN 'an entry has no transfer' END AS orphan,
    CASE WHEN t.id IS NOT NULL AND (e.account_id IS DISTINCT FROM
        CASE e.side WHEN 'debit' THEN t.debit_account_id WHEN 'credit' THEN t.credit_account_id END
      OR e.amount IS DISTINCT FROM t.amount OR e.posted_at IS DISTINCT FROM t.posted_at
      OR t.currency IS DISTINCT FROM a.currency)
      THEN 'an entry is not a leg of its transfer' END AS leg,
    CASE WHEN e.seq IS DISTINCT FROM CASE WHEN e.previous_seq < {LARGEST} THEN e.previous_seq + 1 END
      THEN 'a sequence has a gap or a repeat' END AS sequence,
    CASE WHEN e.balance_after IS DISTINCT FROM CASE
        WHEN e.previous_balance NOT BETWEEN {-LARGEST // 2} AND {LARGEST // 2}
            OR e.amount NOT BETWEEN {-LARGEST // 2} AND {LARGEST // 2}
          THEN e.previous_balance + CASE WHEN (e.side = 'debit') = (a.kind IN ('asset', 'expense'))
            THEN e.amount::numeric ELSE -e.amount::numeric END
        WHEN (e.side = 'debit') = (a.kind IN ('asset', 'expense')) THEN e.previous_balance + e.amount
        ELSE e.previous_balance - e.amount END
      THEN 'a balance does not follow from the one before' END AS balance,
    CASE WHEN e.posted_at < e.previous_time
      THEN 'an entry is dated before the one before' END AS time,
    CASE WHEN t.id IS NOT NULL AND e.digest IS DISTINCT FROM {DIGEST}
      THEN 'a digest does not follow from the one before' END AS digest
  FROM e JOIN ONLY public.ledger_account a ON a.id = e.account_id
  LEFT JOIN ONLY public.ledger_transfer t ON t.id = e.transfer_id
)
SELECT * FROM checked
WHERE coalesce(orphan, leg, sequence, balance, time, digest) IS NOT NULL"""

# Each account beside its last entry.
ACCOUNTS = """
WITH checked AS (
  SELECT format('account %%s', a.id) AS where,
    CASE WHEN (a.balance, a.last_seq) IS DISTINCT FROM (coalesce(e.balance_after, 0), coalesce(e.seq, 0))
      THEN 'an account''s balance is not its last entry''s' END AS balance,
    CASE WHEN (a.head, a.last_posted_at)
        IS DISTINCT FROM (coalesce(e.digest, decode(repeat('00', 32), 'hex')), e.posted_at)
      THEN 'an account''s head is not its last entry''s digest' END AS head
  FROM ONLY public.ledger_account a LEFT JOIN LATERAL (
    SELECT * FROM ONLY public.ledger_entry WHERE account_id = a.id ORDER BY seq DESC LIMIT 1
  ) e ON true
  WHERE a.id BETWEEN %s AND %s
)
SELECT * FROM checked WHERE coalesce(balance, head) IS NOT NULL"""
