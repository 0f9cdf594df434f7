"""What is seen only by looking at the books as a whole: what must be unique, what must exist, what must add up."""

from django.contrib.auth import get_user_model

# Before it in the accounts' own order, not by time alone: two transfers may be of the same moment.
REVERSALS = """
SELECT format('transfer %s reverses %s', r.id, o.id), 'a reversal comes before its transfer'
FROM ONLY public.ledger_transfer r JOIN ONLY public.ledger_transfer o ON o.id = r.reverses_id
LEFT JOIN ONLY public.ledger_entry e ON e.transfer_id = r.id AND e.side = 'debit'
LEFT JOIN ONLY public.ledger_entry f ON f.transfer_id = o.id AND f.side = 'credit' AND f.account_id = e.account_id
WHERE r.posted_at < o.posted_at OR e.seq <= f.seq OR r.id = o.reverses_id"""

WHOLE = {
    "a transfer does not have its two entries": """
        SELECT format('transfer %s: %s entries', t.id, count(e.transfer_id))
        FROM ONLY public.ledger_transfer t LEFT JOIN ONLY public.ledger_entry e ON e.transfer_id = t.id
        WHERE (
          SELECT (SELECT count(*) FROM ONLY public.ledger_entry)
              <> (SELECT 2 * count(*) FROM ONLY public.ledger_transfer) OR EXISTS (
            SELECT FROM ONLY public.ledger_transfer t
            LEFT JOIN ONLY public.ledger_entry d ON d.transfer_id = t.id AND d.side = 'debit'
            LEFT JOIN ONLY public.ledger_entry c ON c.transfer_id = t.id AND c.side = 'credit'
            WHERE d.transfer_id IS NULL OR c.transfer_id IS NULL)
        )
        GROUP BY t.id
        HAVING count(e.transfer_id) <> 2 OR (min(e.side), max(e.side)) IS DISTINCT FROM ('credit', 'debit')""",
    "an entry has no account": """
        SELECT format('account %s seq %s transfer %s entry %s', e.account_id, e.seq, e.transfer_id, e.id)
        FROM ONLY public.ledger_entry e LEFT JOIN ONLY public.ledger_account a ON a.id = e.account_id
        WHERE a.id IS NULL""",
    "there are other entries than the accounts count": """
        SELECT format('%s entries, %s counted', entries, counted)
        FROM (SELECT count(*) FROM ONLY public.ledger_entry) AS e(entries),
          (SELECT sum(last_seq) FROM ONLY public.ledger_account) AS a(counted)
        WHERE entries IS DISTINCT FROM coalesce(counted, 0)""",
    "a transfer has no account": """
        SELECT format('transfer %s from %s to %s', t.id, t.debit_account_id, t.credit_account_id)
        FROM ONLY public.ledger_transfer t
        LEFT JOIN ONLY public.ledger_account d ON d.id = t.debit_account_id
        LEFT JOIN ONLY public.ledger_account c ON c.id = t.credit_account_id
        WHERE d.id IS NULL OR c.id IS NULL""",
    "a reversal does not mirror its transfer": """
        SELECT format('transfer %s', r.id) FROM ONLY public.ledger_transfer r
        LEFT JOIN ONLY public.ledger_transfer o ON o.id = r.reverses_id
        WHERE r.reverses_id IS NOT NULL AND (r.amount, r.currency, r.debit_account_id, r.credit_account_id)
          IS DISTINCT FROM (o.amount, o.currency, o.credit_account_id, o.debit_account_id)""",
    "a transfer is reversed more than once": """
        SELECT format('transfer %s: %s times', reverses_id, count(*)) FROM ONLY public.ledger_transfer
        WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1""",
    "a hot account is no account": """
        SELECT format('hot account %s', h.account_id) FROM ONLY public.ledger_hot_account h
        LEFT JOIN ONLY public.ledger_account a ON a.id = h.account_id WHERE a.id IS NULL""",
    # What each change says was there before is what the last one made of it, and what the last one made is there now.
    "an account was changed unseen": """
        SELECT format('account %s: %s', account_id, what) FROM (
          SELECT *, lead(id) OVER w AS next_id, lead(old) OVER w AS next_old FROM ONLY public.ledger_account_change
          WINDOW w AS (PARTITION BY account_id, what ORDER BY id)
        ) AS change LEFT JOIN ONLY public.ledger_account a ON a.id = account_id
        WHERE a.id IS NULL OR new IS DISTINCT FROM CASE WHEN next_id IS NOT NULL THEN next_old
          ELSE CASE what WHEN 'floor' THEN a.floor::text WHEN 'status' THEN a.status WHEN 'name' THEN a.name END END""",
    "the trial balance does not balance": """
        SELECT format('%s debit %s credit %s', currency, sum(greatest(debit, 0)), sum(greatest(-debit, 0)))
        FROM (
          SELECT currency,
            CASE WHEN kind IN ('asset', 'expense') THEN balance::numeric ELSE -balance::numeric END AS debit
          FROM ONLY public.ledger_account
        ) AS signed
        GROUP BY currency HAVING sum(debit) <> 0""",
}
# Table, what must be unique in it, among which rows, and what to call two of them.
UNIQUE = (
    ("ledger_account", "id", "true", "two accounts have one id"),
    ("ledger_account", "number", "true", "two accounts have one number"),
    ("ledger_account", "owner_id, currency", "owner_id IS NOT NULL", "a customer has two wallets of one currency"),
    ("ledger_account", "name, currency", "owner_id IS NULL", "two system accounts have one name"),
    ("ledger_transfer", "id", "true", "two transfers have one id"),
    ("ledger_entry", "id", "true", "two entries have one id"),
    ("ledger_hot_account", "account_id", "true", "an account is hot twice"),
    ("ledger_account_change", "id", "true", "two changes have one id"),
)
# Who must be somebody.
PEOPLE = (
    ("ledger_account", "owner_id", "a wallet's owner is nobody"),
    ("ledger_transfer", "initiated_by_id", "a transfer was initiated by nobody"),
    ("ledger_account_change", "by_id", "a change was made by nobody"),
)


def queries() -> list[str]:
    """Each gives where, and what is wrong there."""
    named = [f"SELECT found.*, $${what}$$ FROM ({query}) AS found" for what, query in WHOLE.items()]
    return named + [_unique(*each) for each in UNIQUE] + [_somebody(*each) for each in PEOPLE]


def _unique(table: str, columns: str, among: str, what: str) -> str:
    if columns == "id":  # the largest tables: counting is quicker than grouping, and enough where all is well
        among = f"(SELECT count(id) <> count(DISTINCT id) FROM ONLY public.{table})"
    return (
        f"SELECT concat_ws(' ', '{table}', {columns}), $${what}$$ FROM ONLY public.{table} WHERE {among}"
        f" GROUP BY {columns} HAVING count(*) > 1"
    )


def _somebody(table: str, column: str, what: str) -> str:
    meta = get_user_model()._meta
    return (
        f"SELECT concat('user ', asked.id), $${what}$$"
        f" FROM (SELECT DISTINCT {column} FROM ONLY public.{table}) AS asked(id)"
        f' LEFT JOIN ONLY public."{meta.db_table}" u ON u."{meta.pk.column}" = asked.id'
        f' WHERE asked.id IS NOT NULL AND u."{meta.pk.column}" IS NULL'
    )
