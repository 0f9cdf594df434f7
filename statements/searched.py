"""Lines made ready to be searched: each wallet's entries in their own order, by the worker (docs/adr/0046).

An account's entries become visible in the order of their `seq`, which is given under its lock. So everything up to the
highest one there is can be taken over at once, and nothing before it appears later.
"""

import json
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Func, TextField

from ledger.references import CROCKFORD
from statements.lines import SYSTEM_NAMES

ACCOUNTS = 5_000  # looked at with one query, by their ids
RANGES = 20  # of so many accounts, looked at in one go while nothing is found to do
BEHIND, EACH, LINES = 100, 1_000, 5_000  # accounts taken over in one go, lines of each of them, and in all

BITS = "('x' || left(translate(t.id::text, '-', ''), 10))::bit(40)::bigint"
LETTERS = " || ".join(f"substr('{CROCKFORD}', 1 + (({BITS} >> {shift}) & 31)::int, 1)" for shift in range(35, -1, -5))


def folded(expression: str) -> str:
    """SQL for a text without accents and in lower case, whatever the database's own locale is.

    In the collation of columns again: by another one no index of theirs is used.
    """
    return f'(lower(public.unaccent(normalize({expression}, NFC)) COLLATE pg_catalog.pg_c_utf8) COLLATE "default")'


class Folded(Func):
    """The same for the ORM."""

    template = folded("(%(expressions)s)")
    output_field = TextField()


CUSTOMER = "u.full_name || ' @' || u.handle"
TEXT = f"""concat_ws(' ', coalesce({CUSTOMER}, %(system_names)s::jsonb ->> o.name, %(bank)s), nullif(t.memo, ''),
    left(reference, 4) || '-' || right(reference, 4), reference)"""
# Entries of wallets as SearchedLine has them, but for `came_in`; the reference with its hyphen and without.
LINE = f"""
SELECT e.account_id, e.seq, o.id AS other_id, e.side = 'credit' AS incoming, e.amount, t.kind,
  {folded(TEXT)} AS text
FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
JOIN ledger_account o ON o.id = CASE e.side WHEN 'debit' THEN t.credit_account_id ELSE t.debit_account_id END
LEFT JOIN accounts_user u ON u.id = o.owner_id CROSS JOIN LATERAL (SELECT {LETTERS} AS reference) r
"""
# Whoever has locked an account's row here takes over what follows; other workers pass it over.
TAKE_OVER = f"""
WITH behind AS MATERIALIZED (
  SELECT a.id, s.seq, s.came_in FROM ledger_account a JOIN statements_searched s ON s.account_id = a.id
  WHERE a.id = ANY (%(accounts)s) AND a.last_seq > s.seq ORDER BY a.id LIMIT {BEHIND} FOR UPDATE OF s SKIP LOCKED
), due AS MATERIALIZED (
  SELECT behind.id, e.seq, behind.came_in FROM behind CROSS JOIN LATERAL (
    SELECT seq FROM ledger_entry WHERE account_id = behind.id AND seq > behind.seq ORDER BY seq LIMIT {EACH}
  ) e ORDER BY behind.id, e.seq LIMIT {LINES}
), taken AS (
  INSERT INTO statements_searched_line (account_id, seq, other_id, incoming, amount, kind, text, came_in)
  SELECT line.*, due.came_in + sum(CASE WHEN incoming THEN amount ELSE 0 END) OVER (PARTITION BY id ORDER BY due.seq)
  FROM due CROSS JOIN LATERAL ({LINE} WHERE e.account_id = due.id AND e.seq = due.seq) line
  RETURNING account_id, seq, came_in
), ends AS (SELECT account_id, max(seq) AS seq, max(came_in) AS came_in, count(*) AS lines FROM taken GROUP BY 1)
UPDATE statements_searched s SET seq = ends.seq, came_in = ends.came_in FROM ends WHERE s.account_id = ends.account_id
RETURNING ends.lines
"""
END = f"SELECT max(id) FROM (SELECT id FROM ledger_account WHERE id > %s ORDER BY id LIMIT {ACCOUNTS}) range"
LOOK = f"""
SELECT a.id, s.account_id IS NULL, s.name IS DISTINCT FROM {CUSTOMER}, a.last_seq > coalesce(s.seq, 0)
FROM ledger_account a JOIN accounts_user u ON u.id = a.owner_id LEFT JOIN statements_searched s ON s.account_id = a.id
WHERE a.id > %s AND a.id <= %s AND (s.name IS DISTINCT FROM {CUSTOMER} OR a.last_seq > s.seq)
"""
BEGIN = """
INSERT INTO statements_searched (account_id, seq, came_in, name) SELECT id, 0, 0, '' FROM unnest(%s) AS new(id)
ON CONFLICT DO NOTHING
"""
# The lines of others that call this account's owner what they are not called any more; each begins with the name.
RENAME = f"""
WITH old AS MATERIALIZED (
  SELECT old.account_id, old.seq FROM statements_searched_line old
  WHERE old.other_id = %(account)s AND NOT starts_with(old.text, {folded("%(name)s")}) LIMIT {LINES}
)
UPDATE statements_searched_line found SET text = line.text
FROM old CROSS JOIN LATERAL ({LINE} WHERE e.account_id = old.account_id AND e.seq = old.seq) line
WHERE found.account_id = old.account_id AND found.seq = old.seq
"""
RENAMED = "UPDATE statements_searched SET name = %(name)s WHERE account_id = %(account)s"
NAME = f"SELECT {CUSTOMER} FROM ledger_account a JOIN accounts_user u ON u.id = a.owner_id WHERE a.id = %s"


