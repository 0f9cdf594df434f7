"""What came in and went out between any moments, for the same few index probes however much happened between them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from ledger.models import Account

# Before each moment: the balance, and all that had come in by then. The worker has added that up line by line
# (SearchedLine.came_in); what it has not taken over yet is added here.
TOTALS = """
WITH done AS (
  SELECT coalesce(max(seq), 0) AS seq, coalesce(max(came_in), 0) AS came_in
  FROM statements_searched WHERE account_id = %(account)s
)
SELECT coalesce(last.balance_after, 0), CASE
  WHEN last.seq IS NULL THEN 0
  WHEN last.seq <= done.seq THEN
    (SELECT came_in FROM statements_searched_line WHERE account_id = %(account)s AND seq = last.seq)
  ELSE done.came_in + (
    SELECT coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) FROM ledger_entry
    WHERE account_id = %(account)s AND seq > done.seq AND seq <= last.seq)
END
FROM done CROSS JOIN unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS asked (moment, place) LEFT JOIN LATERAL (
  SELECT seq, balance_after FROM ledger_entry WHERE account_id = %(account)s AND posted_at < moment
  ORDER BY posted_at DESC, seq DESC LIMIT 1
) last ON true ORDER BY place
"""


class Sums(NamedTuple):
    """Minor units, neither of them negative."""

    came_in: int
    went_out: int


def between(account: Account, moments: Sequence[datetime]) -> list[Sums]:
    """A wallet's sums from each of the moments to the next one: one fewer than there are moments."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"account": account.pk, "moments": list(moments)})
        totals = [(int(balance), int(came_in)) for balance, came_in in cursor.fetchall()]
    return [
        Sums(came_in - had, came_in - had - balance + earlier)
        for (earlier, had), (balance, came_in) in pairwise(totals)
    ]