class Look(NamedTuple):
    """What is to be done for one account."""

    account: int
    is_new: bool
    has_new_name: bool
    is_behind: bool


class Round:
    """Goes round all wallets by their ids, some thousand with a query. A search looks through the rest by itself.

    Where it is need not outlive the process: whatever a new one finds done it passes over.
    """

    def __init__(self) -> None:
        self.at, self.done = 0, 0

    def __call__(self) -> int:
        """Takes over what is behind in the first range where something is; how many lines that were."""
        for _ in range(RANGES):
            begin, end = self.at, _value(END, [self.at])
            if end is None:
                done, self.at, self.done = self.done, 0, 0
                return done  # not nothing: more of the same may be left
            self.at = end
            if done := self._work(begin, end):
                self.done += done
                return done
        return 0

    def _work(self, begin: int, end: int) -> int:
        looks = [Look(*row) for row in _rows(LOOK, [begin, end])]
        if new := [look.account for look in looks if look.is_new]:
            _do(BEGIN, [new])
        renamed = sum(rename(look.account) for look in looks if look.has_new_name)
        behind = [look.account for look in looks if look.is_behind]
        return renamed + (take_over(behind) if behind else 0)


def take_over(accounts: list[int]) -> int:
    """The next lines of some of these accounts; how many. In one statement: none without the cursor behind it."""
    return sum(lines for (lines,) in _rows(TAKE_OVER, names() | {"accounts": accounts}))


def rename(account: int) -> int:
    """Gives some lines of others the name that their other side has now; how many."""
    name = _value(NAME, [account])
    done = _do(RENAME, names() | {"account": account, "name": name})
    if done < LINES:
        _do(RENAMED, {"account": account, "name": name})
    return done


def names() -> dict[str, Any]:
    """What LINE calls the bank's own accounts."""
    return {"system_names": json.dumps(SYSTEM_NAMES), "bank": settings.SITE_NAME}


def _rows(statement: str, params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _value(statement: str, params: Any) -> Any:
    return _rows(statement, params)[0][0]


def _do(statement: str, params: Any) -> int:
    """How many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


run = Round()
